//! The commands that use an identity server, with a scripted one: the order of the requests, and the
//! output.

mod common;

use std::process::Command;

use common::{ACCESS_TOKEN, Ran, answer, bare, run};
use sdn_testkit::script::{ScriptedServer, serve_in_turn};
use serde_json::{Value, json};

const ROOM: &str = "!room:node.example";
const ALICE: &str = "alice@example.com";
const PHONE: &str = "+1 800 555 2067";
/// The identity server's token. No output may contain it.
const REGISTERED: &str = "planted_registered_token";
const KEY: &str = "Dw9c7m9I2epmukp8VXMtQz9k7C23UzTTxI9kT8EtZ4E";

fn ok(body: &Value) -> String {
    answer("200 OK", "", &body.to_string())
}

fn no(status: &str, code: &str) -> String {
    answer(status, "", &json!({ "errcode": code, "error": "No" }).to_string())
}

fn me() -> String {
    ok(&json!({ "user_id": "@alice:node.example", "device_id": "D" }))
}

fn open_id() -> String {
    ok(&json!({
        "access_token": "planted_open_id", "token_type": "Bearer",
        "matrix_server_name": "node.example", "expires_in": 3600,
    }))
}

fn registered() -> String {
    ok(&json!({ "token": REGISTERED }))
}

fn account() -> String {
    ok(&json!({ "user_id": "@alice:node.example" }))
}

fn unsigned() -> String {
    no("403 Forbidden", "M_TERMS_NOT_SIGNED")
}

fn terms() -> String {
    ok(&json!({ "policies": { "privacy": {
        "version": "1", "en": { "name": "Pri\u{1b}[31mvacy", "url": "https://id.example/privacy" },
    }, "use": {
        "version": "1", "de": { "name": "Nutzung", "url": "https://id.example/nutzung" },
    } } }))
}

fn done() -> String {
    ok(&json!({}))
}

/// Returns a command at a server that is both the node and the identity server `id.example`.
fn at(server: &ScriptedServer, arguments: &[&str]) -> Command {
    let mut command = bare();
    command.args(arguments).env("SDN_ACCESS_TOKEN", ACCESS_TOKEN);
    command.args(["--node", &server.base_url(), "--timeout", "10"]);
    command
}

fn with_identity(server: &ScriptedServer, arguments: &[&str]) -> Command {
    let mut command = at(server, arguments);
    command.args(["--id-server", "id.example", "--id-server-url", &server.base_url()]);
    command
}

/// Returns the received methods and paths. Checks that each request has the right server's token.
fn calls(server: &ScriptedServer) -> Vec<String> {
    let calls = server.requests().into_iter().map(|request| {
        let bearer = request.header("authorization").map(|value| value.replace("Bearer ", ""));
        let is_identity = request.path.contains("/identity/");
        assert!(bearer.is_none_or(|token| (token == ACCESS_TOKEN) != is_identity), "{request:?}");
        format!("{} {}", request.method, request.path.replace("/_api", ""))
    });
    calls.collect()
}

const REGISTRATION: [&str; 4] = [
    "GET /client/v3/account/whoami",
    "POST /client/v3/user/%40alice%3Anode.example/openid/request_token",
    "POST /identity/v2/account/register",
    "GET /identity/v2/account",
];
const INVITE: &str = "POST /client/v3/rooms/!room%3Anode.example/invite";

fn check_secrets(ran: &Ran) {
    let all = ran.all();
    assert!(!all.contains("planted") && !all.contains(KEY), "{ran:?}");
    assert!(!all.contains("panicked") && !all.contains('\u{1b}'), "{ran:?}");
}

#[test]
fn several_invitees_share_one_registration() {
    let server = serve_in_turn(&[&me(), &open_id(), &registered(), &account(), &done(), &done()]);
    let ran = run(&mut with_identity(&server, &["invite", ROOM, ALICE, PHONE]));
    assert_eq!((ran.status, &*ran.stderr), (0, ""), "{ran:?}");
    assert_eq!(ran.stdout, format!("invited   {ALICE}\ninvited   {PHONE}\n"));
    let calls = calls(&server);
    assert_eq!(calls[..4], REGISTRATION);
    assert_eq!(calls[4..], [INVITE, INVITE]);
    check_secrets(&ran);
}

#[test]
fn registration_is_reused_after_refusal() {
    let refused = no("403 Forbidden", "M_FORBIDDEN");
    let server = serve_in_turn(&[&me(), &open_id(), &registered(), &account(), &refused, &done()]);
    let ran = run(&mut with_identity(&server, &["invite", ROOM, ALICE, PHONE]));
    assert_eq!(ran.status, 1, "{ran:?}");
    assert_eq!(calls(&server).len(), 6);
    check_secrets(&ran);
}

#[test]
fn registration_during_invitation_is_reused() {
    let failure = no("500 Internal Server Error", "M_UNKNOWN");
    let rejected = no("401 Unauthorized", "M_UNAUTHORIZED");
    let refused = no("403 Forbidden", "M_FORBIDDEN");
    let server = serve_in_turn(&[
        &failure,
        &rejected,
        &me(),
        &open_id(),
        &registered(),
        &account(),
        &refused,
        &done(),
    ]);
    let mut command = with_identity(&server, &["invite", ROOM, ALICE, PHONE]);
    let ran = run(command.env("SDN_ID_ACCESS_TOKEN", "planted_id"));
    assert_eq!(ran.status, 1, "{ran:?}");
    let requests = server.requests();
    assert_eq!(requests.len(), 8, "{ran:?}");
    assert!(String::from_utf8_lossy(&requests[7].body).contains(REGISTERED));
    check_secrets(&ran);
}

#[test]
fn option_prints_and_accepts_terms() {
    let server = serve_in_turn(&[
        &me(),
        &open_id(),
        &registered(),
        &unsigned(),
        &terms(),
        &done(),
        &account(),
        &done(),
    ]);
    let ran = run(with_identity(&server, &["invite", ROOM, ALICE]).arg("--accept-terms"));
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(ran.stderr.contains("  Pri\\u{1b}[31mvacy: https://id.example/privacy\n"), "{ran:?}");
    assert!(ran.stderr.contains("  Nutzung: https://id.example/nutzung\n"), "{ran:?}");
    let urls = r#"{"user_accepts":["https://id.example/privacy","https://id.example/nutzung"]}"#;
    assert_eq!(server.requests()[5].body, urls);
    check_secrets(&ran);
}

#[test]
fn terms_are_declined_without_terminal() {
    let server = serve_in_turn(&[&me(), &open_id(), &registered(), &unsigned(), &terms(), &done()]);
    let invitees = [ALICE, PHONE, "@bob:node.example"];
    let mut arguments = vec!["invite", ROOM, "--json"];
    arguments.extend(invitees);
    let ran = run(&mut with_identity(&server, &arguments));
    assert_eq!(ran.status, 1, "{ran:?}");
    let lines: Vec<Value> =
        ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let outcomes = lines.iter().map(|line| line["outcome"].as_str().unwrap()).collect::<Vec<_>>();
    assert_eq!(outcomes, ["not_sent", "not_sent", "invited"], "a user ID needs no terms");
    assert!(lines[0]["message"].as_str().unwrap().contains("--accept-terms"), "{lines:?}");
    assert!(ran.stderr.contains("https://id.example/privacy"), "{ran:?}");
    assert_eq!(calls(&server).last().unwrap(), INVITE);
    check_secrets(&ran);
}

#[test]
fn bound_address_names_its_user() {
    let failure = no("500 Internal Server Error", "M_UNKNOWN");
    let details = ok(&json!({ "algorithms": ["sha256"], "lookup_pepper": "matrixrocks" }));
    let found = ok(&json!({ "mappings": {
        "4kenr7N9drpCJ4AfalmlGQVsOn3o2RHjkADUpXJWZUc": "@alice2:node.example",
    } }));
    let server = serve_in_turn(&[&failure, &account(), &details, &found]);
    let mut command = with_identity(&server, &["invite", ROOM, ALICE, "--json"]);
    let ran = run(command.env("SDN_ID_ACCESS_TOKEN", "planted_id"));
    assert_eq!(ran.status, 1, "{ran:?}");
    let line: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(line["diagnosis"], "already_bound");
    assert_eq!(line["user_id"], "@alice2:node.example");
    assert_eq!((&line["outcome"], &line["status"]), (&"refused".into(), &500.into()));
    assert!(line["message"].as_str().unwrap().contains("invite them by user ID"), "{line}");
    check_secrets(&ran);
}

#[test]
fn untrusted_identity_server_stops_addresses() {
    let untrusted = no("400 Bad Request", "M_SERVER_NOT_TRUSTED");
    let invitees = [ALICE, PHONE, "@bob:node.example"];
    for json in [false, true] {
        let server = serve_in_turn(&[&untrusted, &done()]);
        let mut command = with_identity(&server, &["invite", ROOM]);
        command.args(invitees).args(json.then_some("--json"));
        let ran = run(command.env("SDN_ID_ACCESS_TOKEN", "planted_id"));
        assert_eq!(ran.status, 1, "{ran:?}");
        assert_eq!(calls(&server), [INVITE, INVITE], "the next address would be refused too");
        let lines: Vec<&str> = ran.stdout.lines().collect();
        assert!(lines[0].contains("only the node's operator can change that"), "{lines:?}");
        assert!(lines[1].contains("skipped: the node does not trust the identity"), "{lines:?}");
        if json {
            let line: Value = serde_json::from_str(lines[0]).unwrap();
            assert_eq!(line["diagnosis"], "server_not_trusted");
            assert_eq!(line["errcode"], "M_SERVER_NOT_TRUSTED");
            assert_eq!(line["outcome"], "refused");
        }
        check_secrets(&ran);
    }
}

#[test]
fn missing_consent_names_the_page() {
    let body = json!({
        "errcode": "M_CONSENT_NOT_GIVEN", "error": "No",
        "consent_uri": "https://node.example/consent?u=1\u{1b}[31m",
    });
    for (page, advice) in [
        (body, "agree to the node's terms at https://node.example/consent?u=1\\u{1b}[31m, then"),
        (
            json!({ "errcode": "M_CONSENT_NOT_GIVEN", "error": "No" }),
            "agree to the node's terms, then try again",
        ),
    ] {
        let server = serve_in_turn(&[&answer("403 Forbidden", "", &page.to_string())]);
        let ran = run(&mut at(&server, &["invite", ROOM, "@bob:node.example"]));
        assert_eq!(ran.status, 1, "{ran:?}");
        assert!(ran.stdout.contains(advice), "{ran:?}");
        check_secrets(&ran);
    }
}

#[test]
fn rate_limit_is_waited_within_budget() {
    let limit = answer(
        "429 Too Many Requests",
        "retry-after: 1\r\n",
        r#"{"errcode":"M_LIMIT_EXCEEDED","error":"No"}"#,
    );
    for invitee in [ALICE, "@bob:node.example"] {
        let server = serve_in_turn(&[&limit, &done()]);
        let mut command = with_identity(&server, &["invite", ROOM, invitee, "--wait", "5"]);
        let ran = run(command.env("SDN_ID_ACCESS_TOKEN", "planted_id"));
        assert_eq!((ran.status, &*ran.stdout), (0, &*format!("invited   {invitee}\n")), "{ran:?}");
        assert!(ran.stderr.contains("waiting 1 s"), "{ran:?}");
        assert_eq!(server.requests().len(), 2);

        let server = serve_in_turn(&[&limit, &done()]);
        let mut command = with_identity(&server, &["invite", ROOM, invitee]);
        let ran = run(command.env("SDN_ID_ACCESS_TOKEN", "planted_id"));
        assert_eq!(ran.status, 1, "{ran:?}");
        assert_eq!(server.requests().len(), 1);
    }
}

#[test]
fn look_finds_invitation_without_response() {
    let invitation = json!([{
        "type": "m.room.third_party_invite", "state_key": "tok", "sender": "@alice:node.example",
        "content": { "display_name": "ali...", "key_validity_url": "https://id.example/",
            "public_key": "Dw9c7m9I2epmukp8VXMtQz9k7C23UzTTxI9kT8EtZ4E" },
    }]);
    let none = json!([]);
    for (after, outcome, status) in [(&invitation, "invited", 0), (&none, "unknown", 3)] {
        let server = serve_in_turn(&[&me(), &ok(&none), "", &ok(after)]);
        let mut command = with_identity(&server, &["invite", ROOM, ALICE, "--look"]);
        let ran = run(command.env("SDN_ID_ACCESS_TOKEN", "planted_id"));
        assert_eq!((ran.status, ran.stdout.split(' ').next()), (status, Some(outcome)), "{ran:?}");
        let calls = calls(&server);
        assert_eq!(calls.iter().filter(|&call| call == INVITE).count(), 1, "never sent twice");
    }
}

#[test]
fn identity_server_is_discovered() {
    // The discovery document must name the server that sent it.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let document = ok(&json!({ "m.identity_server": { "base_url": url } }));
    let nothing = answer("404 Not Found", "", "<html>");
    let domain = serve_in_turn(&[&document, &nothing]);
    let node = serve_in_turn(&[&done()]);
    let mut command = at(&node, &["invite", ROOM, ALICE, "--discover", &domain.base_url()]);
    let ran = run(command.env("SDN_ID_ACCESS_TOKEN", "planted_id"));
    assert_eq!(ran.status, 0, "{ran:?}");
    let request = String::from_utf8(node.received()).unwrap();
    let id_server = format!(r#""id_server":"{}""#, url.strip_prefix("http://").unwrap());
    assert!(request.contains(&id_server), "{request}");
    assert_eq!(calls(&domain), ["GET /.well-known/sdn/client"]);

    let ran = run(&mut at(&node, &["invite", ROOM, ALICE, "--discover", &domain.base_url()]));
    assert_eq!(ran.status, 1, "{ran:?}");
    assert!(ran.stdout.contains("--id-server"), "{ran:?}");
    check_secrets(&ran);
}

#[test]
fn discovery_follows_redirects_without_token() {
    let details = ok(&json!({ "algorithms": ["sha256"], "lookup_pepper": "p" }));
    let nobody = ok(&json!({ "mappings": {} }));
    let id_server = serve_in_turn(&[&account(), &details, &nobody]);
    let document = ok(&json!({ "m.identity_server": { "base_url": id_server.base_url() } }));
    let target = serve_in_turn(&[&document]);
    let location = format!("location: {}/sdn.json\r\n", target.base_url());
    let node = serve_in_turn(&[&answer("301 Moved Permanently", &location, "")]);
    let mut command = at(&node, &["whois", ALICE, "--discover"]);
    let ran = run(command.env("SDN_ID_ACCESS_TOKEN", "planted_id"));
    assert_eq!((ran.status, &*ran.stdout), (0, &*format!("{ALICE}  nobody\n")), "{ran:?}");
    assert_eq!(calls(&node), ["GET /.well-known/sdn/client"]);
    assert_eq!(calls(&target), ["GET /sdn.json"]);
    let received = String::from_utf8([node.received(), target.received()].concat()).unwrap();
    assert!(!received.contains("planted"), "{received}");
    check_secrets(&ran);
}

#[test]
fn rejected_redirect_is_shown() {
    for (location, problem) in [
        ("/.well-known/sdn/client", "the domain redirects too often or in a circle"),
        (
            "http://node.example/",
            "the domain redirects to http://node.example/, which is not allowed",
        ),
    ] {
        let location = format!("location: {location}\r\n");
        let node = serve_in_turn(&[&answer("302 Found", &location, "")]);
        let ran = run(&mut at(&node, &["whois", ALICE, "--discover"]));
        assert_eq!(ran.status, 1, "{ran:?}");
        assert!(ran.stderr.contains(problem) && ran.stderr.contains("--id-server"), "{ran:?}");
    }
}

#[test]
fn matrix_discovery_needs_a_domain() {
    let node = serve_in_turn(&[]);
    let ran = run(&mut at(&node, &["whois", ALICE, "--matrix", "--discover"]));
    assert_eq!((ran.status, node.connections()), (2, 0), "{ran:?}");
    assert!(ran.stderr.contains("--discover: has no domain; give the part after"), "{ran:?}");
}

#[test]
fn expired_token_names_sdn_login() {
    let expired = no("401 Unauthorized", "M_UNKNOWN_TOKEN");
    for arguments in [
        &["invite", ROOM, ALICE][..],
        &["whois", ALICE],
        &["accept", ROOM, "tok", "--sender", "@alice:node.example"],
    ] {
        let server = serve_in_turn(&[&expired]);
        let ran = run(with_identity(&server, arguments).env("SDN_INVITE_KEY", KEY));
        assert_eq!(ran.status, 1, "{ran:?}");
        assert!(ran.all().contains("; run `sdn login`, or see `sdn help tokens`"), "{ran:?}");
    }
    for arguments in [&["whoami"][..], &["pending", ROOM], &["revoke", ROOM, "tok"]] {
        let server = serve_in_turn(&[&expired]);
        let ran = run(&mut at(&server, arguments));
        assert_eq!(ran.status, 1, "{ran:?}");
        assert!(ran.all().contains("; run `sdn login`, or see `sdn help tokens`"), "{ran:?}");
        check_secrets(&ran);
    }
    for arguments in [&["invite", ROOM, ALICE][..], &["whois", ALICE]] {
        let server = serve_in_turn(&[&me(), &open_id(), &registered(), &expired]);
        let ran = run(&mut with_identity(&server, arguments));
        assert_eq!(ran.status, 1, "{ran:?}");
        assert!(!ran.all().contains("log in"), "it is the identity server's own token: {ran:?}");
        assert!(ran.all().contains("about your account failed: 401 M_UNKNOWN_TOKEN"), "{ran:?}");
    }
}

#[test]
fn whois_repeats_once_after_new_pepper() {
    let details =
        |pepper: &str| ok(&json!({ "algorithms": ["none", "sha256"], "lookup_pepper": pepper }));
    let found = ok(&json!({ "mappings": {
        "4kenr7N9drpCJ4AfalmlGQVsOn3o2RHjkADUpXJWZUc": "@alice:node.example",
    } }));
    let stale = no("400 Bad Request", "M_INVALID_PEPPER");
    let server = serve_in_turn(&[
        &me(),
        &open_id(),
        &registered(),
        &account(),
        &details("old"),
        &stale,
        &details("matrixrocks"),
        &found,
    ]);
    let ran = run(&mut with_identity(&server, &["whois", "Alice@Example.com", PHONE]));
    assert_eq!((ran.status, &*ran.stderr), (0, ""), "{ran:?}");
    assert_eq!(ran.stdout, format!("Alice@Example.com  @alice:node.example\n{PHONE}  nobody\n"));
    let requests = String::from_utf8(server.received()).unwrap();
    assert!(!requests.contains(ALICE), "the address itself is not sent");
    check_secrets(&ran);

    let server = serve_in_turn(&[&account(), &details("a"), &stale, &details("b"), &stale]);
    let mut command = with_identity(&server, &["whois", ALICE]);
    let ran = run(command.env("SDN_ID_ACCESS_TOKEN", "planted_id"));
    assert_eq!((ran.status, &*ran.stdout), (1, ""), "{ran:?}");
    assert!(ran.stderr.contains("M_INVALID_PEPPER"), "{ran:?}");
}

#[test]
fn whois_registers_again_with_terms() {
    let details = ok(&json!({ "algorithms": ["sha256"], "lookup_pepper": "p" }));
    let nothing = ok(&json!({ "mappings": {} }));
    let rejected = no("401 Unauthorized", "M_UNAUTHORIZED");
    let script = [
        rejected,
        me(),
        open_id(),
        registered(),
        unsigned(),
        terms(),
        done(),
        account(),
        details,
        nothing,
    ];
    let script: Vec<&str> = script.iter().map(String::as_str).collect();
    let server = serve_in_turn(&script);
    let mut command = with_identity(&server, &["whois", ALICE, "--json", "--accept-terms"]);
    let ran = run(command.env("SDN_ID_ACCESS_TOKEN", "planted_id"));
    assert_eq!(ran.status, 0, "{ran:?}");
    let line: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(line, json!({ "address": ALICE, "user_id": null }));
    assert_eq!(calls(&server)[1..5], REGISTRATION);
    check_secrets(&ran);

    let server = serve_in_turn(&script);
    let mut command = with_identity(&server, &["whois", ALICE]);
    let ran = run(command.env("SDN_ID_ACCESS_TOKEN", "planted_id"));
    assert_eq!((ran.status, &*ran.stdout), (1, ""), "{ran:?}");
    assert!(ran.stderr.contains("run the command again with --accept-terms"), "{ran:?}");
    assert_eq!(server.requests().len(), 6, "nothing is looked up");
}

#[test]
fn local_acceptance_keeps_the_key() {
    let server = serve_in_turn(&[&me(), &ok(&json!({ "room_id": ROOM }))]);
    let arguments = ["accept", ROOM, "tok", "--sender", "@carol:node.example"];
    let ran = run(with_identity(&server, &arguments).env("SDN_INVITE_KEY", KEY));
    assert_eq!((ran.status, &*ran.stdout), (0, &*format!("joined    {ROOM}\n")), "{ran:?}");
    let requests = String::from_utf8(server.received()).unwrap();
    assert!(!requests.contains(KEY), "{requests}");
    let (_, body) = requests.rsplit_once("\r\n\r\n").unwrap();
    let signed = &serde_json::from_str::<Value>(body).unwrap()["third_party_signed"];
    assert_eq!(
        (&signed["mxid"], &signed["sender"]),
        (&"@alice:node.example".into(), &"@carol:node.example".into())
    );
    assert!(signed["signatures"]["id.example"].is_object(), "{signed}");
    check_secrets(&ran);
}

#[test]
fn server_can_sign_acceptance() {
    let signed = json!({ "mxid": "@alice:node.example", "sender": "@carol:node.example", "token": "tok",
        "signatures": { "id.example": { "ed25519:0": "c2ln" } } });
    let script = [
        me(),
        open_id(),
        registered(),
        account(),
        me(),
        ok(&signed),
        ok(&json!({ "room_id": ROOM })),
    ];
    let server = serve_in_turn(&script.iter().map(String::as_str).collect::<Vec<_>>());
    let file = format!("{}/invite-key", env!("CARGO_TARGET_TMPDIR"));
    std::fs::write(&file, format!("{KEY}\n")).unwrap();
    let arguments = ["accept", ROOM, "tok", "--signed-by-server", "--json", "--key-file", &file];
    let ran = run(&mut with_identity(&server, &arguments));
    assert_eq!(ran.status, 0, "{ran:?}");
    let line: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(line, json!({ "room_id": ROOM, "outcome": "joined" }));
    let calls = calls(&server);
    assert_eq!(calls[5], "POST /identity/v2/sign-ed25519");
    assert_eq!(calls[6], "POST /client/v3/rooms/!room%3Anode.example/join");
    check_secrets(&ran);
}

#[test]
fn failed_acceptance_reports_outcome() {
    let arguments = ["accept", ROOM, "tok", "--sender", "@carol:node.example"];
    for (join, word, status) in
        [(no("403 Forbidden", "M_FORBIDDEN"), "refused", 1), (String::new(), "unknown", 3)]
    {
        let server = serve_in_turn(&[&me(), &join]);
        let ran = run(with_identity(&server, &arguments).env("SDN_INVITE_KEY", KEY));
        assert_eq!((ran.status, ran.stdout.split(' ').next()), (status, Some(word)), "{ran:?}");
        check_secrets(&ran);
    }
}

#[test]
fn acceptance_is_checked_before_sending() {
    let server = serve_in_turn(&[]);
    let mut command = at(&server, &["accept", "#lobby", "planted token"]);
    let ran = run(command.env("SDN_INVITE_KEY", "planted key"));
    assert_eq!((ran.status, &*ran.stdout), (2, ""), "{ran:?}");
    for place in
        ["ROOM: ", "TOKEN: ", "SDN_INVITE_KEY: ", "--sender: ", "--id-server (or SDN_ID_SERVER): "]
    {
        assert!(ran.stderr.contains(place), "no {place} in {ran:?}");
    }
    check_secrets(&ran);
    let ran = run(&mut with_identity(&server, &["whois", "@bob:node.example", "planted_x"]));
    assert_eq!(ran.status, 2, "{ran:?}");
    assert!(ran.stderr.contains("ADDRESS 1 \"@bob:node.example\": this is a user ID"), "{ran:?}");
    assert!(ran.stderr.contains("ADDRESS 2: not an e-mail"), "{ran:?}");
    check_secrets(&ran);
}

#[test]
fn revoking_says_what_it_did() {
    let content = ok(&json!({ "display_name": "ali...", "key_validity_url": "https://id.example/",
        "public_key": KEY }));
    let missing = no("404 Not Found", "M_NOT_FOUND");
    let event = ok(&json!({ "event_id": "$e" }));
    for (script, stdout, status) in [
        (vec![&*content, &*event], "revoked  tok\n", 0),
        (
            vec!["HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}"],
            "revoked before  tok\n",
            0,
        ),
        (vec![&missing], "not found  tok\n", 1),
        (vec![&*content, "", &*content], "unknown  tok\n", 3),
    ] {
        let server = serve_in_turn(&script);
        let ran = run(&mut at(&server, &["revoke", ROOM, "tok"]));
        assert_eq!((ran.status, &*ran.stdout), (status, stdout), "{ran:?}");
        assert_eq!(ran.stderr.is_empty(), status == 0, "{ran:?}");
    }
}

#[test]
fn unreadable_terms_are_never_accepted() {
    let unreadable = ok(&json!({ "policies": { "privacy": { "version": 2 } } }));
    for (arguments, status) in [(&["invite", ROOM, ALICE, PHONE][..], 1), (&["whois", ALICE], 1)] {
        let server = serve_in_turn(&[&me(), &open_id(), &registered(), &unsigned(), &unreadable]);
        let ran = run(with_identity(&server, arguments).arg("--accept-terms"));
        assert_eq!(ran.status, status, "{ran:?}");
        assert!(ran.all().contains("the policy privacy has no readable text; ask"), "{ran:?}");
        assert_eq!(calls(&server).len(), 5, "nothing is accepted");
        check_secrets(&ran);
    }
}

#[test]
fn rejected_identity_token_names_help_topic() {
    let failed = no("500 Internal Server Error", "M_UNKNOWN");
    let rejected = no("401 Unauthorized", "M_UNKNOWN_TOKEN");
    let register = [me(), open_id(), registered(), account()];
    let answers =
        [vec![failed.clone(), rejected.clone()], register.to_vec(), vec![failed, rejected]];
    let answers = answers.concat();
    let answers: Vec<_> = answers.iter().map(String::as_str).collect();
    let server = serve_in_turn(&answers);
    let mut command = with_identity(&server, &["invite", ROOM, ALICE, "--json"]);
    let ran = run(command.env("SDN_ID_ACCESS_TOKEN", "an_old_one"));
    let line: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(line["diagnosis"], "token_rejected", "{ran:?}");
    assert!(line["message"].as_str().unwrap().ends_with("see `sdn help tokens`"), "{ran:?}");
    check_secrets(&ran);
}
