//! The `sdn` command: invitations to SDN and Matrix rooms from a shell.

#![allow(rustdoc::bare_urls, reason = "help texts are doc comments, and a terminal shows them")]

mod args;
mod demo;
mod exit;
mod invite;
mod output;

use std::process::ExitCode;

use clap::Parser;

use args::{Args, Command};
use output::Output;

fn main() -> ExitCode {
    let args = Args::parse();
    let mut output = Output::new();
    let exit = match args.command {
        Command::Demo => demo::run(&mut output),
        Command::Invite(args) => invite::run(&args, &mut output),
    };
    exit.into()
}
