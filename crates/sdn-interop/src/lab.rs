//! The real servers of a test process.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;
use std::{env, fs};

use crate::http::Http;

/// The servers, while a test process runs.
///
/// If `SDN_INTEROP_RUNNING` is set, they are already running. Otherwise the process starts them,
/// and they end with it.
#[derive(Debug)]
pub struct Lab(());

impl Lab {
    /// Starts the servers, once for each process.
    pub fn start() -> &'static Self {
        static LAB: OnceLock<Lab> = OnceLock::new();
        LAB.get_or_init(|| {
            if env::var_os("SDN_INTEROP_RUNNING").is_none() {
                let script = concat!(env!("CARGO_MANIFEST_DIR"), "/servers/start.sh");
                let owner = std::process::id().to_string();
                let status = Command::new(script).env("SDN_INTEROP_OWNER", owner).status();
                let status = status.expect("the script can be run");
                assert!(status.success(), "the servers did not start");
            }
            Self(())
        })
    }

    /// Returns the folder of the servers' state.
    pub fn run_folder(&self) -> PathBuf {
        let target = env::var_os("CARGO_TARGET_DIR").map_or_else(
            || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../target")),
            PathBuf::from,
        );
        target.join("interop/run")
    }

    /// Returns the certificate of the authority of all servers, as PEM.
    pub fn ca_pem(&self) -> Vec<u8> {
        fs::read(self.run_folder().join("tls/ca.pem")).expect("the servers are running")
    }

    /// Returns a client for setting scenes.
    pub fn http(&self) -> Http {
        Http::new(&self.ca_pem())
    }
}
