//! The dependencies of the command, with and without its features.

use std::collections::BTreeSet;
use std::process::Command;

fn tree(features: &[&str]) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--package", env!("CARGO_PKG_NAME"), "--edges", "normal"])
        .args(["--target", "all", "--prefix", "none", "--format", "{p}"])
        .args(features)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

#[test]
fn only_demo_needs_a_test_server() {
    let (default, without) = (tree(&[]), tree(&["--no-default-features"]));
    assert!(without.contains("sdn-hyper"), "{without:?}");
    for name in ["sdn-testkit", "rcgen"] {
        assert!(default.contains(name), "{name} is missing: {default:?}");
        assert!(!without.contains(name), "{name} is in the tree: {without:?}");
    }
}
