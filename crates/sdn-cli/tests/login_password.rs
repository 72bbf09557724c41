//! `sdn login` with a password.

mod common;

use common::logins::{file, read, state, with};
#[cfg(unix)]
use common::terminal::{answered, is_there_no_script};
use common::{answer, run};
use sdn_testkit::World;
use sdn_testkit::script::{serve, serve_in_turn};
use serde_json::Value;

const ALICE: &str = "@alice:node.example";
const PASSWORD: &str = " planted correct horse ";

#[cfg(unix)]
#[test]
fn password_login_is_stored_and_ended() {
    if is_there_no_script() {
        return;
    }
    let world = World::new();
    world.set_password(ALICE, PASSWORD);
    let server = world.serve().unwrap();
    let state = state("password");
    let login = |arguments: &[&str], typed: &str| {
        let node = ["login", "--matrix", "--node", &server.base_url(), "--user", "alice"];
        let command = with(&state, &[&node, arguments].concat());
        let ran = answered(&command, "Password: ", typed);
        assert!(!ran.stdout.contains("planted"), "{ran:?}");
        ran
    };
    let wrong = login(&[], "planted wrong\n");
    assert!(wrong.status == 1 && wrong.stdout.contains("M_FORBIDDEN"), "{wrong:?}");
    assert!(!file(&state).exists());

    let ran = login(&[], &format!("{PASSWORD}\n"));
    assert!(ran.status == 0 && ran.stdout.contains(&format!("logged in  {ALICE}")), "{ran:?}");
    let entries = read(&state);
    let node = format!("{}/", server.base_url());
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0]["node"], node);
    assert_eq!(entries[0]["user_id"], ALICE);
    assert_eq!(entries[0]["dialect"], "matrix");
    let token = entries[0]["access_token"].as_str().unwrap();
    assert!(entries[0]["device_id"].is_string() && !ran.stdout.contains(token), "{entries:?}");
    check_private(&state);

    let whoami = run(&mut with(&state, &["whoami"]));
    assert_eq!((whoami.status, &*whoami.stdout), (0, &*format!("{ALICE}\n")), "{whoami:?}");

    // A second login replaces the first one.
    let ran = login(&["--json"], &format!("{PASSWORD}\n"));
    assert!(ran.stdout.contains("an earlier login of the same user was replaced"), "{ran:?}");
    let line = ran.stdout.lines().find(|line| line.starts_with('{')).unwrap();
    let line: Value = serde_json::from_str(line).unwrap();
    assert_eq!((&line["outcome"], &line["user_id"]), (&"logged_in".into(), &ALICE.into()));
    let entries = read(&state);
    assert!(entries.len() == 1 && entries[0]["access_token"] != token, "{entries:?}");

    assert_eq!(run(&mut with(&state, &["logout"])).status, 0);
    assert!(read(&state).is_empty());
    let ran = run(&mut with(&state, &["whoami", "--node", &server.base_url()]));
    assert!(ran.status == 2 && ran.stderr.contains("there is no login"), "{ran:?}");
}

/// Only the owner can read the file and its folder.
#[cfg(unix)]
fn check_private(state: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode(&file(state)) & 0o777, 0o600);
    assert_eq!(mode(&state.join("sdn")) & 0o777, 0o700);
}

#[test]
fn node_without_password_login_is_reported() {
    let offers = r#"{"flows":[{"type":"m.login.sso"},{"type":"m.login.token"}]}"#;
    let server = serve_in_turn(&[&answer("200 OK", "", offers)]);
    let arguments = ["login", "--matrix", "--node", &server.base_url(), "--user", "alice"];
    let ran = run(&mut with(&state("sso"), &arguments));
    assert_eq!(ran.status, 1, "{ran:?}");
    for part in ["no login with a password", "m.login.sso, m.login.token", "sdn help tokens"] {
        assert!(ran.stderr.contains(part), "{ran:?}");
    }
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn node_without_login_is_reported() {
    let server = serve_in_turn(&[&answer("200 OK", "", r#"{"flows":[]}"#)]);
    let arguments = ["login", "--matrix", "--node", &server.base_url(), "--user", "alice"];
    let ran = run(&mut with(&state("no-flows"), &arguments));
    assert!(ran.status == 1 && ran.stderr.ends_with("sdn help tokens`\n"), "{ran:?}");
}

#[test]
fn sdn_node_is_reported() {
    let world = World::new();
    world.add_sdn_node("node.example");
    let server = world.serve().unwrap();
    let arguments = ["login", "--matrix", "--node", &server.base_url(), "--user", "alice"];
    let ran = run(&mut with(&state("no-passwords"), &arguments));
    assert!(ran.status == 1 && ran.stderr.contains("use --matrix only if it does"), "{ran:?}");
}

#[cfg(unix)]
#[test]
fn empty_user_is_not_sent() {
    if is_there_no_script() {
        return;
    }
    let offers = r#"{"flows":[{"type":"m.login.password"}]}"#;
    let server = serve_in_turn(&[&answer("200 OK", "", offers)]);
    let arguments = ["login", "--matrix", "--node", &server.base_url()];
    let ran = answered(&with(&state("nobody"), &arguments), "User:", "\n\n");
    assert_eq!(ran.status, 2, "{ran:?}");
    assert!(ran.stdout.contains("no login was sent; --user: empty"), "{ran:?}");
    assert_eq!(server.requests().len(), 1);
}

#[cfg(unix)]
#[test]
fn password_login_is_not_repeated() {
    if is_there_no_script() {
        return;
    }
    let server = serve(|connection| {
        while let Some(request) = connection.request() {
            if request.method == "POST" {
                return;
            }
            let offers = r#"{"flows":[{"type":"m.login.password"}]}"#;
            if connection.write(answer("200 OK", "", offers)).is_err() {
                return;
            }
        }
    });
    let state = state("unknown");
    let arguments = ["login", "--matrix", "--node", &server.base_url(), "--user", "alice"];
    let ran = answered(&with(&state, &arguments), "Password: ", "planted\n");
    assert_eq!(ran.status, 3, "{ran:?}");
    assert!(ran.stdout.contains("whose token is lost"), "{ran:?}");
    let posts = server.requests().into_iter().filter(|request| request.method == "POST");
    assert_eq!(posts.count(), 1);
    assert!(!file(&state).exists());
}
