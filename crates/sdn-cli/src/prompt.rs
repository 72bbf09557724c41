//! Asks the person at the terminal.

use std::io::{self, BufRead, IsTerminal, Read};

use crate::output::report;

/// Asks for a secret, which the terminal does not show. Without a terminal, it returns why it cannot ask.
pub(crate) fn secret(question: &str) -> Result<String, String> {
    let typed = rpassword::prompt_password(format!("{question}: "));
    typed.map_err(|error| format!("there is no terminal to ask on ({error})"))
}

/// Asks for a line of text. Without a terminal, it returns why it cannot ask.
pub(crate) fn line(question: &str) -> Result<String, String> {
    if !io::stdin().is_terminal() {
        return Err("there is no terminal to ask on".to_owned());
    }
    report(format_args!("{question}:"));
    read_line(&mut io::stdin().lock())
}

/// Reads a line of reasonable length, without its line break and the spaces around it.
pub(crate) fn read_line(input: &mut impl BufRead) -> Result<String, String> {
    let mut line = String::new();
    input.by_ref().take(MAX_LINE).read_line(&mut line).map_err(|error| error.to_string())?;
    Ok(line.trim().to_owned())
}

/// More than the longest answer, which is a signature or a name.
const MAX_LINE: u64 = 1024;
