//! `sdn login` with a wallet: the sources of both keys, and the output.

mod common;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use common::logins::{file, read, set_mode, state, with};
#[cfg(unix)]
use common::terminal::{answered, is_there_no_script};
use common::{Ran, answer, run};
use sdn_testkit::script::{ScriptedServer, serve, serve_in_turn};
use sdn_testkit::{Server, Wallet, World};
use serde_json::{Value, json};

const NODE: &str = "node.example";

/// An SDN-like node.
struct Stage {
    world: World,
    server: Server,
    wallet: Wallet,
    developer: Wallet,
    state: PathBuf,
}

impl Stage {
    fn set(name: &str) -> Self {
        let world = World::new();
        world.add_sdn_node(NODE);
        let server = world.serve().unwrap();
        let (wallet, developer) = (Wallet::new(0x5eed), Wallet::new(0xde7));
        Self { world, server, wallet, developer, state: state(name) }
    }

    fn login(&self, arguments: &[&str]) -> Command {
        login(&self.state, &self.server.base_url(), arguments)
    }

    /// Returns a login with the key in the environment.
    fn login_here(&self, arguments: &[&str]) -> Command {
        let mut command = self.login(arguments);
        command.env("SDN_WALLET_KEY", self.wallet.private_key());
        command
    }

    fn key_file(&self, wallet: &Wallet) -> String {
        let path = self.state.join("key");
        fs::write(&path, format!("0x{}\n", wallet.private_key())).unwrap();
        set_mode(&path, 0o600);
        path.to_str().unwrap().to_owned()
    }

    /// Returns the number of received logins.
    fn sent(&self) -> usize {
        let requests = self.world.requests();
        requests.iter().filter(|request| request.path.ends_with("/did/login")).count()
    }

    /// Checks that the login is stored, and that only the file contains secrets.
    fn check_kept(&self, ran: &Ran) {
        let user_id = self.wallet.user_id();
        assert_eq!(ran.status, 0, "{ran:?}");
        assert!(ran.stdout.ends_with(&format!("logged in  {user_id}\n")), "{ran:?}");
        let entries = read(&self.state);
        assert_eq!((entries.len(), &entries[0]["user_id"]), (1, &json!(user_id)));
        assert_eq!(entries[0]["dialect"], "sdn");
        self.check_secrets(ran);
        let whoami = run(&mut with(&self.state, &["whoami"]));
        assert_eq!((whoami.status, whoami.stdout), (0, format!("{user_id}\n")));
    }

    fn check_secrets(&self, ran: &Ran) {
        let kept = if file(&self.state).exists() { read(&self.state) } else { Vec::new() };
        let token = kept.first().map(|entry| entry["access_token"].as_str().unwrap().to_owned());
        for secret in
            token.into_iter().chain([self.wallet.private_key(), self.developer.private_key()])
        {
            assert!(!ran.all().contains(&secret), "{secret}: {ran:?}");
        }
        // Until the login, a signature is as powerful as a token.
        for request in self.world.requests() {
            let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
            for member in ["token", "app_token"] {
                let Some(signature) = body["identifier"][member].as_str() else { continue };
                assert!(!ran.all().contains(signature), "{ran:?}");
            }
        }
    }
}

fn login(state: &Path, url: &str, arguments: &[&str]) -> Command {
    let mut command = with(state, &["login", "--node", url, "--timeout", "10"]);
    command.args(arguments);
    command
}

#[test]
fn key_comes_from_file_or_environment() {
    let stage = Stage::set("key");
    let ran = run(&mut stage.login_here(&[]));
    stage.check_kept(&ran);
    assert!(ran.stderr.contains(&stage.wallet.address()), "{ran:?}");
    let file = stage.key_file(&stage.wallet);
    let mut command = stage.login(&["--key-file", &file]);
    // The file takes precedence over the environment.
    let ran = run(command.env("SDN_WALLET_KEY", Wallet::new(1).private_key()));
    stage.check_kept(&ran);
    assert!(!ran.stderr.contains("other users") && !ran.stderr.contains("unset it"), "{ran:?}");
    let mut command = stage.login(&["--key-file", &file]);
    let ran = run(command.env("SDN_ACCESS_TOKEN", "t"));
    assert!(ran.stderr.contains("SDN_ACCESS_TOKEN is set and takes precedence"), "{ran:?}");
    set_mode(Path::new(&file), 0o644);
    let ran = run(&mut stage.login(&["--key-file", &file]));
    stage.check_kept(&ran);
    assert_eq!(ran.stderr.contains("--key-file: other users can read this file"), cfg!(unix));
}

#[cfg(unix)]
#[test]
fn key_is_typed_unseen() {
    if is_there_no_script() {
        return;
    }
    let stage = Stage::set("typed");
    let key = stage.wallet.private_key();
    let ran = answered(&stage.login(&[]), "private key: ", &format!("{key}\n"));
    assert!(ran.status == 0 && !ran.stdout.contains(&key), "{ran:?}");
    assert_eq!(read(&stage.state)[0]["user_id"], json!(stage.wallet.user_id()));
}

#[test]
fn bad_input_sends_nothing() {
    let stage = Stage::set("bad");
    let key = stage.wallet.private_key();
    let short = &key[1..];
    for (arguments, key, wanted) in [
        (&[][..], short, "SDN_WALLET_KEY: does not have 64 hex digits"),
        (&[], "planted", "SDN_WALLET_KEY: contains a character that is not a hex digit"),
        (&[], &"0".repeat(64), "SDN_WALLET_KEY: "),
        (&["--key-file", "/nonexistent"], &key, "--key-file: cannot read the file"),
        (&["--external"], &key, "--wallet: not given"),
        (&["--external", "--wallet", "0x7e5f"], &key, "--wallet: does not have 40 hex digits"),
        (&["--external", "--wallet", &key], &key, "--wallet: not the address"),
        (&["--user", "alice"], &key, "--user: only for a Matrix node"),
        (&["--wait", "ages"], &key, "--wait: "),
        (&["--developer-sign-url", "http://dev.example/"], &key, "plain http is allowed only"),
        (&["--developer-sign-url", "https://dev.example/#a"], &key, "--developer-sign-url: has a"),
        (&["--developer-sign-url", "dev.example"], &key, "--developer-sign-url: "),
        (
            &["--developer-sign-url", "https://u:planted@dev.example"],
            &key,
            "--developer-sign-url: ",
        ),
        (&["--matrix", "--external"], &key, "--external: a Matrix node expects a password"),
        (&["--matrix", "--developer"], &key, "--developer…: a Matrix node expects a password"),
    ] {
        let ran = run(stage.login(arguments).env("SDN_WALLET_KEY", key));
        assert_eq!((ran.status, &*ran.stdout), (2, ""), "{arguments:?}: {ran:?}");
        assert!(ran.stderr.contains(wanted), "{wanted}: {ran:?}");
        assert!(!ran.all().contains("planted") && !ran.all().contains(short), "{ran:?}");
    }
    let mut command = stage.login_here(&[]);
    let ran = run(command.env("SDN_DEVELOPER_KEY", "planted"));
    assert!(ran.status == 2 && ran.stderr.contains("SDN_DEVELOPER_KEY: "), "{ran:?}");
    assert!(!file(&stage.state).exists() && stage.world.requests().is_empty());
}

/// Runs the command, and signs its messages. Returns also the requests for signatures.
fn signed(command: &mut Command, sign: impl Fn(&Value) -> String) -> (Ran, Vec<Value>) {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let (mut asked, mut shown) = (Vec::new(), String::new());
    loop {
        let mut line = String::new();
        if stdout.read_line(&mut line).unwrap() == 0 {
            break;
        }
        shown += &line;
        let line: Value = serde_json::from_str(&line).unwrap();
        if line.get("sign_with").is_some() {
            writeln!(stdin, "{}", sign(&line)).unwrap();
            asked.push(line);
        }
    }
    let mut ran = Ran::from(child.wait_with_output().unwrap());
    ran.stdout = shown;
    (ran, asked)
}

#[test]
fn signature_is_made_elsewhere() {
    let stage = Stage::set("external");
    let address = stage.wallet.address();
    let external = ["--external", "--wallet", &address, "--json"];
    let (ran, asked) = signed(&mut stage.login(&external), |line| {
        stage.wallet.sign(line["message"].as_str().unwrap())
    });
    assert_eq!((ran.status, asked.len()), (0, 1), "{ran:?}");
    let members: Vec<_> = asked[0].as_object().unwrap().keys().collect();
    assert_eq!(members, ["did", "message", "sign_with"]);
    assert_eq!(asked[0]["sign_with"], "wallet");
    assert!(asked[0]["did"].as_str().unwrap().starts_with("did:"), "{asked:?}");
    let last: Value = serde_json::from_str(ran.stdout.lines().last().unwrap()).unwrap();
    assert_eq!(
        (&last["outcome"], &last["user_id"]),
        (&json!("logged_in"), &json!(stage.wallet.user_id()))
    );
    stage.check_secrets(&ran);

    // Now the wallet has a DID, and the developer must sign too.
    stage.world.require_developer_key(NODE, &stage.developer);
    let (ran, asked) = signed(stage.login(&external).arg("--developer"), |line| {
        let signer =
            if line["sign_with"] == "developer" { &stage.developer } else { &stage.wallet };
        signer.sign(line["message"].as_str().unwrap())
    });
    assert_eq!((ran.status, asked.len()), (0, 2), "{ran:?}");
    assert_eq!(
        (&asked[1]["sign_with"], &asked[1]["message"]),
        (&json!("developer"), &asked[0]["message"])
    );
    let digits = address.trim_start_matches("0x");
    assert_eq!(asked[0]["did"], format!("did:sdn:{digits}"));
    stage.check_secrets(&ran);
}

#[test]
fn signature_of_printed_text_is_accepted() {
    let stage = Stage::set("shown-text");
    let address = stage.wallet.address();
    let mut child = stage
        .login(&["--external", "--wallet", &address])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut lines = Vec::new();
    while !lines.last().is_some_and(|line: &String| line.contains("enter the signature")) {
        let mut line = String::new();
        assert_ne!(stderr.read_line(&mut line).unwrap(), 0, "{lines:?}");
        lines.push(line.trim_end_matches('\n').to_owned());
    }
    let message: Vec<_> = lines.iter().filter_map(|line| line.strip_prefix("  ")).collect();
    let signature = stage.wallet.sign(&message.join("\n"));
    writeln!(child.stdin.take().unwrap(), "{signature}").unwrap();
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert_eq!(ran.status, 0, "{lines:?} {ran:?}");
    stage.check_secrets(&ran);
}

#[test]
fn bad_signature_is_not_sent() {
    let stage = Stage::set("other");
    let address = stage.wallet.address();
    let external = ["--external", "--wallet", &address, "--json"];
    let other = |line: &Value| Wallet::new(1).sign(line["message"].as_str().unwrap());
    let message = |_: &Value| stage.wallet.sign("another message");
    let short =
        |line: &Value| stage.wallet.sign(line["message"].as_str().unwrap())[..130].to_owned();
    let nothing = |_: &Value| String::new();
    type Sign<'a> = &'a dyn Fn(&Value) -> String;
    let signers: [(Sign<'_>, &str); 4] = [
        (&other, "was not made by this wallet for this message"),
        (&message, "was not made by this wallet for this message"),
        (&short, "does not have 130 hex digits"),
        (&nothing, "empty"),
    ];
    for (sign, wanted) in signers {
        let (ran, _) = signed(&mut stage.login(&external), sign);
        assert_eq!(ran.status, 2, "{ran:?}");
        assert!(ran.stderr.contains(&format!("no login was sent; signature: {wanted}")), "{ran:?}");
    }
    // There is no signature.
    let ran = run(&mut stage.login(&external));
    assert_eq!((ran.status, stage.sent()), (2, 0), "{ran:?}");
    assert!(!file(&stage.state).exists());
}

#[test]
fn unstorable_login_is_not_sent() {
    let stage = Stage::set("no-place");
    let blocked = stage.state.join("blocked");
    fs::write(&blocked, "").unwrap();
    let mut at_a_file = stage.login_here(&[]);
    at_a_file.env("XDG_STATE_HOME", &blocked);
    let mut homeless = stage.login_here(&[]);
    homeless.env_remove("XDG_STATE_HOME").env_remove("HOME");
    for (command, wanted) in
        [(&mut at_a_file, "cannot write the file"), (&mut homeless, "set HOME or XDG_STATE_HOME")]
    {
        let ran = run(command);
        assert!(ran.status == 2 && ran.stderr.contains(wanted), "{ran:?}");
    }
    assert!(stage.world.requests().is_empty());
}

#[test]
fn unstored_login_is_ended() {
    let stage = Stage::set("not-kept");
    let address = stage.wallet.address();
    let external = ["--external", "--wallet", &address, "--json"];
    let (ran, _) = signed(&mut stage.login(&external), |line| {
        // After the check, a folder replaces the file before the login ends.
        fs::create_dir_all(file(&stage.state)).unwrap();
        stage.wallet.sign(line["message"].as_str().unwrap())
    });
    assert_eq!(ran.status, 1, "{ran:?}");
    assert!(ran.stderr.contains("the login cannot be stored, and was ended: "), "{ran:?}");
    let paths: Vec<_> = stage.world.requests().into_iter().map(|request| request.path).collect();
    assert!(paths.last().unwrap().ends_with("/logout"), "{paths:?}");
}

fn sign_server(respond: impl Fn(&str) -> String + Send + Sync + 'static) -> ScriptedServer {
    serve(move |connection| {
        while let Some(request) = connection.request() {
            let body: Value = serde_json::from_slice(&request.body).unwrap();
            let response = respond(body["message"].as_str().unwrap());
            if response.is_empty() || connection.write(response).is_err() {
                return;
            }
        }
    })
}

#[test]
fn developer_signs_too() {
    let stage = Stage::set("developer");
    stage.world.require_developer_key(NODE, &stage.developer);
    let ran = run(&mut stage.login_here(&[]));
    assert!(ran.status == 1 && ran.stderr.contains("the node refused the login"), "{ran:?}");
    stage.check_secrets(&ran);

    let mut command = stage.login_here(&[]);
    stage.check_kept(&run(command.env("SDN_DEVELOPER_KEY", stage.developer.private_key())));
    let file = stage.key_file(&stage.developer);
    stage.check_kept(&run(&mut stage.login_here(&["--developer-key-file", &file])));
    let developer = stage.developer.clone();
    let server = sign_server(move |message| {
        let body = json!({ "signature": developer.sign(message) }).to_string();
        answer("200 OK", "", &body)
    });
    let url = format!("{}/sign?app=7", server.base_url());
    stage.check_kept(&run(&mut stage.login_here(&["--developer-sign-url", &url])));
    let request = &server.requests()[0];
    assert_eq!((&*request.method, &*request.path), ("POST", "/sign?app=7"));
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert!(request.header("authorization").is_none());
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    assert_eq!(body.as_object().unwrap().len(), 1);
}

#[test]
fn failed_developer_server_ends_login() {
    let stage = Stage::set("sign-url");
    let elsewhere = serve_in_turn(&[]);
    let redirect = format!("location: {}/\r\n", elsewhere.base_url());
    for (response, wanted) in [
        (answer("302 Found", &redirect, ""), "302"),
        (answer("500 Internal Server Error", "", "planted"), "500"),
        (answer("200 OK", "", r#"{"signature":"0xplanted"}"#), "signature: "),
        (answer("200 OK", "", r#"{"signed":"0xplanted"}"#), "200 OK"),
        (answer("200 OK", "", &" ".repeat(20_000)), "exceeds"),
        (String::new(), ""),
    ] {
        let server = sign_server(move |_| response.clone());
        let ran = run(&mut stage.login_here(&["--developer-sign-url", &server.base_url()]));
        assert_eq!((ran.status, &*ran.stdout), (1, ""), "{ran:?}");
        let place = "no login was sent; --developer-sign-url: ";
        assert!(ran.stderr.contains(place) && ran.stderr.contains(wanted), "{wanted}: {ran:?}");
        assert!(!ran.all().contains("planted"), "{ran:?}");
        assert_eq!(server.requests().len(), 1);
    }
    assert!(stage.sent() == 0 && elsewhere.requests().is_empty());

    let silent = serve(|connection| while connection.request().is_some() {});
    let start = Instant::now();
    let ran = run(&mut stage.login_here(&["--developer-sign-url", &silent.base_url()]));
    let took = start.elapsed();
    assert!(ran.status == 1 && ran.stderr.contains("timeout"), "{ran:?}");
    assert!((8..20).contains(&took.as_secs()), "{took:?}");
}

/// Returns the responses of a node with this message, up to the login.
fn challenge(message: &str) -> [String; 2] {
    let digits = Wallet::new(7).address().trim_start_matches("0x").to_owned();
    let did = format!("did:sdn:{digits}");
    let challenge =
        json!({ "did": did, "message": message, "updated": "then", "random_server": "r" });
    [json!({ "data": [did] }), challenge].map(|body| answer("200 OK", "", &body.to_string()))
}

#[test]
fn message_is_printed_escaped_before_signing() {
    let state = state("shown");
    let [dids, asked] = challenge("Log in\n\u{1b}[2J\u{202e}Nonce: 7");
    let refused = answer("403 Forbidden", "", r#"{"errcode":"M_FORBIDDEN","error":"No"}"#);
    let server = serve_in_turn(&[&dids, &asked, &refused]);
    let mut command = login(&state, &server.base_url(), &[]);
    let ran = run(command.env("SDN_WALLET_KEY", Wallet::new(7).private_key()));
    assert_eq!(ran.status, 1, "{ran:?}");
    let shown = "to sign this message:\n  Log in\n  \\u{1b}[2J\\u{202e}Nonce: 7\n";
    let place = ran.stderr.find(shown).unwrap_or_else(|| panic!("{ran:?}"));
    assert!(place < ran.stderr.find("refused the login").unwrap(), "{ran:?}");
    // The message is signed unchanged.
    let body: Value = serde_json::from_slice(&server.requests()[2].body).unwrap();
    let signature = Wallet::new(7).sign("Log in\n\u{1b}[2J\u{202e}Nonce: 7");
    assert_eq!(body["identifier"]["token"], signature);

    // With --external, a note says that the printed text is not exact.
    let server = serve_in_turn(&[&dids, &asked]);
    let address = Wallet::new(7).address();
    let ran = run(&mut login(&state, &server.base_url(), &["--external", "--wallet", &address]));
    assert!(ran.stderr.contains("use --json to get the exact text"), "{ran:?}");
}

#[test]
fn wallet_login_is_not_repeated() {
    let state = state("unknown-wallet");
    let [dids, asked] = challenge("Log in");
    for response in [
        String::new(),
        answer("504 Gateway Timeout", "", "<html>"),
        answer("200 OK", "", "nonsense"),
    ] {
        let server = serve_in_turn(&[&dids, &asked, &response]);
        let mut command = login(&state, &server.base_url(), &["--wait", "5"]);
        let ran = run(command.env("SDN_WALLET_KEY", Wallet::new(7).private_key()));
        assert_eq!((ran.status, &*ran.stdout), (3, ""), "{ran:?}");
        assert!(ran.stderr.contains("whose token is lost"), "{ran:?}");
        assert_eq!(server.requests().len(), 3);
    }
    let refused = answer("200 OK", "", r#"{"errcode":"M_FORBIDDEN","error":"No"}"#);
    let server = serve_in_turn(&[&dids, &asked, &refused]);
    let mut command = login(&state, &server.base_url(), &[]);
    let ran = run(command.env("SDN_WALLET_KEY", Wallet::new(7).private_key()));
    assert!(ran.status == 1 && ran.stderr.contains("M_FORBIDDEN"), "{ran:?}");
    assert!(!file(&state).exists());
}

#[test]
fn matrix_node_is_reported() {
    let world = World::new();
    world.add_node(NODE);
    let server = world.serve().unwrap();
    let mut command = login(&state("no-wallets"), &server.base_url(), &[]);
    let ran = run(command.env("SDN_WALLET_KEY", Wallet::new(7).private_key()));
    assert!(ran.status == 1 && ran.stderr.contains("use --matrix"), "{ran:?}");
}

#[test]
fn node_and_user_have_one_entry() {
    let (stage, elsewhere) = (Stage::set("entries"), Stage::set("entries-elsewhere"));
    assert_eq!(run(&mut stage.login_here(&[])).status, 0);
    let mut command = elsewhere.login_here(&[]);
    assert_eq!(run(command.env("XDG_STATE_HOME", &stage.state)).status, 0);
    let mut command = stage.login(&[]);
    assert_eq!(run(command.env("SDN_WALLET_KEY", Wallet::new(7).private_key())).status, 0);
    let before = read(&stage.state);
    assert_eq!(before.len(), 3);
    let ran = run(&mut stage.login_here(&[]));
    assert!(ran.stderr.contains("an earlier login of the same user was replaced"), "{ran:?}");
    let after = read(&stage.state);
    assert!(after.len() == 3 && !after.contains(&before[0]), "{before:?} {after:?}");
    assert!(before[1..].iter().all(|entry| after.contains(entry)), "{before:?} {after:?}");
}

#[test]
fn concurrent_logins_are_all_stored() {
    let stage = Stage::set("parallel");
    let children: Vec<_> = (1..=8)
        .map(|number| {
            let mut command = stage.login(&[]);
            command.env("SDN_WALLET_KEY", Wallet::new(number).private_key());
            command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
        })
        .collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let mut users: Vec<_> =
        read(&stage.state).iter().map(|entry| entry["user_id"].to_string()).collect();
    users.sort();
    users.dedup();
    assert_eq!(users.len(), 8);
    let left: Vec<_> = fs::read_dir(stage.state.join("sdn")).unwrap().collect();
    assert_eq!(left.len(), 2, "the file and its lock: {left:?}");
}
