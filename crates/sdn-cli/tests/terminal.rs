//! Progress on a terminal, for which util-linux's `script` is used, and plain lines elsewhere.
#![cfg(unix)]

mod common;

use std::fs;
use std::path::Path;
use std::process::Command;

use common::terminal::{answered, is_there_no_script, on_terminal};
use common::{answer, invite, run};
use sdn_testkit::script::serve_in_turn;

fn list(name: &str, text: &str) -> String {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("terminal");
    fs::create_dir_all(&folder).unwrap();
    let list = folder.join(name);
    fs::write(&list, text).unwrap();
    let _ = fs::remove_file(folder.join(format!("{name}.journal")));
    list.to_str().unwrap().to_owned()
}

#[test]
fn terminal_shows_progress_and_countdown() {
    if is_there_no_script() {
        return;
    }
    let yes = answer("200 OK", "", "{}");
    let limit = answer("429 Too Many Requests", "retry-after: 2\r\n", "{}");
    let list_of_two = |name| list(name, "a@example.com\n@b:node.example\n");

    let server = serve_in_turn(&[&limit, &yes, &yes]);
    let mut command = invite(&server.base_url(), &[]);
    let command = command.args(["--from", &list_of_two("drawn.csv")]);
    let ran = run(&mut on_terminal(command, "xterm"));
    assert_eq!(ran.status, 0, "{ran:?}");
    for wanted in ["0/2", "1/2  about 2s left", "continuing in 2 s", "continuing in 1 s"] {
        assert!(ran.stdout.contains(wanted), "no {wanted:?} in {ran:?}");
    }
    assert!(ran.stdout.contains("\u{1b}[32minvited "), "{ran:?}");
    // The bar does not remain between the outcomes.
    let last = ran.stdout.lines().last().unwrap();
    assert!(last.ends_with("sdn: 2 of 2 invited"), "{ran:?}");

    let server = serve_in_turn(&[&limit, &yes]);
    let mut command = invite(&server.base_url(), &["a@example.com"]);
    let ran = run(&mut on_terminal(command.args(["--wait", "10"]), "xterm"));
    assert!(ran.stdout.contains("continuing in 1 s"), "{ran:?}");
    assert!(!ran.stdout.contains("1/1"), "{ran:?}");

    // A dumb terminal and a pipe get only lines.
    let server = serve_in_turn(&[&limit, &yes, &yes]);
    let mut command = invite(&server.base_url(), &[]);
    let command = command.args(["--from", &list_of_two("dumb.csv")]);
    let ran = run(&mut on_terminal(command, "dumb"));
    assert!(ran.stdout.contains("waiting 2 s") && !ran.stdout.contains('\u{1b}'), "{ran:?}");
    let server = serve_in_turn(&[&limit, &yes, &yes]);
    let ran = run(invite(&server.base_url(), &[]).args(["--from", &list_of_two("pipe.csv")]));
    assert_eq!(ran.stdout, "invited   a@example.com\ninvited   @b:node.example\n");
    assert_eq!(ran.stderr, "sdn: the server limits the rate; waiting 2 s\nsdn: 2 of 2 invited\n");
}

fn has_colours(command: &mut Command) -> bool {
    let ran = run(command);
    assert!(ran.status == 0 && ran.stdout.contains("invited "), "{ran:?}");
    ran.stdout.contains('\u{1b}')
}

#[test]
fn terminal_colours_follow_the_environment() {
    if is_there_no_script() {
        return;
    }
    let yes = answer("200 OK", "", "{}");
    for (name, value, expected) in
        [("NO_COLOR", "1", false), ("NO_COLOR", "", true), ("CLICOLOR", "0", false)]
    {
        let server = serve_in_turn(&[&yes]);
        let command = invite(&server.base_url(), &["@b:node.example"]);
        let mut command = on_terminal(&command, "xterm");
        assert_eq!(has_colours(command.env(name, value)), expected, "{name}={value}");
    }
}

#[test]
fn piped_colours_need_clicolor_force() {
    let yes = answer("200 OK", "", "{}");
    for (force, no_color, expected) in [("", "", false), ("1", "", true), ("1", "1", false)] {
        let server = serve_in_turn(&[&yes]);
        let mut command = invite(&server.base_url(), &["@b:node.example"]);
        command.env("CLICOLOR_FORCE", force).env("NO_COLOR", no_color);
        assert_eq!(has_colours(&mut command), expected, "{force:?} {no_color:?}");
    }
}

#[test]
fn dry_run_is_escaped_for_terminals() {
    if is_there_no_script() {
        return;
    }
    let mut command = invite("https://node.example", &["@b\u{9b}31m\u{202e}:node.example"]);
    command.args(["--dry-run", "--print-requests"]);
    assert!(run(&mut command).stdout.contains("b\u{9b}31m\u{202e}:node"), "elsewhere it is exact");
    let ran = run(&mut on_terminal(&command, "xterm"));
    assert!(ran.status == 0 && ran.stdout.contains(r"b\u{9b}31m\u{202e}:node"), "{ran:?}");
    assert!(ran.stdout.contains("\nhost: node.example\r"), "{ran:?}");
}

#[test]
fn terms_question_is_answered_or_interrupted() {
    if is_there_no_script() {
        return;
    }
    let ok = |body| answer("200 OK", "", body);
    let (yes, me) = (ok("{}"), ok(r#"{"user_id":"@a:node.example"}"#));
    let open_id = ok(concat!(
        r#"{"access_token":"t","token_type":"Bearer","matrix_server_name":"node.example","#,
        r#""expires_in":3600}"#
    ));
    let registered = ok(r#"{"token":"planted"}"#);
    let unsigned = answer("403 Forbidden", "", r#"{"errcode":"M_TERMS_NOT_SIGNED","error":"No"}"#);
    let terms = ok(concat!(
        r#"{"policies":{"privacy":{"version":"1","#,
        r#""en":{"name":"Privacy","url":"https://id.example/privacy"}}}}"#
    ));
    let answers = [&yes, &me, &open_id, &registered, &unsigned, &terms, &yes, &me, &yes];
    let answers = answers.map(|answer| &**answer);
    // The bar is already drawn when the question is asked.
    let rows = "@b:node.example\na@example.com\n";

    for (name, typed, status, last) in [
        ("accepted.csv", "yes\n", 0, "sdn: 2 of 2 invited"),
        ("interrupted.csv", "\u{3}", 130, "the same command continues from here"),
    ] {
        let server = serve_in_turn(&answers);
        let mut command = invite(&server.base_url(), &[]);
        command.env_remove("SDN_ID_ACCESS_TOKEN").args(["--id-server-url", &server.base_url()]);
        let ran = answered(command.args(["--from", &list(name, rows)]), "yes or no:", typed);
        assert_eq!(ran.status, status, "{ran:?}");
        assert!(ran.stdout.lines().last().unwrap().ends_with(last), "{ran:?}");
    }
}
