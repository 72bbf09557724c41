//! File system functions for journals and secrets.

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions};
use std::io;
use std::path::Path;

use fs4::TryLockError;

/// Returns the options to open a private file. Other users cannot read a file created with them.
pub(crate) fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    // Not opened for appending, because Windows cannot truncate such a file.
    options.read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Creates a folder and its parents, if they are missing. Other users cannot read the created folders.
pub(crate) fn create_private_folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(path)
}

/// Returns whether users other than the owner can read or change a file.
#[cfg(unix)]
pub(crate) fn is_open_to_others(file: &File) -> bool {
    use std::os::unix::fs::MetadataExt;
    file.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.mode() & 0o077 != 0)
}

/// Returns `false`, because files have no mode here.
#[cfg(not(unix))]
pub(crate) fn is_open_to_others(_: &File) -> bool {
    false
}

/// Locks a file until it is closed. A locked file is an error.
pub(crate) fn lock(file: &File) -> io::Result<()> {
    fs4::FileExt::try_lock(file).map_err(|error| match error {
        TryLockError::WouldBlock => io::ErrorKind::WouldBlock.into(),
        TryLockError::Error(error) => error,
    })
}

#[cfg(unix)]
pub(crate) fn is_same_file(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

/// Returns `true`, because the standard library cannot compare files here. The caller compares their lengths.
#[cfg(not(unix))]
pub(crate) fn is_same_file(_: &Metadata, _: &Metadata) -> bool {
    true
}

/// Gives a new file the owner and the permissions of the old one.
pub(crate) fn keep_access(old: &File, new: &File) -> io::Result<()> {
    let (old, created) = (old.metadata()?, new.metadata()?);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, fchown};
        if (old.uid(), old.gid()) != (created.uid(), created.gid()) {
            fchown(new, Some(old.uid()), Some(old.gid()))?;
        }
    }
    if old.permissions() != created.permissions() {
        new.set_permissions(old.permissions())?;
    }
    Ok(())
}

/// Writes a file's directory entry to the disk, because a power failure could otherwise undo it.
///
/// Does nothing where a directory cannot be opened or synced, as on Windows.
pub(crate) fn sync_directory(path: &Path) -> io::Result<()> {
    let path = fs::canonicalize(path)?;
    let Some(Ok(directory)) = path.parent().map(File::open) else { return Ok(()) };
    directory.sync_all().or_else(|error| match error.kind() {
        io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported => Ok(()),
        _ => Err(error),
    })
}
