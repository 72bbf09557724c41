//! The rows that `--skip-invalid` leaves out, in a list of their own to correct.

use std::fs;
use std::io::{self, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::disk;

/// Rows of a list, as they are in it.
#[derive(Debug)]
pub(crate) struct Invalid {
    path: PathBuf,
    pub(super) content: String,
    /// What is wrong with each.
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

    /// Returns what is wrong with each row, and where it is.
    pub(crate) fn problems(&self) -> &[String] {
        &self.problems
    }

    /// Returns the file of these rows.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Checks that writing the file loses nothing: somebody may be correcting the rows of an
    /// earlier run.
    pub(crate) fn check(&self) -> Result<(), String> {
        match fs::read(&self.path) {
            Ok(content) if content == self.content.as_bytes() => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Ok(_) => Err("there are other rows in it already; move it away".to_owned()),
            Err(error) => Err(format!("cannot be read ({error}); move it away")),
        }
    }

    /// Writes the file. It has addresses in it, so other users cannot read it.
    pub(crate) fn write(&self) -> io::Result<()> {
        let mut file = disk::options().create(true).truncate(true).open(&self.path)?;
        file.write_all(self.content.as_bytes())
    }
}
