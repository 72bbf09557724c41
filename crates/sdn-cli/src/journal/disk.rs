//! What a journal needs of the file system.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::path::Path;

use fs4::TryLockError;

/// Returns how a journal is opened. It holds addresses, so other users cannot read one that is made.
pub(super) fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    // Not for appending, because Windows does not cut a file that is open only for that.
    options.read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Locks a file until it is closed, unless it is locked.
pub(super) fn lock(file: &File) -> io::Result<()> {
    fs4::FileExt::try_lock(file).map_err(|error| match error {
        TryLockError::WouldBlock => io::ErrorKind::WouldBlock.into(),
        TryLockError::Error(error) => error,
    })
}

#[cfg(unix)]
pub(super) fn is_same_file(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

/// The standard library cannot compare files here. Their lengths are compared by the caller.
#[cfg(not(unix))]
pub(super) fn is_same_file(_: &Metadata, _: &Metadata) -> bool {
    true
}

/// Lets the same users read and write a new file as the old one.
pub(super) fn keep_access(old: &File, new: &File) -> io::Result<()> {
    let (old, made) = (old.metadata()?, new.metadata()?);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, fchown};
        if (old.uid(), old.gid()) != (made.uid(), made.gid()) {
            fchown(new, Some(old.uid()), Some(old.gid()))?;
        }
    }
    if old.permissions() != made.permissions() {
        new.set_permissions(old.permissions())?;
    }
    Ok(())
}

/// Sees the entry of a file in its directory onto the disk, because a power failure could otherwise undo it.
///
/// Where a directory cannot be opened or synced, as on Windows, there is nothing to do.
pub(super) fn sync_directory(path: &Path) -> io::Result<()> {
    let path = fs::canonicalize(path)?;
    let Some(Ok(directory)) = path.parent().map(File::open) else { return Ok(()) };
    directory.sync_all().or_else(|error| match error.kind() {
        io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported => Ok(()),
        _ => Err(error),
    })
}
