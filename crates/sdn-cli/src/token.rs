//! Secrets, from the environment or a file. No message here holds one, nor the name of a file: people paste a token there.

use std::env;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use sdn_proto::InvalidInput;

use crate::disk;
use crate::output::tell;

/// What every error about a token ends with.
pub(crate) const WHERE_FROM: &str = "see `sdn help tokens`";

/// What stands for a token that is not to be printed.
pub(crate) const PLACEHOLDER: &str = "[redacted]";

/// More than the longest token and the line break behind it.
const MAX_FILE_BYTES: u64 = 10_000;

/// Where one of the secrets is found.
#[derive(Debug)]
pub(crate) struct Source<'a> {
    pub(crate) name: &'static str,
    pub(crate) variable: &'static str,
    pub(crate) flag: &'static str,
    pub(crate) file: Option<&'a Path>,
    /// What to do when it is missing or bad.
    pub(crate) advice: &'static str,
}

impl Source<'_> {
    /// What to call the source of the secret when something is wrong with it.
    pub(crate) fn place(&self) -> &'static str {
        if self.file.is_some() { self.flag } else { self.variable }
    }

    /// Reads and checks the secret, or says what to do.
    pub(crate) fn read<T>(&self, check: fn(&str) -> Result<T, InvalidInput>) -> Result<T, String> {
        let missing = || {
            let Self { name, flag, advice, .. } = self;
            format!("not set; put the {name} there, or in a file given with {flag}; {advice}")
        };
        self.read_if_set(check)?.ok_or_else(missing)
    }

    /// Reads and checks the secret, if there is one.
    pub(crate) fn read_if_set<T>(
        &self,
        check: fn(&str) -> Result<T, InvalidInput>,
    ) -> Result<Option<T>, String> {
        let problem = |error: InvalidInput| format!("{}; {}", error.rule(), self.advice);
        let check = |text: String| check(&text).map_err(problem);
        self.text()?.map(check).transpose()
    }

    fn text(&self) -> Result<Option<String>, String> {
        let Some(path) = self.file else {
            let text = env::var_os(self.variable).filter(|text| !text.is_empty());
            return Ok(text.map(|text| text.to_string_lossy().into_owned()));
        };
        match self.first_bytes(path) {
            // What is no text is no token either; the check says so.
            Ok(bytes) => {
                let text = String::from_utf8_lossy(&bytes);
                Ok(Some(text.trim_end_matches(['\r', '\n']).to_owned()))
            }
            Err(error) => Err(format!(
                "the file cannot be read ({error}); give one that holds the {}; {}",
                self.name, self.advice
            )),
        }
    }

    fn first_bytes(&self, path: &Path) -> io::Result<Vec<u8>> {
        let file = File::open(path)?;
        if disk::is_open_to_others(&file) {
            let flag = self.flag;
            tell(format_args!("sdn: {flag}: other users can read this file; run chmod 600 on it"));
        }
        let mut bytes = Vec::new();
        file.take(MAX_FILE_BYTES).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}
