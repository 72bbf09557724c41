//! Rewriting a journal of version 1 as version 2.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, Write};
use std::path::Path;

use super::read::Contents;
use super::record::{Header, Record, Version};
use crate::disk;

/// Puts a copy of version 2 in the place of a journal that is open and locked, and returns it, open and locked.
///
/// The name always leads to a whole journal, the old one or the new one, because the copy is on the disk before it gets
/// the name. It is locked before that too, so no other process comes between.
///
/// # Errors
///
/// Also if `check`, which runs last before the copy gets the name, fails.
pub(super) fn rewrite(
    old: &File,
    contents: &Contents,
    path: &Path,
    check: impl FnOnce() -> io::Result<()>,
) -> io::Result<File> {
    // A link goes on leading to the journal.
    let path = fs::canonicalize(path)?;
    let mut copy = path.clone().into_os_string();
    copy.push(".rewriting");
    let copy = Path::new(&copy);
    let replaced = write(old, contents, copy).and_then(|new| {
        check()?;
        fs::rename(copy, &path)?;
        disk::sync_directory(&path)?;
        Ok(new)
    });
    replaced.map_err(|error| {
        let _ = fs::remove_file(copy);
        let name = copy.display();
        io::Error::new(error.kind(), format!("{error}, on the way to version 2 through {name}"))
    })
}

/// Writes the copy, and sees it onto the disk.
pub(super) fn write(mut old: &File, contents: &Contents, copy: &Path) -> io::Result<File> {
    // A crash may have left one.
    fs::remove_file(copy).or_else(|error| match error.kind() {
        io::ErrorKind::NotFound => Ok(()),
        _ => Err(error),
    })?;
    let new = disk::options().create_new(true).open(copy)?;
    disk::lock(&new)?;
    disk::keep_access(old, &new)?;

    old.rewind()?;
    let whole_lines = BufReader::new(old.take(contents.length)).split(b'\n');
    let header = Header { version: Version::Two, ..contents.header.clone() };
    let mut writer = BufWriter::new(&new);
    writeln!(writer, "{}", header.line())?;
    for line in whole_lines.skip(1) {
        let (_, record) = Record::parse(&line?, Version::One)
            .map_err(|_| io::Error::other("it was changed by another program"))?;
        writeln!(writer, "{}", record.line(Version::Two))?;
    }
    writer.flush()?;
    drop(writer);
    new.sync_all()?;
    Ok(new)
}
