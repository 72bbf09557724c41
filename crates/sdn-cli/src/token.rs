//! Secrets from the environment or a file. No message contains a secret or a file's name, because people paste tokens there.

use std::env;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use sdn_proto::InvalidInput;

use crate::disk;
use crate::output::report;

/// What every error about a token ends with.
pub(crate) const WHERE_FROM: &str = "see `sdn help tokens`";

/// The text that replaces a token in printed requests.
pub(crate) const PLACEHOLDER: &str = "[redacted]";

/// More than the longest token and a line break.
const MAX_FILE_BYTES: u64 = 10_000;

/// Where a secret comes from.
#[derive(Debug)]
pub(crate) struct Source<'a> {
    pub(crate) name: &'static str,
    pub(crate) variable: &'static str,
    pub(crate) flag: &'static str,
    pub(crate) file: Option<&'a Path>,
    /// What to do if it is missing or invalid.
    pub(crate) advice: &'static str,
}

impl Source<'_> {
    /// Returns the name of the secret's source, for errors.
    pub(crate) fn place(&self) -> &'static str {
        if self.file.is_some() { self.flag } else { self.variable }
    }

    /// Reads and checks the secret, or says what to do.
    pub(crate) fn read<T>(&self, check: fn(&str) -> Result<T, InvalidInput>) -> Result<T, String> {
        let missing = || {
            let Self { name, flag, advice, .. } = self;
            format!("not set; put the {name} there, or in a file that {flag} names; {advice}")
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
            // Bytes that are not text fail the check.
            Ok(bytes) => {
                let text = String::from_utf8_lossy(&bytes);
                Ok(Some(text.trim_end_matches(['\r', '\n']).to_owned()))
            }
            Err(error) => Err(format!(
                "cannot read the file ({error}); give a file that contains the {}; {}",
                self.name, self.advice
            )),
        }
    }

    fn first_bytes(&self, path: &Path) -> io::Result<Vec<u8>> {
        let file = File::open(path)?;
        if disk::is_open_to_others(&file) {
            let flag = self.flag;
            report(format_args!(
                "sdn: {flag}: other users can read this file; run chmod 600 on it"
            ));
        }
        let mut bytes = Vec::new();
        file.take(MAX_FILE_BYTES).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}
