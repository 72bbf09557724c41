//! The folders of the XDG Base Directory Specification.

use std::env;
use std::path::PathBuf;

/// Returns the folder for configuration files.
pub(crate) fn config_home() -> Option<PathBuf> {
    home("XDG_CONFIG_HOME", ".config")
}

/// Returns the folder for the state of programs.
pub(crate) fn state_home() -> Option<PathBuf> {
    home("XDG_STATE_HOME", ".local/state")
}

fn home(variable: &str, default: &str) -> Option<PathBuf> {
    // The specification requires that a relative path is ignored.
    let folder = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    folder(variable).or_else(|| Some(folder("HOME")?.join(default)))
}
