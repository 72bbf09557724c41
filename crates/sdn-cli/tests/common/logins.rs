//! Credentials files.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use super::bare;

/// Creates a folder for the test, without logins.
pub(crate) fn state(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("state").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

pub(crate) fn file(state: &Path) -> PathBuf {
    state.join("sdn/credentials.json")
}

/// Returns a command that uses only the logins of this folder.
pub(crate) fn with(state: &Path, arguments: &[&str]) -> Command {
    let mut command = bare();
    command.args(arguments).env("XDG_STATE_HOME", state);
    command
}

/// Returns an entry of an SDN node.
pub(crate) fn login(node: &str, user_id: &str, token: &str) -> Value {
    json!({ "access_token": token, "dialect": "sdn", "node": node, "user_id": user_id })
}

/// Writes the file, readable by its owner only.
pub(crate) fn write(state: &Path, logins: &[Value]) {
    write_text(state, &json!({ "logins": logins, "version": 1 }).to_string());
}

pub(crate) fn write_text(state: &Path, text: &str) {
    fs::create_dir_all(state.join("sdn")).unwrap();
    fs::write(file(state), text).unwrap();
    set_mode(&file(state), 0o600);
}

/// Returns the entries of the file.
pub(crate) fn read(state: &Path) -> Vec<Value> {
    let content: Value = serde_json::from_slice(&fs::read(file(state)).unwrap()).unwrap();
    assert_eq!(content["version"], 1);
    content["logins"].as_array().unwrap().clone()
}

#[cfg(unix)]
pub(crate) fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(not(unix))]
pub(crate) fn set_mode(_: &Path, _: u32) {}
