use std::fmt::{self, Write as _};

/// Displays text from a server on one line, with control and invisible characters escaped.
///
/// Such characters could change what a terminal or a log shows. Quotation marks and backslashes
/// stay as they are. A precision limits how many characters of the text are shown; `…` replaces the
/// others.
///
/// ```
/// use sdn_proto::Escaped;
///
/// let text = "Not \"allowed\"\n\u{1b}[2J";
/// assert_eq!(Escaped(text).to_string(), r#"Not "allowed"\n\u{1b}[2J"#);
/// assert_eq!(format!("{:.3}", Escaped(text)), "Not…");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Escaped<'a>(pub &'a str);

/// Displays text as [`Escaped`] does, limited to one line of an error.
pub(crate) struct Show<'a>(pub(crate) &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0.chars();
        for c in rest.by_ref().take(f.precision().unwrap_or(usize::MAX)) {
            match c {
                // `escape_debug` would escape some of these too, but they are harmless.
                ' '..='~' => f.write_char(c)?,
                _ => write!(f, "{}", c.escape_debug())?,
            }
        }
        if rest.next().is_some() { f.write_char('…') } else { Ok(()) }
    }
}

impl fmt::Display for Show<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.512}", Escaped(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escaped_text_is_one_harmless_line() {
        let shown = Escaped("say \"hi\"\r\n\u{1b}[31m\u{202e}\u{9b}\0 für").to_string();
        assert_eq!(shown, "say \"hi\"\\r\\n\\u{1b}[31m\\u{202e}\\u{9b}\\0 für");
    }

    #[test]
    fn precision_limits_characters_of_the_text() {
        assert_eq!(Show(&"é".repeat(513)).to_string(), "é".repeat(512) + "…");
        assert_eq!(format!("{:.1}", Escaped("\n")), "\\n");
    }
}
