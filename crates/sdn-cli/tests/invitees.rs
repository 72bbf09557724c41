//! The forms of invitees: wallets, DIDs and links, in arguments and lists.

mod common;

use common::list::{decide_in, from, journal, list};
use common::{answer, invite, run};
use sdn_testkit::script::{ScriptedServer, serve_in_turn};
use serde_json::Value;

const DIGITS: &str = "7e5f4552091a69125d5dfcb7b8c2659029395bdf";
const MIXED: &str = "7E5F4552091A69125d5DfCb7b8C2659029395Bdf";

fn done() -> String {
    answer("200 OK", "", "{}")
}

/// Every form of one wallet.
fn spellings() -> Vec<String> {
    vec![
        format!("0x{MIXED}"),
        format!("0x{DIGITS}"),
        format!("did:sdn:{DIGITS}"),
        format!("@sdn_{MIXED}:{MIXED}"),
        format!("https://matrix.to/#/@sdn_{DIGITS}:{DIGITS}"),
        format!("https://matrix.to/#/%40sdn_{DIGITS}%3A{DIGITS}"),
        format!("matrix:u/sdn_{DIGITS}:{DIGITS}"),
    ]
}

/// Returns the node's response about a wallet that somebody has logged in with.
fn known() -> String {
    answer("200 OK", "", &format!(r#"{{"data":["did:sdn:{DIGITS}"]}}"#))
}

fn unknown() -> String {
    answer("200 OK", "", r#"{"data":[]}"#)
}

fn is_checked(text: &str) -> bool {
    text.starts_with("0x") || text.starts_with("did:")
}

/// Returns the users who were invited.
fn invited(server: &ScriptedServer) -> Vec<String> {
    let requests =
        server.requests().into_iter().filter(|request| request.path.ends_with("/invite"));
    let user = |body: &[u8]| serde_json::from_slice::<Value>(body).unwrap()["user_id"].clone();
    requests.map(|request| user(&request.body).as_str().unwrap().to_owned()).collect()
}

#[test]
fn each_spelling_invites_the_same_user() {
    for text in spellings() {
        let answers = if is_checked(&text) { vec![known(), done()] } else { vec![done()] };
        let answers: Vec<_> = answers.iter().map(String::as_str).collect();
        let server = serve_in_turn(&answers);
        let ran = run(&mut invite(&server.base_url(), &[&text]));
        assert_eq!((ran.status, ran.stdout), (0, format!("invited   {text}\n")));
        assert_eq!(invited(&server), [format!("@sdn_{DIGITS}:{DIGITS}")], "{text}");
    }
    let server = serve_in_turn(&[&done()]);
    let ran = run(&mut invite(&server.base_url(), &["https://matrix.to/#/@bob:node.example"]));
    assert_eq!((ran.status, &*invited(&server)[0]), (0, "@bob:node.example"), "{ran:?}");
}

#[test]
fn several_spellings_are_one_invitee() {
    let server = serve_in_turn(&[&known(), &done()]);
    let texts = spellings();
    let texts: Vec<_> = texts.iter().map(String::as_str).collect();
    let ran = run(&mut invite(&server.base_url(), &texts));
    assert_eq!((ran.status, ran.stdout.lines().count()), (0, 1), "{ran:?}");
    assert_eq!(ran.stderr.matches("the same invitee as INVITEE 1, invited only once").count(), 6);
    assert_eq!(invited(&server).len(), 1);
}

#[test]
fn journal_knows_wallet_in_any_spelling() {
    let server =
        serve_in_turn(&[&known(), &known(), &done(), &answer("504 Gateway Timeout", "", "<html>")]);
    let other = "0x2b5ad5c4795c026514f8317c7a215e218dccd6cf";
    let list = list("wallets", &format!("who,what\n0x{MIXED},x\n{other},y\n"));
    let ran = run(from(&list, &server.base_url()).args(["--column", "who"]));
    assert_eq!((ran.status, invited(&server).len()), (3, 2), "{ran:?}");
    for text in spellings() {
        std::fs::write(&list, format!("{text}\n")).unwrap();
        let nobody = serve_in_turn(&[]);
        let ran = run(&mut from(&list, &nobody.base_url()));
        assert!(ran.status == 0 && ran.stderr.contains("1 of 1 in the journal"), "{ran:?}");
    }
    let did = other.replace("0x", "did:sdn:");
    let ran = run(decide_in(&journal(&list)).args(["--settle", &did]));
    assert_eq!(ran.status, 0, "{ran:?}");
}

#[test]
fn wallets_are_checked_before_sending() {
    let absent = "0x2b5ad5c4795c026514f8317c7a215e218dccd6cf";
    let present = format!("0x{DIGITS}");
    let server = serve_in_turn(&[&unknown(), &known(), &done(), &done()]);
    let ran = run(&mut invite(&server.base_url(), &[absent, "@bob:node.example", &present]));
    assert_eq!(ran.status, 1, "{ran:?}");
    let lines: Vec<_> = ran.stdout.lines().collect();
    assert!(lines[0].starts_with(&format!("not sent  {absent}  nobody has logged in")), "{ran:?}");
    assert_eq!(lines[1..], ["invited   @bob:node.example", &format!("invited   {present}")]);
    let paths: Vec<_> = server.requests().into_iter().map(|request| request.path).collect();
    let check = |wallet: &str| format!("/_api/client/unstable/address/{wallet}");
    assert_eq!(paths[..2], [check(absent), check(&present)]);
    assert!(server.requests()[0].header("authorization").is_none(), "it needs no token");

    let server = serve_in_turn(&[&done()]);
    let ran = run(invite(&server.base_url(), &[absent]).arg("--no-check"));
    assert_eq!((ran.status, invited(&server).len()), (0, 1), "{ran:?}");
}

#[test]
fn wallet_is_checked_in_any_spelling() {
    let (user_id, wallet) = (format!("@sdn_{DIGITS}:{DIGITS}"), format!("0x{DIGITS}"));
    for spellings in [[&*user_id, &*wallet], [&wallet, &user_id]] {
        let server = serve_in_turn(&[&unknown()]);
        let ran = run(&mut invite(&server.base_url(), &spellings));
        assert_eq!((ran.status, server.requests().len()), (1, 1), "{ran:?}");
        assert!(ran.stdout.starts_with(&format!("not sent  {wallet}  nobody has")), "{ran:?}");
    }
}

#[test]
fn wallet_at_matrix_node_is_bad_input() {
    let wallet = format!("0x{DIGITS}");
    let server = serve_in_turn(&[&done()]);
    let matrix = |arguments: &[&str]| {
        let mut command = invite(&server.base_url(), &["@bob:node.example", &wallet]);
        run(command.arg("--matrix").args(arguments))
    };
    for dry in [&[][..], &["--dry-run"]] {
        let ran = matrix(dry);
        assert_eq!((ran.status, &*ran.stdout), (2, ""), "{ran:?}");
        let problem = format!("INVITEE 2 \"{wallet}\": a Matrix node does not know wallets");
        assert!(ran.stderr.contains(&problem), "{ran:?}");
    }
    assert!(server.requests().is_empty());
    assert_eq!(matrix(&["--no-check", "--dry-run"]).status, 0);
}

#[test]
fn failed_check_invites_nobody() {
    let wallet = format!("0x{DIGITS}");
    let unrecognized = r#"{"errcode":"M_UNRECOGNIZED","error":"No"}"#;
    for response in [answer("404 Not Found", "", unrecognized), String::new()] {
        let server = serve_in_turn(&[&response]);
        let ran = run(&mut invite(&server.base_url(), &["@bob:node.example", &wallet]));
        assert_eq!((ran.status, &*ran.stdout), (1, ""), "{ran:?}");
        assert!(ran.stderr.contains("nobody was invited") && ran.stderr.contains("--no-check"));
        assert!(invited(&server).is_empty(), "{ran:?}");
    }
    // It waits for a rate limit.
    let limit = answer("429 Too Many Requests", "retry-after: 1\r\n", "{}");
    let server = serve_in_turn(&[&limit, &known(), &done()]);
    let ran = run(invite(&server.base_url(), &[&wallet]).args(["--wait", "10"]));
    assert_eq!((ran.status, invited(&server).len()), (0, 1), "{ran:?}");
}

#[test]
fn absent_wallet_is_checked_again() {
    let list = list("absent", &format!("0x{DIGITS}\n"));
    let server = serve_in_turn(&[&unknown(), &known(), &done()]);
    assert_eq!(run(&mut from(&list, &server.base_url())).status, 1);
    let ran = run(&mut from(&list, &server.base_url()));
    assert_eq!((ran.status, invited(&server).len()), (0, 1), "{ran:?}");
    // An invited wallet is not checked again.
    let nobody = serve_in_turn(&[]);
    assert_eq!(run(&mut from(&list, &nobody.base_url())).status, 0);
}

#[test]
fn failed_wallet_check_creates_no_room() {
    let server = serve_in_turn(&[""]);
    let mut command = common::sdn();
    let wallet = format!("0x{DIGITS}");
    command.args(["create", "Name", &wallet, "--node", &server.base_url()]);
    let ran = run(&mut command);
    assert_eq!((ran.status, &*ran.stdout), (1, ""), "{ran:?}");
    assert_eq!(server.requests().len(), 1);
}
