//! Tokens, from the environment or a file. No message here holds one, nor the name of a file: people paste a token there.

use std::env;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use sdn_proto::InvalidInput;

/// What stands for a token that is not to be printed.
const PLACEHOLDER: &str = "[redacted]";

/// More than the longest token and the line break behind it.
const MAX_FILE_BYTES: u64 = 10_000;

/// Where one of the tokens is found.
#[derive(Debug)]
pub(super) struct Source<'a> {
    pub(super) name: &'static str,
    pub(super) variable: &'static str,
    pub(super) flag: &'static str,
    pub(super) file: Option<&'a Path>,
}

impl Source<'_> {
    /// What to call the source of the token when something is wrong with it.
    pub(super) fn place(&self) -> &'static str {
        if self.file.is_some() { self.flag } else { self.variable }
    }

    /// Reads and checks the token, or says what to do. `redacted` puts a placeholder in its stead; it may then be missing.
    pub(super) fn read<T>(
        &self,
        redacted: bool,
        check: fn(&str) -> Result<T, InvalidInput>,
    ) -> Result<T, String> {
        let check = |text: &str| check(text).map_err(|error| error.rule().to_string());
        match self.text()? {
            Some(text) => {
                let token = check(&text)?;
                if redacted { check(PLACEHOLDER) } else { Ok(token) }
            }
            None if redacted => check(PLACEHOLDER),
            None => Err(format!(
                "not set; put the {} there, or in a file given with {}",
                self.name, self.flag
            )),
        }
    }

    fn text(&self) -> Result<Option<String>, String> {
        let Some(path) = self.file else {
            let text = env::var_os(self.variable).filter(|text| !text.is_empty());
            return Ok(text.map(|text| text.to_string_lossy().into_owned()));
        };
        match first_bytes(path) {
            // What is no text is no token either; the check says so.
            Ok(bytes) => {
                let text = String::from_utf8_lossy(&bytes);
                Ok(Some(text.trim_end_matches(['\r', '\n']).to_owned()))
            }
            Err(error) => Err(format!(
                "the file cannot be read ({error}); give one that holds the {}",
                self.name
            )),
        }
    }
}

fn first_bytes(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_FILE_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}
