//! What this crate brings along: little, and nothing that does I/O.

use std::collections::BTreeSet;
use std::process::Command;

#[test]
fn the_tree_is_small_and_does_no_io() {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--package", env!("CARGO_PKG_NAME"), "--edges", "normal"])
        .args(["--target", "all", "--prefix", "none", "--format", "{p}"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let crates: BTreeSet<_> = text.lines().filter_map(|line| line.split(' ').next()).collect();
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
