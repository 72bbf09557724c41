//! The credentials file: the token that a command uses, and changes of the file.

mod common;

use std::fs;
use std::path::Path;
use std::process::Command;

use common::logins::{file, login, read, set_mode, state, with, write, write_text};
use common::{answer, run, unreachable_url};
use sdn_testkit::script::serve_in_turn;
use serde_json::Value;

const ALICE: &str = "@alice:node.example";
const BOB: &str = "@bob:node.example";
const WHERE: &str = "see `sdn help tokens`";

fn me() -> String {
    answer("200 OK", "", r#"{"user_id":"@alice:node.example"}"#)
}

fn no(status: &str, code: &str) -> String {
    answer(status, "", &format!(r#"{{"errcode":"{code}","error":"No"}}"#))
}

/// Runs `sdn whoami --json` at a server that accepts every token. Returns the received token, and the output.
fn whoami(state: &Path, url: &str, change: impl FnOnce(&mut Command)) -> (String, Value) {
    let server = serve_in_turn(&[&me()]);
    let base = server.base_url();
    let text = fs::read_to_string(file(state)).unwrap_or_default().replace(url, &base);
    write_text(state, &text);
    let mut command = with(state, &["whoami", "--json"]);
    command.env("SDN_NODE", &base);
    change(&mut command);
    let ran = run(&mut command);
    assert_eq!(ran.status, 0, "{ran:?}");
    let request = &server.requests()[0];
    let token = request.header("authorization").unwrap().replace("Bearer ", "");
    (token, serde_json::from_str(&ran.stdout).unwrap())
}

#[test]
fn token_file_precedes_environment_and_credentials() {
    let state = state("order");
    let token_file = state.join("token");
    fs::write(&token_file, "from_file\n").unwrap();
    set_mode(&token_file, 0o600);
    let url = "http://127.0.0.1:1/";
    let set = || write(&state, &[login(url, ALICE, "from_credentials")]);

    set();
    let (token, printed) = whoami(&state, "http://127.0.0.1:1", |_| {});
    assert_eq!((&*token, &printed["token_from"]), ("from_credentials", &"credentials".into()));
    set();
    let (token, printed) = whoami(&state, "http://127.0.0.1:1", |command| {
        command.env("SDN_ACCESS_TOKEN", "from_environment");
    });
    assert_eq!((&*token, &printed["token_from"]), ("from_environment", &"environment".into()));
    set();
    let (token, printed) = whoami(&state, "http://127.0.0.1:1", |command| {
        command.env("SDN_ACCESS_TOKEN", "from_environment");
        command.arg("--access-token-file").arg(&token_file);
    });
    assert_eq!((&*token, &printed["token_from"]), ("from_file", &"file".into()));
}

#[test]
fn one_login_names_node_and_dialect() {
    let state = state("one");
    let server = serve_in_turn(&[&me(), &answer("200 OK", "", "{}")]);
    let mut entry = login(&format!("{}/sub/", server.base_url()), ALICE, "syt_one");
    entry["dialect"] = "matrix".into();
    write(&state, &[entry]);
    let ran = run(&mut with(&state, &["whoami"]));
    assert_eq!((ran.status, &*ran.stdout), (0, "@alice:node.example\n"), "{ran:?}");
    let path = file(&state).to_str().unwrap().to_owned();
    assert!(ran.stderr.contains(&path) && !ran.all().contains("syt_one"), "{ran:?}");
    let ran = run(&mut with(&state, &["invite", "!room:node.example", BOB]));
    assert_eq!(ran.status, 0, "{ran:?}");
    let requests = server.requests();
    assert_eq!(requests[0].path, "/sub/_matrix/client/v3/account/whoami");
    assert!(requests[1].path.starts_with("/sub/_matrix/client/v3/rooms/"), "{requests:?}");
    assert_eq!(requests[1].header("authorization"), Some("Bearer syt_one"));

    // A dry run needs no token, and uses the same node.
    let ran = run(&mut with(
        &state,
        &["invite", "!room:node.example", BOB, "--dry-run", "--print-requests"],
    ));
    assert!(ran.stdout.starts_with("POST /sub/_matrix/client/v3/"), "{ran:?}");
    assert!(!ran.all().contains("syt_one"), "{ran:?}");
}

#[test]
fn several_logins_are_listed_and_chosen() {
    let state = state("several");
    let servers = [(); 2].map(|()| serve_in_turn(&[&me()]));
    let [one, two] = [0, 1].map(|index| format!("{}/", servers[index].base_url()));
    let logins = [
        login(&one, ALICE, "syt_alice_one"),
        login(&one, BOB, "syt_bob_one"),
        login(&two, ALICE, "syt_alice_two"),
    ];
    write(&state, &logins);
    let list = |arguments: &[&str]| {
        let ran = run(&mut with(&state, &[&["whoami"], arguments].concat()));
        assert_eq!((ran.status, &*ran.stdout), (2, ""), "{ran:?}");
        assert!(!ran.all().contains("syt_"), "{ran:?}");
        ran.stderr
    };
    let option = |node: &str, user: &str| format!("    --node {node} --user {user}\n");
    let all = [option(&one, ALICE), option(&one, BOB), option(&two, ALICE)].concat();
    assert!(
        list(&[]).contains(&format!(
            "there are several logins; choose one, see `sdn help tokens`:\n{all}"
        ))
    );
    let at_one = [option(&one, ALICE), option(&one, BOB)].concat();
    assert!(list(&["--node", &one]).ends_with(&format!(":\n{at_one}")));
    let none = list(&["--user", "@carol:node.example"]);
    assert!(
        none.contains(&format!(
            "no login matches; choose one of these, see `sdn help tokens`:\n{all}"
        )),
        "{none}"
    );
    list(&["--node", "https://elsewhere.example"]);

    let chosen = ["whoami", "--node", one.trim_end_matches('/'), "--user", BOB];
    assert_eq!(run(&mut with(&state, &chosen)).status, 0);
    assert_eq!(servers[0].requests()[0].header("authorization"), Some("Bearer syt_bob_one"));
    assert_eq!(run(&mut with(&state, &["whoami", "--node", &two])).status, 0);
    assert_eq!(servers[1].requests()[0].header("authorization"), Some("Bearer syt_alice_two"));
    // The domain of the user is not asked, because the login names its node.
    list(&["--node", "elsewhere.example", "--user", BOB]);
    let chosen = ["whoami", "--node", "node.example", "--user", BOB];
    run(&mut with(&state, &chosen));
    let requests = servers[0].requests();
    assert_eq!(requests[1].header("authorization"), Some("Bearer syt_bob_one"));
    assert!(requests[1].path.ends_with("/account/whoami"), "{requests:?}");
}

#[test]
fn wallet_chooses_its_login() {
    let state = state("wallet");
    let server = serve_in_turn(&[&me(), &me()]);
    let url = server.base_url();
    let digits = "7e5f4552091a69125d5dfcb7b8c2659029395bdf";
    let user_id = format!("@sdn_{digits}:{digits}");
    write(&state, &[login(&url, BOB, "syt_bob"), login(&url, &user_id, "syt_wallet")]);
    for user in [format!("0x{}", digits.to_uppercase()), format!("matrix:u/{}", &user_id[1..])] {
        assert_eq!(run(&mut with(&state, &["whoami", "--user", &user])).status, 0);
    }
    for request in server.requests() {
        assert_eq!(request.header("authorization"), Some("Bearer syt_wallet"));
    }
}

#[test]
fn configured_node_chooses_a_login() {
    let state = state("configured");
    let server = serve_in_turn(&[&me()]);
    let url = server.base_url();
    let other = login("https://other.example/", ALICE, "syt_other");
    write(&state, &[other, login(&url, ALICE, "syt_configured")]);
    fs::write(state.join("sdn/config.toml"), format!("node = \"{url}\"\n")).unwrap();
    assert_eq!(run(with(&state, &["whoami"]).env("XDG_CONFIG_HOME", &state)).status, 0);
    assert_eq!(server.requests()[0].header("authorization"), Some("Bearer syt_configured"));
}

#[test]
fn user_and_token_are_bad_input() {
    let mut command = with(&state("user"), &["whoami", "--user", ALICE]);
    let ran = run(command.env("SDN_ACCESS_TOKEN", "t").env("SDN_NODE", "https://node.example"));
    assert_eq!(ran.status, 2);
    assert!(
        ran.stderr.contains("--user: chooses a login, but SDN_ACCESS_TOKEN contains"),
        "{ran:?}"
    );
}

#[test]
fn token_errors_name_help_topic() {
    let state = state("help");
    let node = ["whoami", "--node", "https://node.example"];
    let missing = run(&mut with(&state, &node));
    let bad = run(with(&state, &node).env("SDN_ACCESS_TOKEN", "a b"));
    let unreadable = run(with(&state, &node).args(["--access-token-file", "/nonexistent"]));
    let mut identity = with(&state, &["whois", "alice@example.com"]);
    identity.env("SDN_ID_ACCESS_TOKEN", "a b").args(["--id-server", "id.example"]);
    for ran in [missing, bad, unreadable, run(&mut identity)] {
        assert!(ran.status == 2 && ran.stderr.contains(WHERE), "{ran:?}");
    }
    let server = serve_in_turn(&[&no("401 Unauthorized", "M_UNKNOWN_TOKEN")]);
    write(&state, &[login(&server.base_url(), ALICE, "syt_old")]);
    let expired = run(&mut with(&state, &["whoami"]));
    assert!(expired.status == 1 && expired.stderr.contains(WHERE), "{expired:?}");

    let topic = run(&mut with(&state, &["help", "tokens"]));
    assert_eq!(topic.status, 0);
    for part in ["Where do I get a token?", "sdn login", "SDN_ACCESS_TOKEN", "credentials.json"] {
        assert!(topic.stdout.contains(part), "{part}: {topic:?}");
    }
    let printed = run(&mut with(&state, &["tokens"])).stdout;
    assert!(topic.stdout.contains(&printed), "{printed}");
}

#[test]
fn damaged_or_newer_file_is_unchanged() {
    let good = login("https://node.example/", ALICE, "syt_planted");
    let changed = |member: &str, value: Value| {
        let mut entry = good.clone();
        entry[member] = value;
        format!(r#"{{"logins":[{entry}],"version":1}}"#)
    };
    for (text, wanted) in [
        (String::new(), "damaged at line 1"),
        ("{\n\"version\":1,\n".to_owned(), "damaged at line"),
        (r#"{"logins":[]}"#.to_owned(), "damaged at line 1"),
        (r#"{"logins":[],"version":"syt_planted"}"#.to_owned(), "damaged at line 1"),
        (r#"{"logins":[],"version":1,"syt_planted":2}"#.to_owned(), "damaged at line 1"),
        (r#"{"syt_planted":[],"version":2}"#.to_owned(), "has version 2"),
        (changed("access_token", "syt planted".into()), "login 1 has an invalid access token"),
        (changed("node", "node.syt_planted".into()), "login 1 has an invalid node URL"),
        (changed("dialect", "syt_planted".into()), "login 1 has an invalid dialect"),
        (changed("user_id", "syt_planted".into()), "damaged at line 1"),
        (changed("extra", "syt_planted".into()), "damaged at line 1"),
    ] {
        let state = state("damaged");
        write_text(&state, &text);
        let path = file(&state).to_str().unwrap().to_owned();
        let matrix = ["login", "--node", "https://node.example", "--matrix", "--user", "alice"];
        let commands: [&[&str]; 3] = [&["whoami"], &["logout"], &matrix];
        for arguments in commands {
            let ran = run(&mut with(&state, arguments));
            assert_eq!((ran.status, &*ran.stdout), (2, ""), "{text}: {ran:?}");
            assert!(ran.stderr.contains(&path) && ran.stderr.contains(wanted), "{text}: {ran:?}");
            assert!(!ran.stderr.contains("planted"), "{ran:?}");
            assert_eq!(fs::read_to_string(file(&state)).unwrap(), text);
        }
        // A token makes a login unnecessary.
        let server = serve_in_turn(&[&me()]);
        let mut command = with(&state, &["whoami", "--node", &server.base_url()]);
        assert_eq!(run(command.env("SDN_ACCESS_TOKEN", "t")).status, 0);
    }
}

#[test]
fn plain_http_is_allowed_each_time() {
    let state = state("http");
    write(&state, &[login("http://node.example/", ALICE, "syt_http")]);
    let ran = run(&mut with(&state, &["whoami"]));
    assert!(ran.status == 2 && ran.stderr.contains("--insecure-http"), "{ran:?}");
}

#[test]
fn logout_removes_only_an_ended_login() {
    let gone = no("401 Unauthorized", "M_UNKNOWN_TOKEN");
    for (response, status, word, is_kept) in [
        (answer("200 OK", "", "{}"), 0, "logged out  ", false),
        (gone, 0, "logged out before  ", false),
        (no("401 Unauthorized", "M_MISSING_TOKEN"), 1, "not sent  ", true),
        (no("403 Forbidden", "M_FORBIDDEN"), 1, "refused  ", true),
        (answer("502 Bad Gateway", "", "<html>"), 3, "unknown  ", true),
        (String::new(), 3, "unknown  ", true),
    ] {
        let state = state("logout");
        let server = serve_in_turn(&[&response]);
        let url = format!("{}/", server.base_url());
        // Another node may issue the same token.
        let other = login("https://other.example/", BOB, "syt_mine");
        write(&state, &[login(&url, ALICE, "syt_mine"), other.clone()]);
        let ran = run(&mut with(&state, &["logout", "--node", &url]));
        assert_eq!((ran.status, &*ran.stdout), (status, &*format!("{word}{url}\n")), "{ran:?}");
        assert!(!ran.all().contains("syt_"), "{ran:?}");
        let request = &server.requests()[0];
        assert_eq!(request.path, "/_api/client/r0/logout");
        assert_eq!(request.header("authorization"), Some("Bearer syt_mine"));
        assert!(read(&state).contains(&other));
        assert_eq!(read(&state).len(), 1 + usize::from(is_kept), "{word}");
    }
    let state = state("logout");
    write(&state, &[login(&unreachable_url(), ALICE, "syt_mine")]);
    let ran = run(&mut with(&state, &["logout", "--json"]));
    let line: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((ran.status, &line["outcome"]), (1, &"not_sent".into()), "{ran:?}");
    assert_eq!(read(&state).len(), 1);
}

#[test]
fn logout_of_given_token_removes_login() {
    let state = state("given");
    let server = serve_in_turn(&[&answer("200 OK", "", "{}")]);
    write(&state, &[login(&server.base_url(), ALICE, "syt_mine")]);
    let mut command = with(&state, &["logout", "--node", &server.base_url()]);
    assert_eq!(run(command.env("SDN_ACCESS_TOKEN", "syt_mine")).status, 0);
    assert!(read(&state).is_empty());
}

#[test]
fn logout_reports_an_unreadable_file() {
    let state = state("unreadable");
    let server = serve_in_turn(&[&answer("200 OK", "", "{}")]);
    write_text(&state, "damaged");
    let mut command = with(&state, &["logout", "--node", &server.base_url()]);
    let ran = run(command.env("SDN_ACCESS_TOKEN", "syt_other"));
    assert!(ran.status == 1 && ran.stdout.starts_with("logged out"), "{ran:?}");
    // The damaged file may contain the token.
    assert!(ran.stderr.contains("the token has ended, but may still be in"), "{ran:?}");
    assert_eq!(fs::read_to_string(file(&state)).unwrap(), "damaged");
}

#[cfg(unix)]
#[test]
fn file_open_to_others_warns() {
    use std::os::unix::fs::symlink;

    let state = state("open");
    let server = serve_in_turn(&[&me(), &me(), &me(), &me(), &me()]);
    write(&state, &[login(&server.base_url(), ALICE, "syt_open")]);
    let warning = "other users can read this file";
    assert!(!run(&mut with(&state, &["whoami"])).stderr.contains(warning));
    for mode in [0o640, 0o604] {
        set_mode(&file(&state), mode);
        let ran = run(&mut with(&state, &["whoami"]));
        assert!(ran.status == 0 && ran.stderr.contains(warning), "{ran:?}");
    }
    let token_file = state.join("token");
    fs::write(&token_file, "syt_open\n").unwrap();
    for (mode, is_warned) in [(0o644, true), (0o600, false)] {
        set_mode(&token_file, mode);
        let mut command = with(&state, &["whoami", "--node", &server.base_url()]);
        let ran = run(command.arg("--access-token-file").arg(&token_file));
        let warned = ran.stderr.contains(&format!("--access-token-file: {warning}"));
        assert!(ran.status == 0 && warned == is_warned, "{ran:?}");
    }

    // Logging out rewrites the file so that only its owner can read it, even through a symbolic link.
    let server = serve_in_turn(&[&answer("200 OK", "", "{}")]);
    write(&state, &[login(&server.base_url(), ALICE, "syt_open")]);
    let target = state.join("elsewhere.json");
    fs::rename(file(&state), &target).unwrap();
    set_mode(&target, 0o644);
    symlink(&target, file(&state)).unwrap();
    assert_eq!(run(&mut with(&state, &["logout"])).status, 0);
    assert!(file(&state).is_symlink() && read(&state).is_empty());
    assert_eq!(mode(&target), 0o600);
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}
