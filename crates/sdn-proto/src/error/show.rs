use std::fmt::{self, Write as _};

/// Text from a server, made fit for one line: escaped as by [`Escaped`], and its length bounded.
pub(crate) struct Show<'a>(pub(crate) &'a str);

/// Text with its control and invisible characters escaped.
pub(crate) struct Escaped<'a>(pub(crate) &'a str);

const MAX_CHARS: usize = 512;

impl fmt::Display for Show<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.char_indices().nth(MAX_CHARS) {
            Some((end, _)) => write!(f, "{}…", Escaped(&self.0[..end])),
            None => Escaped(self.0).fmt(f),
        }
    }
}

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                // escape_debug would escape these too, and they harm nobody.
                '\'' | '"' | '\\' => f.write_char(c)?,
                _ => write!(f, "{}", c.escape_debug())?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_one_harmless_line() {
        let shown = Show("say \"hi\"\r\n\u{1b}[31m\u{202e}\0 für").to_string();
        assert_eq!(shown, "say \"hi\"\\r\\n\\u{1b}[31m\\u{202e}\\0 für");
    }

    #[test]
    fn it_is_bounded() {
        assert_eq!(Show(&"é".repeat(513)).to_string(), "é".repeat(512) + "…");
    }
}
