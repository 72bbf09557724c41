//! `sdn completions` and `sdn man`, generated from the definition of the arguments.

use clap::Command;
use clap_complete::Shell;
use clap_mangen::Man;

use crate::args::{Args, help};
use crate::exit::Exit;
use crate::output::Output;

pub(crate) fn completions(shell: Shell, output: &mut Output) -> Result<Exit, Exit> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::definition(), "sdn", &mut script);
    print(&script, output)
}

/// Prints the manual page of the command itself, or of one of its subcommands.
pub(crate) fn man(of: Option<&str>, output: &mut Output) -> Result<Exit, Exit> {
    let sdn = Args::definition().disable_help_subcommand(true);
    let command = of.and_then(|name| subcommand(sdn.clone(), name)).unwrap_or(sdn);
    let mut page = Vec::new();
    match Man::new(command).render(&mut page) {
        Ok(()) => print(as_lines(&String::from_utf8_lossy(&page)).as_bytes(), output),
        failed => Exit::Success.unless_unwritten(failed),
    }
}

/// Prints where tokens come from.
pub(crate) fn tokens(output: &mut Output) -> Result<Exit, Exit> {
    Exit::Success.unless_unwritten(output.line(help::TOKENS))
}

/// Keeps the lines of the text below the options as the help has them, because they are tables and examples.
fn as_lines(page: &str) -> String {
    let Some((options, rest)) = page.split_once(".SH EXTRA\n") else { return page.to_owned() };
    let (extra, rest) = rest.split_at(rest.find(".SH ").unwrap_or(rest.len()));
    format!("{options}.SH EXTRA\n.nf\n{extra}.fi\n{rest}")
}

/// Returns a subcommand under its full name, with the options that all commands share.
fn subcommand(mut sdn: Command, name: &str) -> Option<Command> {
    sdn.build();
    let command = sdn.find_subcommand(name)?.clone();
    Some(command.display_name(format!("sdn-{name}")))
}

fn print(bytes: &[u8], output: &mut Output) -> Result<Exit, Exit> {
    Exit::Success.unless_unwritten(output.bytes(bytes))
}
