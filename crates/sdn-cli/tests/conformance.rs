//! The project's conformance data: `--dry-run --print-requests` prints the requests of the data.

mod common;

use std::fs;

use common::{Ran, bare, run};
use sdn_proto::{
    AccessToken, Dialect, InvalidInput, InviteBy3pid, Node, RoomId, Rule, ThirdPartyId, UserId,
};
use serde_json::Value;

fn cases(call: &str) -> Vec<Value> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../sdn-proto/tests/conformance");
    let path = format!("{folder}/calls/client/{call}.json");
    let file: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    file["requests"].as_array().unwrap().clone()
}

fn text<'a>(case: &'a Value, key: &str) -> &'a str {
    case.get(key).map_or("", |value| value.as_str().unwrap())
}

/// Runs `sdn invite --dry-run --print-requests` with the values of a case. Tokens are in files, because arguments cannot contain all of them.
fn dry_run(subject: &str, index: usize, case: &Value, invitee: &str) -> Ran {
    let mut command = bare();
    command.args([
        "invite",
        "--dry-run",
        "--print-requests",
        "--show-secrets",
        "--node",
        text(case, "node"),
    ]);
    for (key, flag) in
        [("access_token", "--access-token-file"), ("id_access_token", "--id-access-token-file")]
    {
        if case.get(key).is_some() {
            let path = format!("{}/{subject}-{index}-{key}", env!("CARGO_TARGET_TMPDIR"));
            fs::write(&path, text(case, key)).unwrap();
            command.arg(flag).arg(path);
        }
    }
    for (key, flag) in [("id_server", "--id-server"), ("reason", "--reason")] {
        if case.get(key).is_some() {
            command.args([flag, text(case, key)]);
        }
    }
    if text(case, "dialect") == Dialect::Matrix.as_str() {
        command.arg("--matrix");
    }
    run(command.args(["--", text(case, "room_id"), invitee]))
}

/// Returns the request of a case as HTTP/1.1.
fn bytes(request: &Value) -> String {
    let (_, rest) = text(request, "uri").split_once("://").unwrap();
    let (host, path) = rest.split_at(rest.find('/').unwrap());
    let mut bytes = format!("{} {path} HTTP/1.1\r\n", text(request, "method"));
    for header in request["headers"].as_array().unwrap() {
        let [name, value] = [0, 1].map(|index| header[index].as_str().unwrap());
        bytes += &format!("{name}: {value}\r\n");
    }
    let body = text(request, "body");
    let agent = concat!("user-agent: sdn/", env!("CARGO_PKG_VERSION"));
    bytes + &format!("{agent}\r\nhost: {host}\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

fn check(case: &Value, ran: &Ran, result: Result<(), InvalidInput>) {
    match result {
        Ok(()) => {
            assert_eq!(ran.status, 0, "{case}: {ran:?}");
            assert_eq!(ran.stdout, bytes(&case["request"]), "{}", case["name"]);
        }
        Err(error) => {
            assert_eq!(error.rule().name(), text(&case["error"], "rule"));
            assert_eq!((ran.status, &*ran.stdout), (2, ""), "{case}: {ran:?}");
            let wanted = match error.rule() {
                Rule::InsecureHttp => "would send tokens over plain http".to_owned(),
                rule => rule.to_string(),
            };
            assert!(ran.stderr.contains(&wanted), "{case}: {ran:?}");
        }
    }
}

/// Returns whether a value can be an argument, which cannot contain a NUL.
fn can_be_argument(case: &Value) -> bool {
    ["room_id", "address", "user_id", "reason"].iter().all(|key| !text(case, key).contains('\0'))
}

#[test]
fn invitations_by_third_party_identifier() {
    let mut compared = 0;
    for (index, case) in cases("invite_by_3pid").iter().enumerate() {
        let [address, medium] = ["address", "medium"].map(|key| text(case, key));
        // The command folds and checks addresses. The data has them unchanged.
        let is_same = address
            .parse::<ThirdPartyId>()
            .is_ok_and(|id| (id.medium().as_str(), id.address()) == (medium, address));
        if !is_same || !can_be_argument(case) {
            continue;
        }
        let invite = InviteBy3pid::from_strings(
            text(case, "room_id"),
            address,
            text(case, "id_access_token"),
            text(case, "id_server"),
            medium,
        );
        let ran = dry_run("3pid", index, case, address);
        check(case, &ran, invite.and_then(|_| check_session(case)));
        compared += 1;
    }
    assert!(compared >= 40, "only {compared} cases can be said on the command line");
}

#[test]
fn invitations_by_user_id() {
    let mut compared = 0;
    for (index, case) in cases("invite_user").iter().enumerate() {
        let user_id = text(case, "user_id");
        if !user_id.starts_with('@') || !can_be_argument(case) {
            continue;
        }
        let values = RoomId::new(text(case, "room_id")).and_then(|_| UserId::new(user_id));
        let ran = dry_run("user", index, case, user_id);
        check(case, &ran, values.and_then(|_| check_session(case)));
        compared += 1;
    }
    assert!(compared >= 12, "only {compared} cases can be said on the command line");
}

fn check_session(case: &Value) -> Result<(), InvalidInput> {
    Node::new(text(case, "node"))?;
    AccessToken::new(text(case, "access_token"))?;
    Ok(())
}
