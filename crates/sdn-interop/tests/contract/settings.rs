//! Valid and invalid settings, and settings of the environment.

use std::process::Command;

use sdn_testkit::script::{response, serve_always};

use super::try_to_invite;
use crate::Client;

#[test]
fn user_agent_is_sent() {
    let server = serve_always(response("200 OK", "{}"));
    let client = Client::builder().user_agent("inviter/1.0 (test)").unwrap().build();
    try_to_invite(&client, &server.base_url()).unwrap();
    assert_eq!(server.requests()[0].header("user-agent"), Some("inviter/1.0 (test)"));
}

#[test]
fn invalid_user_agent_is_rejected() {
    for text in ["", "  ", "two\r\nlines: x", "tab\t", "Grüße"] {
        let error = Client::builder().user_agent(text).unwrap_err().to_string();
        assert!(error.starts_with("user agent: "), "{error}");
    }
}

#[test]
fn invalid_certificate_is_rejected() {
    let key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let cut = "-----BEGIN CERTIFICATE-----\nAAAA\n";
    for text in ["", "hello", key, broken, cut] {
        let error = Client::builder().add_root_certificate(text).unwrap_err().to_string();
        assert!(error.starts_with("root certificate: "), "{error}");
    }
}

#[test]
fn environment_proxies_are_not_used() {
    // Runs the same test again, in a process where every proxy variable names a port that refuses
    // connections.
    let test = "contract::answers::success_has_exactly_the_calls_headers";
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test]);
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"]
    {
        command.env(name, "http://127.0.0.1:1");
    }
    let output = command.env_remove("NO_PROXY").env_remove("no_proxy").output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}
