//! The `sdn` command, for tests that run it.

use std::env;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

/// Builds the current command, and returns its path.
pub(crate) fn sdn() -> &'static PathBuf {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "-q", "-p", "sdn-cli"]);
        // Cargo's variables about this test's package. If they change, ring is built again.
        let is_own = |name: &str| name.starts_with("CARGO_PKG_") || name == "CARGO_MANIFEST_DIR";
        let names = env::vars_os().filter_map(|(name, _)| name.into_string().ok());
        names.filter(|name| is_own(name)).for_each(|name| {
            cargo.env_remove(name);
        });
        let status = cargo.status().expect("cargo can be run");
        assert!(status.success(), "sdn-cli does not build");
        let test = env::current_exe().expect("a path");
        test.ancestors().nth(2).expect("the folder of the profile").join("sdn")
    })
}
