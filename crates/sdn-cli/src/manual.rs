//! `sdn completions` and `sdn man`: what shells and `man` want to know, made of the arguments themselves.

use clap::{Command, CommandFactory};
use clap_complete::Shell;
use clap_mangen::Man;

use crate::args::Args;
use crate::exit::Exit;
use crate::output::{Output, tell};

pub(crate) fn completions(shell: Shell, output: &mut Output) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "sdn", &mut script);
    print(&script, output)
}

/// The page of the command itself, or of one of its subcommands.
pub(crate) fn man(of: Option<&str>, output: &mut Output) -> Exit {
    let sdn = Args::command().disable_help_subcommand(true);
    let command = match of {
        None => Some(sdn),
        Some(name) => subcommand(sdn, name),
    };
    let Some(command) = command else {
        tell(format_args!("sdn: there is no such subcommand; sdn --help lists them"));
        return Exit::BadInput;
    };
    let mut page = Vec::new();
    match Man::new(command).render(&mut page) {
        Ok(()) => print(&page, output),
        failed => Exit::Success.unless_unwritten(failed),
    }
}

/// A subcommand as it is called, with the options that all share.
fn subcommand(mut sdn: Command, name: &str) -> Option<Command> {
    sdn.build();
    let command = sdn.find_subcommand(name)?.clone();
    Some(command.display_name(format!("sdn-{name}")))
}

fn print(bytes: &[u8], output: &mut Output) -> Exit {
    Exit::Success.unless_unwritten(output.bytes(bytes))
}
