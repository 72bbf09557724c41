//! Reads and changes the credentials file.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use sdn_proto::{AccessToken, Dialect, InvalidInput, Node, UserId};
use serde::{Deserialize, Serialize};

use super::login::{Login, is_same_server};
use crate::disk;
use crate::output::{printable, report};
use crate::xdg;

const VERSION: u64 = 1;

/// Far more than any file of logins.
const MAX_BYTES: u64 = 1024 * 1024;

/// The file's content.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Content {
    logins: Vec<Entry>,
    version: u64,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    access_token: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    device_id: Option<String>,
    dialect: String,
    node: String,
    user_id: UserId,
}

/// The part that every version of the file has.
#[derive(Deserialize)]
struct Header {
    version: u64,
}

/// Returns the file's path and its logins. There are none if there is no file.
///
/// # Errors
///
/// Returns one line that says what is wrong, and what to do.
pub(crate) fn read() -> Result<(PathBuf, Vec<Login>), String> {
    // Without a home folder there is no file.
    let Some(path) = path() else { return Ok((PathBuf::new(), Vec::new())) };
    let logins = logins(&path).map_err(|problem| at(&path, &problem))?;
    Ok((path, logins))
}

/// Checks that a login can be added. Call it before logging in.
///
/// # Errors
///
/// Returns one line that says what is wrong, and what to do.
pub(crate) fn check() -> Result<(), String> {
    let path = path().ok_or(NO_HOME)?;
    lock(&path)
        .map_err(unwritable)
        .and_then(|_| logins(&path))
        .map_err(|problem| at(&path, &problem))?;
    Ok(())
}

/// Adds a login, which replaces an earlier one of the same user at the same node. Returns the file's
/// path, and whether there was an earlier one.
///
/// # Errors
///
/// Returns one line that says what is wrong, and what to do.
pub(crate) fn add(login: Login) -> Result<(PathBuf, bool), String> {
    let path = path().ok_or(NO_HOME)?;
    let mut is_replaced = false;
    let changed = change(&path, |logins| {
        let count = logins.len();
        logins.retain(|other| !other.is_of_same_user(&login));
        is_replaced = logins.len() < count;
        logins.push(login);
    });
    changed.map_err(|problem| at(&path, &problem))?;
    Ok((path, is_replaced))
}

const NO_HOME: &str = "no home folder is known; set HOME or XDG_STATE_HOME";

/// Removes the login at a node with this token. Returns whether there was one.
///
/// # Errors
///
/// Returns one line that says what is wrong, and what to do.
pub(crate) fn remove(node: &Node, token: &AccessToken) -> Result<bool, String> {
    let Some(path) = path().filter(|path| path.exists()) else { return Ok(false) };
    let mut is_removed = false;
    let changed = change(&path, |logins| {
        let count = logins.len();
        logins.retain(|login| {
            !(is_same_server(&login.node, node) && login.token.expose() == token.expose())
        });
        is_removed = logins.len() < count;
    });
    changed.map_err(|problem| at(&path, &problem))?;
    Ok(is_removed)
}

/// Returns where the file is, unless no home is known.
pub(crate) fn path() -> Option<PathBuf> {
    Some(xdg::state_home()?.join("sdn/credentials.json"))
}

fn at(path: &Path, problem: &str) -> String {
    format!("{}: {problem}", printable(&path.to_string_lossy()))
}

fn logins(path: &Path) -> Result<Vec<Login>, String> {
    let unreadable = |error: io::Error| format!("cannot read the file ({error}); correct that");
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(unreadable(error)),
    };
    if disk::is_open_to_others(&file) {
        let path = printable(&path.to_string_lossy());
        report(format_args!("sdn: {path}: other users can read this file; run chmod 600 on it"));
    }
    let mut bytes = Vec::new();
    file.take(MAX_BYTES).read_to_end(&mut bytes).map_err(unreadable)?;
    parse(&bytes)
}

/// Parses the file. No error repeats what it contains.
fn parse(bytes: &[u8]) -> Result<Vec<Login>, String> {
    let damaged = |error: serde_json::Error| {
        let (line, column) = (error.line(), error.column());
        format!("the file is damaged at line {line}, column {column}; {DAMAGED}")
    };
    let Header { version } = serde_json::from_slice(bytes).map_err(damaged)?;
    if version != VERSION {
        return Err(format!(
            "the file has version {version}, but this sdn supports only version {VERSION}; use a newer sdn"
        ));
    }
    let Content { logins, .. } = serde_json::from_slice(bytes).map_err(damaged)?;
    let logins = logins.into_iter().enumerate().map(|(index, entry)| {
        entry.check().map_err(|error| {
            let number = index + 1;
            format!("the file is damaged: login {number} has an invalid {error}; {DAMAGED}")
        })
    });
    logins.collect()
}

const DAMAGED: &str = "correct it, or remove the file and log in again; see `sdn help tokens`";

impl Entry {
    fn check(self) -> Result<Login, InvalidInput> {
        let dialect: Dialect = self.dialect.parse()?;
        Ok(Login {
            // Whether plain http is allowed is checked when the login is used.
            node: Node::new_insecure(&self.node)?.with_dialect(dialect),
            user_id: self.user_id,
            device_id: self.device_id,
            token: AccessToken::new(&self.access_token)?,
        })
    }

    fn of(login: &Login) -> Self {
        Self {
            access_token: login.token.expose().to_owned(),
            device_id: login.device_id.clone(),
            dialect: login.node.dialect().to_string(),
            node: login.node.to_string(),
            user_id: login.user_id.clone(),
        }
    }
}

/// Changes the logins, under a lock.
fn change(path: &Path, change: impl FnOnce(&mut Vec<Login>)) -> Result<(), String> {
    let _lock = lock(path).map_err(unwritable)?;
    let mut logins = logins(path)?;
    change(&mut logins);
    write(path, &logins).map_err(unwritable)
}

/// Waits until no other process changes the file, and locks it until the returned file is dropped.
fn lock(path: &Path) -> io::Result<File> {
    disk::create_private_folder(path.parent().unwrap_or(Path::new("/")))?;
    // A lock of the file itself would not apply to the file that replaces it.
    let lock = disk::options().create(true).truncate(false).open(path.with_extension("lock"))?;
    fs4::FileExt::lock(&lock)?;
    Ok(lock)
}

fn unwritable(error: io::Error) -> String {
    format!("cannot write the file ({error}); correct that")
}

/// Replaces the file. At any time, its name leads to a complete file.
fn write(path: &Path, logins: &[Login]) -> io::Result<()> {
    let content = Content { logins: logins.iter().map(Entry::of).collect(), version: VERSION };
    let mut json = serde_json::to_vec_pretty(&content).map_err(io::Error::other)?;
    json.push(b'\n');
    // A symbolic link must still point to the file.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let copy = path.with_extension("json.new");
    // A crash may have left a copy.
    fs::remove_file(&copy).or_else(|error| match error.kind() {
        io::ErrorKind::NotFound => Ok(()),
        _ => Err(error),
    })?;
    let written = (|| {
        let mut file = disk::options().create_new(true).open(&copy)?;
        file.write_all(&json)?;
        file.sync_all()?;
        fs::rename(&copy, &path)
    })();
    if written.is_err() {
        let _ = fs::remove_file(&copy);
    }
    written?;
    disk::sync_directory(&path)
}
