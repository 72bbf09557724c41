//! Checks that the dependency tree is small and does no I/O.

use std::collections::BTreeSet;
use std::process::Command;

/// Returns the crates that it depends on with these features, on any target.
fn crates(features: &str) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--package", env!("CARGO_PKG_NAME"), "--edges", "normal"])
        .args(["--features", features])
        .args(["--target", "all", "--prefix", "none", "--format", "{p}"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

#[test]
fn tree_is_small_without_io() {
    let crates = crates("");
    assert!(crates.contains("http") && crates.contains("serde_json"), "{crates:?}");
    assert!(crates.len() <= 20, "{} crates: {crates:?}", crates.len());
    let doing_io = [
        "async-std",
        "curl",
        "futures-util",
        "getrandom",
        "h2",
        "hyper",
        "libc",
        "mio",
        "native-tls",
        "openssl",
        "polling",
        "rand",
        "reqwest",
        "ring",
        "rustix",
        "rustls",
        "socket2",
        "time",
        "tokio",
        "ureq",
        "windows-sys",
    ];
    for name in doing_io {
        assert!(!crates.contains(name), "{name} is in the tree: {crates:?}");
    }
}

/// A wallet signs without random numbers. `libc` detects features of some processors.
#[test]
fn wallet_needs_no_random_numbers() {
    let (without, with) = (crates(""), crates("wallet"));
    let more: Vec<_> = with.difference(&without).collect();
    assert!(with.contains("k256") && more.len() <= 28, "{} crates: {more:?}", more.len());
    for name in ["getrandom", "rand"] {
        assert!(!with.contains(name), "{name} is in the tree: {with:?}");
    }
}
