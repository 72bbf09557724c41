//! The `sdn` command: invitations to SDN and Matrix rooms from a shell.

#![allow(rustdoc::bare_urls, reason = "help texts are doc comments, and a terminal shows them")]

mod accept;
mod args;
mod config;
mod connection;
mod demo;
mod drive;
mod exit;
mod failure;
mod identity;
mod input;
mod interrupt;
mod invite;
mod invitee;
mod journal;
mod manual;
mod output;
mod pending;
mod progress;
mod revoke;
mod terms;
mod token;
mod whoami;
mod whois;

use std::process::ExitCode;

use args::{Args, Command};
use output::Output;

fn main() -> ExitCode {
    let mut args = Args::read();
    let mut output = Output::new();
    if let Err(exit) = config::complete(&mut args.command) {
        return exit.into();
    }
    let exit = match args.command {
        Command::Demo => demo::run(&mut output),
        Command::Invite(args) => invite::run(&args, &mut output),
        Command::Journal(args) => journal::run(&args, &mut output),
        Command::Accept(args) => accept::run(&args, &mut output),
        Command::Pending(args) => pending::run(&args, &mut output),
        Command::Revoke(args) => revoke::run(&args, &mut output),
        Command::Whois(args) => whois::run(&args, &mut output),
        Command::Whoami(args) => whoami::run(&args, &mut output),
        Command::Completions { shell } => manual::completions(shell, &mut output),
        Command::Man { of } => manual::man(of.as_deref(), &mut output),
    };
    exit.into()
}
