//! The rows that `--skip-invalid` skips, in a separate list to correct.

use std::fs;
use std::io::{self, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::disk;

/// Unchanged rows of a list.
#[derive(Debug)]
pub(crate) struct Invalid {
    path: PathBuf,
    pub(super) content: String,
    /// What is wrong with each row.
    problems: Vec<String>,
}

impl Invalid {
    /// Copies rows of the text; the first one may be the header.
    pub(super) fn of(
        list: &Path,
        text: &str,
        rows: impl Iterator<Item = Range<usize>>,
        problems: Vec<String>,
    ) -> Self {
        let mut path = list.as_os_str().to_owned();
        path.push(".invalid.csv");
        let line =
            |range: Range<usize>| format!("{}\n", text[range].trim_end_matches(['\r', '\n']));
        Self { path: path.into(), content: rows.map(line).collect(), problems }
    }

    /// Returns the position of each row and what is wrong with it.
    pub(crate) fn problems(&self) -> &[String] {
        &self.problems
    }

    /// Returns the file of these rows.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Checks that writing the file overwrites nothing, because it may have corrected rows of an
    /// earlier run.
    pub(crate) fn check(&self) -> Result<(), String> {
        match fs::read(&self.path) {
            Ok(content) if content == self.content.as_bytes() => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Ok(_) => {
                Err("has rows of an earlier run; invite from it first, or move it away".to_owned())
            }
            Err(error) => Err(format!("cannot be read ({error}); move the file away")),
        }
    }

    /// Writes the file. Other users cannot read it, because it contains addresses.
    pub(crate) fn write(&self) -> io::Result<()> {
        let mut file = disk::options().create(true).truncate(true).open(&self.path)?;
        file.write_all(self.content.as_bytes())
    }
}
