//! Output: results to standard output, everything else to standard error, colours only for people.

use std::fmt::{self, Write as _};
use std::io::{self, Stdout, Write};

use anstream::AutoStream;
pub(crate) use anstyle::AnsiColor as Colour;
use sdn_proto::{Escaped, InviteStatus};
use serde_json::Value;

/// Standard output.
///
/// Unlike `println!`, it does not panic if the reader has closed the pipe.
#[derive(Debug)]
pub(crate) struct Output {
    /// Removes colours unless the terminal and the environment want them.
    lines: AutoStream<Stdout>,
}

impl Output {
    pub(crate) fn new() -> Self {
        Self { lines: anstream::stdout() }
    }

    pub(crate) fn is_terminal(&self) -> bool {
        self.lines.is_terminal()
    }

    /// Writes a line, which may have colours, and flushes it.
    pub(crate) fn line(&mut self, line: &str) -> io::Result<()> {
        self.lines.write_all(format!("{line}\n").as_bytes())?;
        self.lines.flush()
    }

    /// Writes bytes as they are, and flushes them.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut stdout = io::stdout().lock();
        stdout.write_all(bytes)?;
        stdout.flush()
    }
}

/// Returns the status of an invitation as a word, in its colour and with trailing spaces.
pub(crate) fn status_word(status: InviteStatus) -> String {
    let colour = match status {
        InviteStatus::Invited => Colour::Green,
        InviteStatus::Refused | InviteStatus::NotSent => Colour::Red,
        InviteStatus::Unknown => Colour::Yellow,
    };
    paint(colour, &format!("{:<8}", status.as_str().replace('_', " ")))
}

pub(crate) fn paint(colour: Colour, text: &str) -> String {
    let style = colour.on_default();
    format!("{style}{text}{style:#}")
}

/// Prints a line to standard error. A failure is ignored, because there is no other place to report it.
pub(crate) fn report(message: impl fmt::Display) {
    let _ = writeln!(io::stderr().lock(), "{message}");
}

/// Returns a text that is safe for one line of a terminal: escaped, and of limited length.
pub(crate) fn printable(text: &str) -> String {
    format!("{:.512}", Escaped(text))
}

/// Returns one line of JSON: an object of the members that have a value.
pub(crate) fn json_object<const N: usize>(members: [(&str, Option<Value>); N]) -> String {
    let present = members.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?)));
    json_line(&Value::Object(present.collect()))
}

/// Returns a JSON text in one line. Characters that terminals act upon are escaped, although JSON allows them.
fn json_line(value: &Value) -> String {
    let mut line = String::new();
    for c in value.to_string().chars() {
        let is_plain = c != '\u{7f}' && (c.is_ascii() || c.escape_debug().len() == 1);
        if is_plain {
            line.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            // Writing to a string cannot fail.
            let _ = write!(line, "\\u{unit:04x}");
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_line_escapes_control_characters() {
        let value =
            serde_json::json!({ "text": "ü 🦀 \"\u{1b}\u{7f}\u{9b}\u{202e}\u{e0001}\u{2028}\n" });
        let line = json_line(&value);
        assert_eq!(serde_json::from_str::<Value>(&line).unwrap(), value);
        assert_eq!(line, printable(&line));
        assert!(line.contains("ü 🦀"), "{line}");
    }
}
