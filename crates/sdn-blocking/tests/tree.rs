//! The dependencies of this crate.

use std::process::Command;

#[test]
fn tree_has_no_async_runtime() {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--package", env!("CARGO_PKG_NAME"), "--edges", "normal"])
        .args(["--features", "tracing", "--target", "all", "--prefix", "none", "--format", "{p}"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let crates: Vec<_> = text.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(crates.contains(&"httparse") && crates.contains(&"rustls"), "{text}");
    // A crate could print tokens through `log`.
    for name in ["async-std", "futures-util", "h2", "hyper", "log", "mio", "smol", "tokio", "ureq"]
    {
        assert!(!crates.contains(&name), "{name} is in the tree:\n{text}");
    }
}
