//! Rewriting a journal of version 1 as version 2.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, Write};
use std::path::Path;

use super::read::Contents;
use super::record::{Header, Record, Version};
use crate::disk;

/// Replaces an open and locked journal by a copy of version 2. Returns the copy, open and locked.
///
/// The file is always a complete journal, the old or the new one: the copy is synced to the disk
/// before it is renamed. It is locked before that too, so that no other process can open it first.
///
/// # Errors
///
/// Fails also if `check` fails, which runs right before the copy is renamed.
pub(super) fn rewrite(
    old: &File,
    contents: &Contents,
    path: &Path,
    check: impl FnOnce() -> io::Result<()>,
) -> io::Result<File> {
    // A symbolic link still leads to the journal.
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
        io::Error::new(error.kind(), format!("{error}, while {name} was written as version 2"))
    })
}

/// Writes the copy and syncs it to the disk.
pub(super) fn write(mut old: &File, contents: &Contents, copy: &Path) -> io::Result<File> {
    // A crash may have left an old copy.
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
