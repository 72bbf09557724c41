//! The `sdn` command, which invites people to SDN and Matrix rooms from a shell.

#![allow(rustdoc::bare_urls, reason = "help texts are doc comments, and a terminal shows them")]

mod accept;
mod args;
mod config;
mod connection;
mod create;
mod credentials;
#[cfg(feature = "demo")]
mod demo;
mod disk;
mod drive;
mod exit;
mod failure;
mod identity;
mod input;
mod interrupt;
mod invitation;
mod invite;
mod invitee;
mod journal;
mod link;
mod list;
mod login;
mod logout;
mod manual;
mod node;
#[cfg(feature = "outbox")]
mod outbox;
mod output;
mod pending;
mod progress;
mod prompt;
mod revoke;
mod room;
mod room_id;
mod rooms;
mod terms;
mod token;
mod whoami;
mod whois;
mod xdg;

use std::process::ExitCode;

use args::{Args, Command};
use exit::Exit;
use output::Output;

fn main() -> ExitCode {
    let (Ok(exit) | Err(exit)) = run(Args::read().command, &mut Output::new());
    exit.into()
}

fn run(mut command: Command, output: &mut Output) -> Result<Exit, Exit> {
    config::complete(&mut command)?;
    match command {
        #[cfg(feature = "demo")]
        Command::Demo => demo::run(output),
        Command::Invite(args) => invite::run(&args, output),
        Command::Rooms(args) => rooms::run(&args, output),
        Command::Create(args) => create::run(*args, output),
        #[cfg(feature = "outbox")]
        Command::Work(args) => outbox::work(&args, output),
        #[cfg(feature = "outbox")]
        Command::Journal(args) if args.outbox.outbox.is_some() => outbox::journal(&args, output),
        Command::Journal(args) => journal::run(&args, output),
        Command::Accept(args) => accept::run(&args, output),
        Command::Pending(args) => pending::run(&args, output),
        Command::Revoke(args) => revoke::run(&args, output),
        Command::Whois(args) => whois::run(&args, output),
        Command::Whoami(args) => whoami::run(&args, output),
        Command::Login(args) => login::run(&args, output),
        Command::Logout(args) => logout::run(&args, output),
        Command::Tokens => manual::tokens(output),
        Command::Completions { shell } => manual::completions(shell, output),
        Command::Man { of } => manual::man(of.as_deref(), output),
    }
}
