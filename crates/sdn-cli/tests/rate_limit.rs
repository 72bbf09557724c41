//! Rate limits at any request of any command.

mod common;

use std::process::Command;

use common::{ACCESS_TOKEN, Ran, answer, bare, run};
use sdn_testkit::script::{ScriptedServer, serve_in_turn};

const ROOM: &str = "!room:node.example";
const ALICE: &str = "alice@example.com";
const ME: &str = r#"{"user_id":"@alice:node.example"}"#;
const OPEN_ID: &str = r#"{"access_token":"oid","token_type":"Bearer","expires_in":3600}"#;
const TOKEN: &str = r#"{"token":"new"}"#;
const TERMS: &str =
    r#"{"policies":{"p":{"version":1,"en-US":{"name":"P","url":"https://id.example/p"}}}}"#;
const UNSIGNED: &str = r#"{"errcode":"M_TERMS_NOT_SIGNED","error":"no"}"#;
const DETAILS: &str = r#"{"algorithms":["sha256"],"lookup_pepper":"matrixrocks"}"#;
const KEY: &str = "Dw9c7m9I2epmukp8VXMtQz9k7C23UzTTxI9kT8EtZ4E";

fn limit(headers: &str) -> String {
    let body = r#"{"errcode":"M_LIMIT_EXCEEDED","error":"No"}"#;
    answer("429 Too Many Requests", headers, body)
}

/// A 403 for terms that are not accepted, and a 200 for everything else.
fn response(body: &str) -> String {
    answer(if body == UNSIGNED { "403 Forbidden" } else { "200 OK" }, "", body)
}

fn serve(responses: &[String]) -> ScriptedServer {
    serve_in_turn(&responses.iter().map(|response| &**response).collect::<Vec<_>>())
}

fn at(server: &ScriptedServer, arguments: &[&str]) -> Command {
    let mut command = bare();
    command.args(arguments).env("SDN_ACCESS_TOKEN", ACCESS_TOKEN).env("SDN_INVITE_KEY", KEY);
    command.args(["--node", &server.base_url(), "--timeout", "10"]);
    if matches!(arguments[0], "invite" | "accept" | "whois" | "create") {
        command.args(["--id-server", "id.example", "--id-server-url", &server.base_url()]);
        command.arg("--accept-terms");
    }
    command
}

#[test]
fn each_request_waits_for_its_turn() {
    let member = r#"{"membership":"invite"}"#;
    let pending = r#"{"display_name":"c","key_validity_url":"https://id.example/v","public_key":"8pgak8t7Ryft5xAuIlcHhereoJ7upIr5ku9i6nawnnM"}"#;
    let signed = r#"{"mxid":"@alice:node.example","sender":"@bob:node.example","token":"tok","signatures":{}}"#;
    let room = r#"{"room_id":"!room:node.example"}"#;
    let alias = r#"{"room_id":"!room:node.example","servers":[]}"#;
    let registration = [ME, OPEN_ID, TOKEN, UNSIGNED, TERMS, "{}", ME];
    let with_registration = |others: &[&'static str]| [&registration, others].concat();
    for (arguments, bodies) in [
        (&["whoami"][..], vec![ME]),
        (&["rooms"], vec![r#"{"joined_rooms":[]}"#]),
        (&["pending", "#lobby:node.example"], vec![alias, "[]"]),
        (&["revoke", ROOM, "tok"], vec![pending, r#"{"event_id":"$e"}"#]),
        (&["revoke", ROOM, "@bob:node.example"], vec![member, "{}"]),
        (&["logout"], vec!["{}"]),
        (&["create", "Name"], vec![room]),
        (&["invite", "#lobby:node.example", "@bob:node.example"], vec![alias, "{}"]),
        (&["invite", ROOM, ALICE], with_registration(&["{}"])),
        (&["whois", ALICE], with_registration(&[DETAILS, r#"{"mappings":{}}"#])),
        (&["accept", ROOM, "tok", "--signed-by-server"], with_registration(&[ME, signed, room])),
    ] {
        let plain: Vec<_> = bodies.iter().map(|body| response(body)).collect();
        let server = serve(&plain);
        let expected = run(&mut at(&server, arguments));
        let output = expected.stdout.replace(&server.base_url(), "URL");
        assert_eq!(expected.status, 0, "{arguments:?}: {expected:?}");
        assert_eq!(server.requests().len(), plain.len(), "{arguments:?}");
        for place in 0..plain.len() {
            let mut limited = plain.clone();
            limited.insert(place, limit("retry-after: 0\r\n"));
            let server = serve(&limited);
            let ran = run(at(&server, arguments).args(["--wait", "5"]));
            assert_eq!(ran.status, 0, "{arguments:?}: {ran:?}");
            assert_eq!(ran.stdout.replace(&server.base_url(), "URL"), output);
            assert_eq!(server.requests().len(), limited.len(), "{arguments:?}");
            let paths = server.requests().iter().map(|it| it.path.clone()).collect::<Vec<_>>();
            assert_eq!(paths[place], paths[place + 1], "the same request follows");
            assert!(ran.stderr.contains("limits the rate; waiting 0 s"), "{ran:?}");
        }
        let server = serve(&[limit("retry-after: 6\r\n")]);
        let ran = run(at(&server, arguments).args(["--wait", "5"]));
        assert_eq!(ran.status, 1, "{arguments:?}: {ran:?}");
        assert_eq!(server.requests().len(), 1, "{arguments:?} waits beyond its budget");
        assert!(!ran.stdout.starts_with("refused"), "{arguments:?}: {ran:?}");
    }
}

#[test]
fn date_counts_from_date_of_response() {
    const THEN: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
    let dated = limit(&format!("retry-after: {THEN}\r\ndate: {THEN}\r\n"));
    let undated = limit(&format!("retry-after: {THEN}\r\n"));
    for invitee in ["@bob:node.example", ALICE] {
        let invite = |responses: &[String]| {
            let server = serve(responses);
            let mut command = at(&server, &["invite", ROOM, invitee, "--wait", "1", "--json"]);
            let ran: Ran = run(command.env("SDN_ID_ACCESS_TOKEN", "id_token"));
            (ran, server.requests().len())
        };
        let (ran, sent) = invite(&[dated.clone(), response("{}")]);
        assert_eq!((ran.status, sent), (0, 2), "{ran:?}");
        // According to this machine's clock, the time is long past.
        let (ran, sent) = invite(&[undated.clone(), response("{}")]);
        assert_eq!((ran.status, sent), (1, 1), "{ran:?}");
        assert!(!ran.stdout.contains("retry_after_ms"), "{ran:?}");
    }
}

#[test]
fn many_addresses_are_split() {
    const COUNT: usize = 10_001;
    let addresses: Vec<_> = (0..COUNT).map(|n| format!("{n}@example.com")).collect();
    let mut responses = vec![response(ME)];
    for part in 0..11 {
        responses.push(response(DETAILS));
        responses.push(match part {
            4 => answer("500 Internal Server Error", "", "<html>"),
            _ => response(r#"{"mappings":{}}"#),
        });
    }
    let server = serve(&responses);
    let mut command = at(&server, &["whois"]);
    let ran = run(command.args(&addresses).env("SDN_ID_ACCESS_TOKEN", "id_token"));
    assert_eq!(ran.status, 1, "{}", ran.stderr);
    let lines: Vec<_> = ran.stdout.lines().collect();
    assert_eq!(lines.len(), COUNT - 1000);
    assert_eq!(
        (lines[3999], lines[4000]),
        ("3999@example.com  nobody", "5000@example.com  nobody")
    );
    let problem = "sdn: ADDRESS 4001 to 5000 were not looked up: the lookup failed: 500";
    assert!(ran.stderr.starts_with(problem), "{}", ran.stderr);
    let requests = server.requests();
    let asked = requests.iter().filter(|request| request.path.ends_with("/lookup"));
    let asked: Vec<usize> = asked
        .map(|request| {
            let body: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
            body["addresses"].as_array().unwrap().len()
        })
        .collect();
    assert_eq!(asked, [&[1000; 10][..], &[1]].concat());
}
