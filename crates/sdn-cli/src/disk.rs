//! What journals and secrets need of the file system.

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions};
use std::io;
use std::path::Path;

use fs4::TryLockError;

/// Returns how a private file is opened. Other users cannot read one that is made.
pub(crate) fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    // Not for appending, because Windows does not cut a file that is open only for that.
    options.read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Creates a folder and those above it, unless they are there. Other users cannot look into one that is made.
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

/// Access is not a matter of a file's mode here.
#[cfg(not(unix))]
pub(crate) fn is_open_to_others(_: &File) -> bool {
    false
}

/// Locks a file until it is closed, unless it is locked.
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

/// The standard library cannot compare files here. Their lengths are compared by the caller.
#[cfg(not(unix))]
pub(crate) fn is_same_file(_: &Metadata, _: &Metadata) -> bool {
    true
}

/// Lets the same users read and write a new file as the old one.
pub(crate) fn keep_access(old: &File, new: &File) -> io::Result<()> {
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
pub(crate) fn sync_directory(path: &Path) -> io::Result<()> {
    let path = fs::canonicalize(path)?;
    let Some(Ok(directory)) = path.parent().map(File::open) else { return Ok(()) };
    directory.sync_all().or_else(|error| match error.kind() {
        io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported => Ok(()),
        _ => Err(error),
    })
}
