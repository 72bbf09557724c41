//! The `sdn` command at real servers, under `/_api/` and `/_matrix/`, plain and over TLS.

mod command;

use std::process::{Command, Output};

use command::sdn;
use sdn_interop::{
    DEAD, ID_A, ID_A_API, ID_B, Lab, NODE_A, NODE_A_API, NODE_A_API_TLS, NODE_B_API, User,
    invitation_mail, unique_address,
};
use serde_json::Value;

fn command(lab: &Lab, user: &User, arguments: &[&str]) -> Command {
    let mut command = Command::new(sdn());
    command.args(arguments).arg("--ca-file").arg(lab.run_folder().join("tls/ca.pem"));
    command.env("SDN_ACCESS_TOKEN", &user.token).env_remove("SDN_ID_ACCESS_TOKEN");
    command
}

/// Runs a command, which must not print this secret.
fn finish(command: &mut Command, secret: &str) -> Output {
    let output = command.output().expect("the command runs");
    for shown in [&output.stdout, &output.stderr] {
        let shown = String::from_utf8_lossy(shown);
        assert!(!shown.contains(secret), "{shown}");
    }
    output
}

fn run(lab: &Lab, user: &User, id_token: Option<&str>, arguments: &[&str]) -> Output {
    let mut command = command(lab, user, arguments);
    if let Some(id_token) = id_token {
        command.env("SDN_ID_ACCESS_TOKEN", id_token);
    }
    let output = finish(&mut command, &user.token);
    let shown = format!("{output:?}");
    assert!(id_token.is_none_or(|token| !shown.contains(token)), "{shown}");
    output
}

fn lines(output: &Output) -> Vec<Value> {
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
}

#[test]
#[ignore = "needs the real servers: .ci/run interop"]
fn invitations_of_every_kind_arrive() {
    let lab = Lab::start();
    let alice = lab.register(NODE_A, "alice");
    let bob = lab.register(NODE_A, "bob");
    let carol = lab.register(NODE_A, "carol");
    let carols_address = unique_address("carol");
    lab.bind(&carol, ID_A, &carols_address);
    let id_token = lab.register_identity(&alice, ID_A);
    for (node, dialect) in [(NODE_A, Some("--matrix")), (NODE_A_API, None), (NODE_A_API_TLS, None)]
    {
        let room = lab.create_room(&alice);
        let unbound = unique_address("dave");
        let mut arguments = vec![
            "invite",
            &room,
            &unbound,
            &carols_address,
            &bob.id,
            "--node",
            node,
            "--id-server",
            ID_A,
            "--json",
        ];
        arguments.extend(dialect);
        let output = run(lab, &alice, Some(&id_token), &arguments);
        assert_eq!(output.status.code(), Some(0), "{node}: {output:?}");
        let outcomes = lines(&output);
        assert_eq!(outcomes.len(), 3);
        assert!(outcomes.iter().all(|line| line["outcome"] == "invited"), "{outcomes:?}");

        let mail = invitation_mail(lab, &unbound);
        assert_eq!(mail["room_id"], room);
        assert!(
            lab.state_event(&alice, &room, "m.room.third_party_invite", &mail["token"]).is_some()
        );
        for user in [&bob, &carol] {
            let event =
                lab.state_event(&alice, &room, "m.room.member", &user.id).expect("an invite");
            assert_eq!(event["content"]["membership"], "invite");
        }
    }
}

#[test]
#[ignore = "needs the real servers: .ci/run interop"]
fn failures_have_their_exit_status() {
    let lab = Lab::start();
    let alice = lab.register(NODE_A, "alice");
    let bob = lab.register(NODE_A, "bob");
    let room = lab.create_room(&alice);

    let output =
        run(lab, &bob, None, &["invite", &room, &alice.id, "--node", NODE_A_API, "--json"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let line = &lines(&output)[0];
    assert_eq!(
        (&line["outcome"], &line["status"], &line["errcode"]),
        (&"refused".into(), &403.into(), &"M_FORBIDDEN".into())
    );

    let dead = format!("http://{DEAD}");
    let output = run(lab, &alice, None, &["invite", &room, &bob.id, "--node", &dead, "--json"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert_eq!(lines(&output)[0]["outcome"], "not_sent");

    let (_, server) = alice.id.split_once(':').expect("a user ID");
    let alias = format!("#lobby:{server}");
    let output = run(lab, &alice, None, &["invite", &alias, &bob.id, "--node", NODE_A_API]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("404 M_NOT_FOUND"), "{output:?}");

    let output = run(lab, &alice, None, &["invite", "lobby", &bob.id, "--node", NODE_A_API]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
}

#[test]
#[ignore = "needs the real servers: .ci/run interop"]
fn rate_limit_is_reported_with_delay() {
    let lab = Lab::start();
    let alice = lab.register(sdn_interop::NODE_B, "alice");
    let room = lab.create_room(&alice);
    let id_token = lab.register_identity(&alice, ID_A);
    let addresses: Vec<String> = (0..8).map(|_| unique_address("erin")).collect();
    let mut arguments = vec!["invite", &room, "--node", NODE_B_API, "--id-server", ID_A, "--json"];
    arguments.extend(addresses.iter().map(String::as_str));
    let output = run(lab, &alice, Some(&id_token), &arguments);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let outcomes = lines(&output);
    let limited = outcomes.iter().find(|line| line["status"] == 429).expect("a rate limit");
    assert_eq!(limited["errcode"], "M_LIMIT_EXCEEDED");
    assert!(limited["retry_after_ms"].as_u64().is_some_and(|delay| delay > 60_000), "{limited}");
}

/// Runs a command without a token of the identity server, and checks its exit status.
#[track_caller]
fn sdn_as(
    lab: &Lab,
    user: &User,
    status: i32,
    arguments: &[&str],
    environment: &[(&str, &str)],
) -> Output {
    let mut command = command(lab, user, arguments);
    let output = finish(command.envs(environment.iter().copied()), &user.token);
    assert_eq!(output.status.code(), Some(status), "{arguments:?}: {output:?}");
    output
}

#[test]
#[ignore = "needs the real servers: .ci/run interop"]
fn access_token_leads_to_the_join() {
    let lab = Lab::start();
    let alice = lab.register(NODE_A, "alice");
    let room = lab.create_room(&alice);
    let node = ["--node", NODE_A_API];
    let id_server_url = format!("https://{ID_A_API}");
    let identity = ["--id-server", ID_A, "--id-server-url", &id_server_url];
    let output = sdn_as(lab, &alice, 0, &[&["whoami"], &node[..]].concat(), &[]);
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim_end(), alice.id);

    for way in [&["--signed-by-server"][..], &["--sender", &alice.id]] {
        let address = unique_address("erin");
        let invite = [&["invite", &room, &address], &node[..], &identity].concat();
        sdn_as(lab, &alice, 0, &invite, &[]);
        let mail = invitation_mail(lab, &address);
        let (token, key) = (&*mail["token"], &*mail["ephemeral_private_key"]);
        let list = [&["pending", &room, "--json"], &node[..]].concat();
        let pending = lines(&sdn_as(lab, &alice, 0, &list, &[]));
        assert!(pending.iter().any(|line| line["token"] == token), "{pending:?}");

        let erin = lab.register(NODE_A, "erin");
        let accept = [&["accept", &room, token], &node[..], &identity, way].concat();
        let output = sdn_as(lab, &erin, 0, &accept, &[("SDN_INVITE_KEY", key)]);
        assert!(!String::from_utf8_lossy(&output.stderr).contains(key), "{output:?}");
        let event = lab.state_event(&alice, &room, "m.room.member", &erin.id).expect("a join");
        assert_eq!(event["content"]["membership"], "join");
    }

    let address = unique_address("frank");
    sdn_as(lab, &alice, 0, &[&["invite", &room, &address], &node[..], &identity].concat(), &[]);
    let mail = invitation_mail(lab, &address);
    let (token, key) = (&*mail["token"], &*mail["ephemeral_private_key"]);
    let revoke = [&["revoke", &room, token], &node[..]].concat();
    sdn_as(lab, &alice, 0, &revoke, &[]);
    let frank = lab.register(NODE_A, "frank");
    let accept = [&["accept", &room, token, "--sender", &alice.id], &node[..], &identity].concat();
    let output = sdn_as(lab, &frank, 1, &accept, &[("SDN_INVITE_KEY", key)]);
    assert!(output.stdout.starts_with(b"refused"), "{output:?}");
}

#[test]
#[ignore = "needs the real servers: .ci/run interop"]
fn addresses_are_looked_up() {
    let lab = Lab::start();
    let bob = lab.register(NODE_A, "bob");
    let address = unique_address("bob");
    lab.bind(&bob, ID_A, &address);
    let arguments = [
        "whois",
        &address,
        "nobody@example.org",
        "--node",
        NODE_A,
        "--matrix",
        "--id-server",
        ID_A,
    ];
    let output = sdn_as(lab, &bob, 0, &arguments, &[]);
    let expected = format!("{address}  {}\nnobody@example.org  nobody\n", bob.id);
    assert_eq!(String::from_utf8_lossy(&output.stdout), expected);
}

#[test]
#[ignore = "needs the real servers: .ci/run interop"]
fn terms_need_an_acceptance() {
    let lab = Lab::start();
    let alice = lab.register(NODE_A, "alice");
    let room = lab.create_room(&alice);
    let address = unique_address("grace");
    let mut arguments =
        vec!["invite", &*room, &address, "--node", NODE_A, "--matrix", "--id-server", ID_B];
    let output = sdn_as(lab, &alice, 1, &arguments, &[]);
    assert!(String::from_utf8_lossy(&output.stdout).contains("--accept-terms"), "{output:?}");
    arguments.push("--accept-terms");
    sdn_as(lab, &alice, 0, &arguments, &[]);
    invitation_mail(lab, &address);
}
