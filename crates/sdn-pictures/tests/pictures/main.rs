//! Whether the pictures of the documentation show what is there now. After looking at the
//! difference: `SDN_BLESS=1 .ci/run pictures`.

mod plots;
mod sequence;
mod states;
#[cfg(unix)]
mod terminal;
mod tiers;

use std::fs;
use std::path::{Path, PathBuf};

/// Returns a path of the repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Reads a text of the repository.
fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Compares a picture of this folder with what it has to show now, or writes it.
fn check(file: &str, svg: &str) {
    check_at(&format!("crates/sdn-pictures/pictures/{file}"), svg);
}

fn check_at(path: &str, svg: &str) {
    if std::env::var_os("SDN_BLESS").is_some() {
        return fs::write(root().join(path), svg).unwrap();
    }
    let kept = fs::read_to_string(root().join(path)).unwrap_or_default();
    let differ = kept.lines().zip(svg.lines()).find(|(kept, now)| kept != now);
    assert!(
        kept == svg,
        "{path} is not current: {differ:#?}\nrun SDN_BLESS=1 .ci/run pictures, and look at it"
    );
}
