//! No output contains a token, however a run ends.

mod common;

use std::fs;
use std::process::Command;

use common::list::{from, journal, list};
use common::logins::{login, state, with, write};
use common::{Ran, answer, bare, invite, run, sdn, unreachable_url};
use sdn_testkit::script::{ScriptedServer, response, serve, serve_in_turn};
use serde_json::json;

/// Every token here contains this word.
const PLANTED: &str = "planted";

fn check(command: &mut Command) -> Ran {
    let ran = run(command);
    assert!(!ran.all().is_empty());
    assert!(!ran.all().contains(PLANTED), "{command:?}: {ran:?}");
    assert!(!ran.all().contains("panicked"), "{ran:?}");
    ran
}

#[test]
fn help_and_version() {
    for arguments in [
        &["--help"][..],
        &["-h"],
        &["invite", "--help"],
        &["help", "invite"],
        &["accept", "--help"],
        &["pending", "--help"],
        &["revoke", "--help"],
        &["whois", "--help"],
        &["whoami", "--help"],
        &["login", "--help"],
        &["logout", "--help"],
        &["rooms", "--help"],
        &["create", "--help"],
        &["tokens"],
        &["--version"],
        &[],
    ] {
        let mut command = sdn();
        command.env("SDN_NODE", "https://u:planted@node.example").env("SDN_ID_SERVER", "planted");
        command.env("SDN_INVITE_KEY", "planted");
        check(command.args(arguments));
    }
    let help = run(sdn().args(["invite", "--help"])).stdout;
    for name in ["SDN_NODE", "SDN_ID_SERVER", "SDN_ACCESS_TOKEN", "SDN_ID_ACCESS_TOKEN"] {
        assert!(help.contains(name), "{name}");
    }
}

#[test]
fn every_outcome() {
    let error = r#"{"errcode":"M_UNKNOWN","error":"no"}"#;
    for answer in [
        answer("200 OK", "", "{}"),
        answer("403 Forbidden", "", error),
        answer("500 Internal Server Error", "", error),
        answer("401 Unauthorized", "www-authenticate: Bearer\r\n", "<html>"),
        answer("302 Found", "location: http://127.0.0.1:1/\r\n", ""),
        answer("200 OK", "", "nonsense"),
        answer("200 OK", "", &"x".repeat(1_000_000)),
        "nonsense\r\n\r\n".to_owned(),
        String::new(),
    ] {
        for option in [&[][..], &["--json"]] {
            let server = serve_in_turn(&[&answer]);
            check(invite(&server.base_url(), &["alice@example.com"]).args(option));
            let received = String::from_utf8(server.received()).unwrap();
            assert!(received.contains(PLANTED), "it was sent");
        }
    }
    check(&mut invite(&unreachable_url(), &["alice@example.com"]));
    check(
        invite("https://node.example", &["alice@example.com"])
            .args(["--dry-run", "--print-requests"]),
    );
}

#[test]
fn bad_tokens_in_every_place() {
    let node = "https://node.example";
    let bad = format!("{PLANTED}\n{PLANTED}");
    let file = format!("{}/planted-token", env!("CARGO_TARGET_TMPDIR"));
    fs::write(&file, &bad).unwrap();
    let long = PLANTED.repeat(2000);
    for token in [bad.as_str(), "planted tökens", &long] {
        check(invite(node, &["a@b"]).env("SDN_ACCESS_TOKEN", token));
        check(invite(node, &["a@b"]).env("SDN_ID_ACCESS_TOKEN", token));
    }
    for flag in ["--access-token-file", "--id-access-token-file"] {
        check(invite(node, &["a@b"]).args([flag, &file]));
        // A token in the place of a file's name.
        check(invite(node, &["a@b"]).args([flag, "syt_planted"]));
        check(invite(node, &["a@b"]).args([flag, &long]));
    }
}

#[test]
fn tokens_where_none_belongs() {
    check(&mut invite("https://node.example", &["syt_planted_1"]));
    check(&mut invite("https://:planted@node.example", &["a@b"]));
    check(bare().args(["invite", "!a:b", "a@b", "--access-token=syt_planted"]));
    check(bare().args(["invite", "!a:b", "a@b", "--id-server", "planted://x"]));
    check(bare().args(["invite", "syt_planted", "a@b"]));
    for arguments in [
        &["syt_planted"][..],
        &["whoami", "syt_planted"],
        &["whoami", "--json=syt_planted"],
        &["whoami", "--token", "syt_planted"],
        &["completions", "syt_planted"],
        &["help", "syt_planted"],
        &["man", "syt_planted"],
        &["journal", "journal", "syt_planted"],
    ] {
        check(bare().args(arguments));
    }
    // A similar option or subcommand is named.
    let ran = run(bare().args(["whoami", "--jsn"]));
    assert!(ran.stderr.contains("'--jsn'") && ran.stderr.contains("'--json'"), "{ran:?}");
}

/// Starts a server that responds to `whoami`, and repeats any other request in its error: unchanged,
/// or as words that do not look like secrets.
fn serve_echo(is_in_words: bool) -> ScriptedServer {
    serve(move |connection| {
        while let Some(request) = connection.request() {
            let path = request.path.as_str();
            let header = request.header("authorization").unwrap_or_default();
            let body = String::from_utf8_lossy(&request.body).into_owned();
            let is_known = path.ends_with("/whoami") || path.ends_with("/v2/account");
            let response = if is_known {
                response("200 OK", r#"{"user_id":"@alice:node.example"}"#)
            } else if is_in_words {
                let echo =
                    format!("{header} {body}").replace(['"', ':'], " ").replace("Bearer", "");
                let error = json!({ "errcode": echo, "error": echo });
                response("403 Forbidden", &error.to_string())
            } else {
                let echo = format!("POST {path} HTTP/1.1\r\nauthorization: {header}\r\n\r\n{body}");
                let error = json!({ "errcode": "M_FORBIDDEN", "error": echo });
                response("403 Forbidden", &error.to_string())
            };
            if connection.write(response).is_err() {
                return;
            }
        }
    })
}

fn check_echo(command: &mut Command) {
    let ran = check(command);
    assert!(ran.all().contains("[redacted]"), "{command:?}: {ran:?}");
}

#[test]
fn echoed_tokens_are_not_printed() {
    for is_in_words in [false, true] {
        let server = serve_echo(is_in_words);
        let url = server.base_url();
        for option in [&[][..], &["--json"]] {
            check_echo(invite(&url, &["@bob:node.example"]).args(option));
            check_echo(invite(&url, &["alice@example.com"]).args(option));
            check_echo(invite(&url, &["alice@example.com"]).args(["--look"]).args(option));
            for arguments in [
                &["pending", "!room:node.example"][..],
                &["revoke", "!room:node.example", "an_invitation"],
                &["whois", "alice@example.com"],
                &["accept", "!room:node.example", "an_invitation", "--signed-by-server"],
            ] {
                let mut command = sdn();
                command.args(arguments).args(["--node", &url]);
                if matches!(arguments[0], "whois" | "accept") {
                    command.args(["--id-server", "id.example", "--id-server-url", &url]);
                }
                // A key is Base64 of 32 bytes.
                command.env("SDN_INVITE_KEY", format!("{PLANTED}{}", "A".repeat(36)));
                check_echo(command.args(option));
            }
        }
        let received = String::from_utf8(server.received()).unwrap();
        assert!(received.contains("/sign-ed25519") && received.contains(PLANTED), "{received}");
    }
}

#[test]
fn echoed_tokens_are_not_in_journal() {
    let server = serve_echo(true);
    let list = list("echo", "alice@example.com\n@bob:node.example\n");
    check_echo(&mut from(&list, &server.base_url()));
    let journal = fs::read_to_string(journal(&list)).unwrap();
    assert!(journal.contains("@bob:node.example") && !journal.contains(PLANTED), "{journal}");
}

#[test]
fn logins_are_not_printed() {
    let server = serve_echo(true);
    let url = server.base_url();
    let state = state("secrets");
    write(&state, &[login(&url, "@alice:node.example", "syt_planted")]);
    for arguments in [
        &["whoami"][..],
        &["rooms"],
        &["rooms", "--user", "@bob:node.example"],
        &["create", "Name"],
        &["create", "Name", "--json"],
        &["pending", "#lobby:node.example"],
        &["revoke", "!room:node.example", "@bob:node.example"],
        &["invite", "!room:node.example", "@bob:node.example"],
        &["invite", "!room:node.example", "@bob:node.example", "--dry-run", "--print-requests"],
        &["logout"],
        &["logout", "--json"],
    ] {
        check(&mut with(&state, arguments));
    }
    let received = String::from_utf8(server.received()).unwrap();
    for path in ["/joined_rooms", "/createRoom", "/directory/room/", "/invite", "/logout"] {
        assert!(received.contains(path), "{path}");
    }
    assert!(received.contains("syt_planted"));
    // A wallet's key in the place of its address.
    let key = "0xplanted00000000000000000000000000000000000000000000000000000000001";
    for arguments in [["invite", "!room:node.example", key], ["revoke", "!room:node.example", key]]
    {
        check(&mut with(&state, &arguments));
    }
}
