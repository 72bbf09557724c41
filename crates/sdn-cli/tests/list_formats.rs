//! Lists as spreadsheets export them. `data/people/make.py` wrote the same 200 people in each form.

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::list::{from, journal, list, yes};
use common::{Ran, invite, run, unreachable_url};
use sdn_testkit::script::serve_in_turn;

fn people(form: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/people").join(form)
}

/// Returns the requests for the people of a list.
fn dry_run(list: &Path) -> Ran {
    run(from(list, "https://node.example").args([
        "--column",
        "e-mail",
        "--dry-run",
        "--print-requests",
    ]))
}

#[test]
fn people_are_same_in_each_form() {
    let wanted = dry_run(&people("semicolon-utf-8.csv"));
    assert_eq!((wanted.status, &*wanted.stderr), (0, ""), "{wanted:?}");
    assert_eq!(wanted.stdout.matches("POST /_api/client/v3/rooms/").count(), 200);
    assert_eq!(wanted.stdout.matches(r#""medium":"msisdn""#).count(), 20);
    assert_eq!(wanted.stdout.matches(r#""user_id":"@"#).count(), 20);
    assert!(wanted.stdout.contains(r#""address":"ada.199@bücher.example""#), "{wanted:?}");
    for form in ["comma-utf-8-bom.csv", "tab-utf-16le.txt", "comma-cr.csv"] {
        let ran = dry_run(&people(form));
        assert_eq!((ran.status, ran.stderr), (0, String::new()), "{form}");
        assert!(ran.stdout == wanted.stdout, "{form}");
    }
}

#[test]
fn other_encoding_is_rejected_with_line() {
    let ran = dry_run(&people("semicolon-windows-1252.csv"));
    assert_eq!((ran.status, &*ran.stdout), (2, ""), "{ran:?}");
    let wanted = "  --from: not UTF-8 (line 2); save it as CSV UTF-8\n";
    assert!(ran.stderr.ends_with(wanted), "{ran:?}");
}

#[test]
fn all_problems_of_list_are_reported() {
    let rows = "Name;E-Mail\nA;a@example.com\nB;\nC;c@example.com;x\nD;\"d@example.com\nE;e@example.com,\n\
                F;5552067\nG;g\u{200b}@example.com\nH;syt_secret\n";
    let list = list("problems", rows);
    let ran = run(from(&list, &unreachable_url()).args(["--column", "E-MAIL", "b@b@b"]));
    assert_eq!((ran.status, &*ran.stdout), (2, ""), "{ran:?}");
    for wanted in [
        "  INVITEE 1 \"b@b@b\": has more than one '@'",
        "people.csv line 3, column E-Mail: the cell is empty; add an invitee, or remove the row\n",
        "people.csv line 4, column E-Mail \"c@example.com\": the row has 3 fields, and the header has 2; \
         quote each field that contains ';'\n",
        "people.csv line 5, column E-Mail: has a quotation mark that is not closed properly",
        "people.csv line 6, column E-Mail \"e@example.com,\": contains ','",
        "people.csv line 7, column E-Mail \"5552067\": has fewer than 8 digits and no '+'",
        "people.csv line 8, column E-Mail \"g\\u{200b}@example.com\": contains an invisible character",
        "people.csv line 9, column E-Mail: not an e-mail address",
    ] {
        assert!(ran.stderr.contains(wanted), "no {wanted:?} in {}", ran.stderr);
    }
    let count =
        "people.csv: 7 invalid rows; correct them, or invite the others with --skip-invalid\n";
    assert!(ran.stderr.contains(count), "{ran:?}");
    assert_eq!(ran.stderr.lines().count(), 10, "{ran:?}");
    assert!(!ran.stderr.contains("syt_secret"), "{ran:?}");
    assert!(!journal(&list).exists());
}

#[test]
fn list_as_invitee_names_its_option() {
    let list = list("argument", "a@example.com\n");
    let ran = run(&mut invite(&unreachable_url(), &[list.to_str().unwrap()]));
    assert_eq!((ran.status, &*ran.stdout), (2, ""), "{ran:?}");
    let wanted = "INVITEE 1: the name of a file; to invite the people in it, use --from\n";
    assert!(ran.stderr.contains(wanted), "{ran:?}");
}

#[test]
fn invalid_rows_are_skipped_and_copied() {
    let list = list("skipped", "name,mail\nA,a@example.com\nB,b@b@b\nC,\nD,d@example.com\n");
    let invalid = list.with_extension("csv.invalid.csv");
    let command = |url: &str| {
        let mut command = from(&list, url);
        command.args(["--column", "mail", "--skip-invalid"]);
        command
    };
    let ran = run(command(&unreachable_url()).args(["--dry-run", "--print-requests"]));
    assert_eq!((ran.status, ran.stdout.matches("POST ").count()), (1, 2), "{ran:?}");
    assert!(!invalid.exists(), "a dry run writes no file");

    let server = serve_in_turn(&[&yes(), &yes()]);
    let ran = run(&mut command(&server.base_url()));
    assert_eq!(ran.status, 1, "{ran:?}");
    assert_eq!(ran.stdout, "invited   a@example.com\ninvited   d@example.com\n");
    assert!(ran.stderr.contains("sdn: 2 invalid rows are skipped:\n"), "{ran:?}");
    assert!(ran.stderr.contains("line 3, column mail \"b@b@b\": has more than one '@'"), "{ran:?}");
    assert!(
        ran.stderr.contains(
            "line 4, column mail: the cell is empty; add an invitee, or remove the row\n"
        ),
        "{ran:?}"
    );
    assert!(ran.stderr.ends_with("sdn: 2 of 4 invited, 2 invalid\n"), "{ran:?}");
    assert_eq!(fs::read_to_string(&invalid).unwrap(), "name,mail\nB,b@b@b\nC,\n");

    // The same command continues from there. Its status is 1 because of the invalid rows.
    let ran = run(&mut command(&unreachable_url()));
    assert_eq!((ran.status, &*ran.stdout), (1, ""), "{ran:?}");

    // The copied rows are being corrected.
    fs::write(&invalid, "name,mail\nB,b@example.com\n").unwrap();
    let ran = run(&mut command(&unreachable_url()));
    assert_eq!((ran.status, &*ran.stdout), (2, ""), "{ran:?}");
    let wanted = "people.csv.invalid.csv: has rows of an earlier run; invite from it first, or move it away\n";
    assert!(ran.stderr.ends_with(wanted), "{ran:?}");
    assert_eq!(fs::read_to_string(&invalid).unwrap(), "name,mail\nB,b@example.com\n");
}

#[test]
fn list_without_valid_row_invites_nobody() {
    let list = list("all-invalid", "b@b@b\n");
    let ran = run(from(&list, &unreachable_url()).arg("--skip-invalid"));
    assert_eq!((ran.status, &*ran.stdout), (1, ""), "{ran:?}");
    assert!(ran.stderr.ends_with("sdn: 0 of 1 invited, 1 invalid\n"), "{ran:?}");
    let ran = run(from(Path::new("-"), &unreachable_url()).arg("--skip-invalid"));
    assert_eq!(ran.status, 2, "{ran:?}");
    assert!(ran.stderr.contains("--skip-invalid: needs a file"), "{ran:?}");
}
