//! URLs of other sites than a node or an identity server.

mod common;

use std::process::Command;

use common::{ACCESS_TOKEN, answer, bare, run};
use sdn_testkit::script::serve_always;

const ROOM: &str = "!room:node.example";

fn sdn(arguments: &[&str], url: &str) -> Command {
    let mut command = bare();
    command.args(arguments).args(["--node", url, "--timeout", "10"]);
    command.env("SDN_ACCESS_TOKEN", ACCESS_TOKEN);
    command
}

const COMMANDS: [&[&str]; 5] = [
    &["whoami"],
    &["rooms"],
    &["pending", ROOM],
    &["logout"],
    &["invite", ROOM, "@bob:node.example"],
];

#[test]
fn redirect_names_the_url_to_use() {
    for (location, advice) in [
        (
            "https://matrix.node.example/_api/client/v3/account/whoami",
            "it redirects to https://matrix.node.example/; use that as --node",
        ),
        (
            "https://node.example:8448/sub/_api/x",
            "it redirects to https://node.example:8448/sub/; use that as --node",
        ),
        (
            "https://new.node.example/x",
            "it redirects to https://new.node.example/x/; use that as --node if it is a node",
        ),
        (
            "https://new.node.example",
            "it redirects to https://new.node.example/; use that as --node if it is a node",
        ),
        ("https://a.example/login?next=x", "so this is not a node; check the URL"),
        ("/login", "it redirects to /login, so this is not a node; check the URL"),
        ("http://a.example/_api/x", "it redirects to http://a.example/_api/x, so this is not a"),
    ] {
        for status in ["301 Moved Permanently", "302 Found", "307 Temporary Redirect"] {
            let moved = answer(status, &format!("location: {location}\r\n"), "");
            let server = serve_always(moved);
            for arguments in COMMANDS {
                let ran = run(&mut sdn(arguments, &server.base_url()));
                assert_ne!(ran.status, 0, "{ran:?}");
                assert!(ran.all().contains(advice), "{arguments:?}: {ran:?}");
            }
        }
    }
}

#[test]
fn web_site_is_not_a_node() {
    let page = "<!DOCTYPE html>\n<html><body>Welcome</body></html>";
    for status in ["200 OK", "404 Not Found", "405 Method Not Allowed"] {
        let server = serve_always(answer(status, "content-type: text/html\r\n", page));
        for arguments in COMMANDS {
            let ran = run(&mut sdn(arguments, &server.base_url()));
            assert_ne!(ran.status, 0, "{ran:?}");
            assert!(ran.all().contains("this is a web site, not a node; check the URL"), "{ran:?}");
        }
    }
    // A proxy that has lost its node says nothing about the URL.
    let server = serve_always(answer("502 Bad Gateway", "", page));
    let ran = run(&mut sdn(&["whoami"], &server.base_url()));
    assert!(!ran.all().contains("not a node"), "{ran:?}");
}

#[test]
fn web_site_is_not_an_identity_server() {
    let moved = "location: https://id.example/_api/identity/v2/account\r\n";
    for (response, advice) in [
        (answer("200 OK", "", "<html>"), "this is a web site, not an identity server"),
        (
            answer("302 Found", moved, ""),
            "redirects to https://id.example/; use that as --id-server-url",
        ),
        (
            answer("302 Found", "location: https://id.example/x\r\n", ""),
            "https://id.example/x/; use that as --id-server-url if it is an identity server",
        ),
    ] {
        let server = serve_always(response);
        let mut command = sdn(&["whois", "alice@example.com"], &common::unreachable_url());
        command.args(["--id-server", "id.example", "--id-server-url", &server.base_url()]);
        let ran = run(command.env("SDN_ID_ACCESS_TOKEN", "id_token"));
        assert_eq!(ran.status, 1, "{ran:?}");
        assert!(ran.all().contains(advice), "{ran:?}");
    }
}

#[test]
fn unreachable_identity_server_names_its_options() {
    let url = common::unreachable_url();
    let server = serve_always(answer("200 OK", "", OPENID));
    for command in [&["whois"][..], &["invite", "!a:node.example"]] {
        let mut command = sdn(&[command, &["alice@example.com"]].concat(), &server.base_url());
        command.args(["--id-server", "id.example", "--id-server-url", &url]);
        let ran = run(&mut command);
        assert_eq!(ran.status, 1, "{ran:?}");
        assert!(ran.all().contains("; check --id-server, and give --id-server-url"), "{ran:?}");
    }
}

/// The responses of whoami and of the OpenID request at once.
const OPENID: &str = r#"{"user_id":"@alice:node.example","access_token":"openid","token_type":"Bearer","matrix_server_name":"node.example","sdn_server_name":"node.example","expires_in":3600}"#;

#[test]
fn api_path_in_url_is_rejected() {
    for path in ["_matrix/client", "_api/client", "_matrix", "_api/", "_matrix/client/v3/login"] {
        let ran = run(&mut sdn(&["whoami"], &format!("https://node.example/{path}")));
        assert_eq!(ran.status, 2, "{ran:?}");
        let segment = path.split('/').next().unwrap();
        let problem =
            format!("contains the path of an API; remove /{segment} and everything after it");
        assert!(ran.stderr.contains(&problem), "{ran:?}");
    }
}
