//! Lists, their journals, and responses to invitations.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{answer, bare, invite};

/// Creates a folder for the test, with a list in it.
pub(crate) fn list(name: &str, text: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("lists").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let list = folder.join("people.csv");
    fs::write(&list, text).unwrap();
    list
}

pub(crate) fn journal(list: &Path) -> PathBuf {
    list.with_extension("csv.journal")
}

pub(crate) fn from(list: &Path, url: &str) -> Command {
    let mut command = invite(url, &[]);
    command.arg("--from").arg(list);
    command
}

pub(crate) fn yes() -> String {
    answer("200 OK", "", "{}")
}

pub(crate) fn no(status: &str, code: &str) -> String {
    answer(status, "", &format!(r#"{{"errcode":"{code}","error":"No"}}"#))
}

pub(crate) fn decide_in(journal: &Path) -> Command {
    let mut command = bare();
    command.arg("journal").arg(journal);
    command
}

/// Returns a line of a journal of version 2, from its JSON object. Its check value is the CRC-32C of the text before it.
pub(crate) fn checked(object: &str) -> String {
    let before = object.strip_suffix('}').unwrap();
    let mut crc = !0_u32;
    for byte in before.bytes() {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (if crc & 1 == 1 { 0x82f6_3b78 } else { 0 });
        }
    }
    format!("{before},\"check\":\"{:08x}\"}}\n", !crc)
}
