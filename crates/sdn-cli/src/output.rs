//! Writing: results to standard output, everything else to standard error, colours for people only.

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::io::{self, IsTerminal, Write};

use sdn_proto::error::Escaped;
use serde_json::Value;

/// Standard output, and whether it shows colours.
///
/// It is written through this rather than with `println!`, which panics when nobody reads any more.
#[derive(Debug)]
pub(crate) struct Output {
    is_terminal: bool,
    has_colours: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Colour {
    Bold = 1,
    Red = 31,
    Green = 32,
    Yellow = 33,
    Cyan = 36,
}

impl Output {
    pub(crate) fn new() -> Self {
        let is_terminal = io::stdout().is_terminal();
        let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        Self { is_terminal, has_colours: is_terminal && !is_set("NO_COLOR") && !is_dumb }
    }

    pub(crate) fn is_terminal(&self) -> bool {
        self.is_terminal
    }

    pub(crate) fn paint<'a>(&self, colour: Colour, text: &'a str) -> Cow<'a, str> {
        if self.has_colours {
            format!("\u{1b}[{}m{text}\u{1b}[0m", colour as u8).into()
        } else {
            text.into()
        }
    }

    /// Writes a line, and sees it out.
    pub(crate) fn line(&mut self, line: &str) -> io::Result<()> {
        self.bytes(format!("{line}\n").as_bytes())
    }

    /// Writes bytes as they are, and sees them out.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut stdout = io::stdout().lock();
        stdout.write_all(bytes)?;
        stdout.flush()
    }
}

/// Tells people something on standard error. If nobody listens there, there is nobody to tell.
pub(crate) fn tell(message: impl fmt::Display) {
    let _ = writeln!(io::stderr().lock(), "{message}");
}

/// Returns text fit for one line of a terminal: escaped, and of limited length.
pub(crate) fn printable(text: &str) -> String {
    format!("{:.512}", Escaped(text))
}

/// One line of JSON: an object of those members that have a value.
pub(crate) fn json_object<const N: usize>(members: [(&str, Option<Value>); N]) -> String {
    let present = members.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?)));
    json_line(&Value::Object(present.collect()))
}

/// A JSON text in one line, with the characters escaped that JSON allows in strings and terminals act upon.
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
    fn a_json_line_holds_the_same_value_without_what_terminals_act_upon() {
        let value =
            serde_json::json!({ "text": "ü 🦀 \"\u{1b}\u{7f}\u{9b}\u{202e}\u{e0001}\u{2028}\n" });
        let line = json_line(&value);
        assert_eq!(serde_json::from_str::<Value>(&line).unwrap(), value);
        assert_eq!(line, printable(&line));
        assert!(line.contains("ü 🦀"), "{line}");
    }
}
