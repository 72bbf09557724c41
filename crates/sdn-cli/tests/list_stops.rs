//! A list stops if further invitations would fail too.

mod common;

use std::fs;

use common::list::{from, journal, list, no, yes};
use common::{answer, run};
use sdn_testkit::script::serve_in_turn;

#[test]
fn failing_list_stops() {
    let rows: String = (0..8).map(|row| format!("guest{row}@example.com\n")).collect();
    let list = list("failing", &rows);
    let server = serve_in_turn(&[""; 6]);
    let ran = run(&mut from(&list, &server.base_url()));
    assert_eq!(ran.status, 3, "{ran:?}");
    assert!(ran.stderr.contains("0 of 8 invited, 3 not sent, 5 unknown"), "{ran:?}");
    assert_eq!(server.requests().len(), 5);

    // A rejected token is not a refusal of an invitee.
    let server = serve_in_turn(&[&no("401 Unauthorized", "M_UNKNOWN_TOKEN"), &yes()]);
    let ran = run(&mut from(&list, &server.base_url()));
    assert!(ran.stdout.contains("skipped: the node rejects the access token"), "{ran:?}");
    assert!(ran.stderr.contains("0 of 8 invited, 3 not sent, 5 unknown"), "{ran:?}");
    assert!(!ran.stderr.contains("--retry refused"), "{ran:?}");
    assert_eq!(server.requests().len(), 1);
    let server = serve_in_turn(&[&yes(), &yes(), &yes()]);
    let ran = run(&mut from(&list, &server.base_url()));
    assert!(ran.stderr.contains("3 of 8 invited, 5 unknown"), "{ran:?}");
}

/// Each refusal may have sent a mail before, for example in a wrong room.
#[test]
fn five_equal_refusals_stop_a_list() {
    let rows: String = (0..8).map(|row| format!("@guest{row}:node.example\n")).collect();
    let list = list("refused", &rows);
    let refused = no("403 Forbidden", "M_FORBIDDEN");
    let server = serve_in_turn(&[&*refused; 6]);
    let ran = run(&mut from(&list, &server.base_url()));
    assert_eq!((ran.status, server.requests().len()), (1, 5), "{ran:?}");
    assert!(
        ran.stdout.ends_with("skipped: the previous five were refused with the same message\n")
    );
    assert!(ran.stderr.contains("0 of 8 invited, 5 refused, 3 not sent"), "{ran:?}");
    assert!(ran.stderr.contains("the mail may already have been sent"), "{ran:?}");

    // Different messages show that each refusal is about its invitee.
    let _ = fs::remove_file(journal(&list));
    let each = |row| {
        let body = format!(r#"{{"errcode":"M_FORBIDDEN","error":"@guest{row} is in the room"}}"#);
        answer("403 Forbidden", "", &body)
    };
    let answers: Vec<_> = (0..8).map(each).collect();
    let server = serve_in_turn(&answers.iter().map(|answer| &**answer).collect::<Vec<_>>());
    let ran = run(&mut from(&list, &server.base_url()));
    assert_eq!(server.requests().len(), 8, "{ran:?}");
    assert!(ran.stderr.contains("0 of 8 invited, 8 refused\n"), "{ran:?}");
}

#[test]
fn skipped_invitees_keep_a_streak() {
    let rows: String =
        (0..8).map(|row| format!("@guest{row}:node.example\nguest{row}@example.com\n")).collect();
    let list = list("between", &rows);
    let lost = answer("504 Gateway Timeout", "", "<html>");
    let nobody = no("500 Internal Server Error", "M_UNKNOWN");
    // The identity server fails at the first address, and later addresses are skipped.
    let me = answer("200 OK", "", r#"{"user_id":"@a:node.example"}"#);
    let open_id = answer(
        "200 OK",
        "",
        r#"{"access_token":"t","token_type":"Bearer","matrix_server_name":"node.example","expires_in":9}"#,
    );
    let identity = serve_in_turn(&[&nobody]);
    let mut answers = vec![&*lost, &me, &open_id];
    answers.extend([&*lost; 7]);
    let server = serve_in_turn(&answers);
    let mut command = from(&list, &server.base_url());
    command.args(["--id-server-url", &identity.base_url()]).env_remove("SDN_ID_ACCESS_TOKEN");
    let ran = run(&mut command);
    assert_eq!((identity.requests().len(), server.requests().len()), (1, 7), "{ran:?}");
    assert!(ran.stderr.contains("11 not sent, 5 unknown"), "{ran:?}");
}

#[test]
fn rejected_caller_leaves_nothing_to_decide() {
    let list = list("token", "@a:node.example\n@b:node.example\n");
    let page = answer("401 Unauthorized", "", "<html>");
    let limited = answer("400 Bad Request", "", r#"{"errcode":"M_LIMIT_EXCEEDED","error":"No"}"#);
    for failure in [page, no("403 Forbidden", "M_UNKNOWN_TOKEN"), limited] {
        let server = serve_in_turn(&[&*failure, &yes()]);
        let ran = run(from(&list, &server.base_url()).args(["--wait", "0"]));
        assert_eq!((ran.status, server.requests().len()), (1, 1), "{ran:?}");
        assert!(ran.stderr.contains("0 of 2 invited, 2 not sent"), "{ran:?}");
        assert!(!ran.stderr.contains("--retry"), "nothing is left to decide: {ran:?}");
    }
    let server = serve_in_turn(&[&yes(), &yes()]);
    let ran = run(&mut from(&list, &server.base_url()));
    assert!(ran.status == 0 && ran.stderr.contains("2 of 2 invited"), "{ran:?}");
}
