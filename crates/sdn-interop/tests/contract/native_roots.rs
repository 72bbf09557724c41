//! The machine's certificate authorities.

use std::path::PathBuf;
use std::process::{Command, Output};
use std::{env, fs};

use sdn_testkit::script::{response, serve_tls};

use super::try_to_invite;
use crate::Client;

const URL: &str = "SDN_TEST_URL";

/// Runs this test again, with the machine's certificates in a file.
fn run_with(roots: &PathBuf, url: &str) -> Output {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "contract::native_roots::machines_roots_are_trusted"]);
    command.env("SSL_CERT_FILE", roots).env_remove("SSL_CERT_DIR").env(URL, url);
    command.output().unwrap()
}

#[test]
fn machines_roots_are_trusted() {
    if let Ok(url) = env::var(URL) {
        let client = Client::builder().without_built_in_roots().add_native_roots().unwrap().build();
        try_to_invite(&client, &url).unwrap();
        return;
    }
    let server = serve_tls("localhost", |connection| {
        connection.respond_always(response("200 OK", "{}"));
    });
    let roots = env::temp_dir().join(format!("sdn-roots-{}.pem", std::process::id()));
    for (text, cause) in [
        (server.ca_pem().unwrap(), None),
        (serve_tls("localhost", |_| {}).ca_pem().unwrap(), Some("InvalidCertificate")),
        ("no certificate", Some("the machine has no readable certificate")),
    ] {
        fs::write(&roots, text).unwrap();
        let output = run_with(&roots, &server.base_url());
        let shown = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.success(), cause.is_none(), "{shown}");
        assert!(shown.contains(cause.unwrap_or("1 passed")), "{shown}");
    }
    fs::remove_file(roots).unwrap();
    assert_eq!(server.requests().len(), 1);
}
