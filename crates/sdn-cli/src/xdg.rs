//! Where the XDG Base Directory Specification keeps a user's files.

use std::env;
use std::path::PathBuf;

/// Returns the folder of configuration files.
pub(crate) fn config_home() -> Option<PathBuf> {
    home("XDG_CONFIG_HOME", ".config")
}

/// Returns the folder of what programs remember.
pub(crate) fn state_home() -> Option<PathBuf> {
    home("XDG_STATE_HOME", ".local/state")
}

fn home(variable: &str, default: &str) -> Option<PathBuf> {
    // The specification says to ignore a relative path.
    let folder = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    folder(variable).or_else(|| Some(folder("HOME")?.join(default)))
}
