//! The commands behind a gateway that forwards a request and then responds with its own page.

mod common;

use std::process::Command;
use std::time::Duration;

use common::{bare, run};
use http::StatusCode;
use sdn_testkit::{Fault, Server, World};
use serde_json::Value;

const ID_SERVER: &str = "id.example:8090";
const ALICE: &str = "@alice:node.example";
const DAVE: &str = "@dave:node.example";
const ADDRESS: &str = "dave@example.com";

struct Stage {
    world: World,
    server: Server,
    room: String,
    alice: String,
    dave: String,
}

impl Stage {
    fn set() -> Self {
        let world = World::new();
        world.add_identity_server(ID_SERVER);
        let [alice, dave] = [ALICE, DAVE].map(|user| world.add_user(user));
        let room = world.create_room(ALICE);
        Self { server: world.serve().unwrap(), room, alice, dave, world }
    }

    /// Replaces the response to one request, after `before` unchanged responses.
    fn page_after(&self, before: usize, status: u16, handled: bool) {
        for _ in 0..before {
            self.server.fault_next(Fault::AnswerLate(Duration::ZERO));
        }
        let status = StatusCode::from_u16(status).unwrap();
        self.server.fault_next(Fault::Page { status, handled });
    }

    fn command(&self, token: &str, arguments: &[&str]) -> Command {
        let mut command = bare();
        command.args(arguments).args(["--node", &self.server.base_url(), "--timeout", "10"]);
        command.env("SDN_ACCESS_TOKEN", token);
        command
    }

    fn invite(&self, invitee: &str) -> Command {
        let id_token = self.world.register_identity(ID_SERVER, ALICE);
        let mut command = self.command(&self.alice, &["invite", &self.room, invitee, "--json"]);
        command.args(["--id-server", ID_SERVER]).env("SDN_ID_ACCESS_TOKEN", id_token);
        command
    }

    fn mails(&self) -> usize {
        self.world.mailbox(ID_SERVER, ADDRESS).len()
    }
}

#[test]
fn look_after_forwarded_invitation_invited() {
    for status in [500, 502, 503, 504, 200] {
        let stage = Stage::set();
        // Before the invitation, it asks for the user's ID and reads the room's state.
        stage.page_after(2, status, true);
        let ran = run(stage.invite(ADDRESS).arg("--look"));
        assert_eq!(ran.status, 0, "{ran:?}");
        let line: Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!((&line["outcome"], &line["status"]), (&"invited".into(), &status.into()));
        let message = line["message"].as_str().unwrap();
        let wanted = format!("the room shows the invitation: {status} ");
        assert!(message.starts_with(&wanted), "{message}");
        assert_eq!(stage.mails(), 1);
    }
}

#[test]
fn look_after_lost_invitation_unknown() {
    let stage = Stage::set();
    stage.page_after(2, 504, false);
    let ran = run(stage.invite(ADDRESS).arg("--look"));
    assert_eq!(ran.status, 3, "{ran:?}");
    let line: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((&line["outcome"], &line["status"]), (&"unknown".into(), &504.into()));
    let message = line["message"].as_str().unwrap();
    let wanted = "the room shows no new invitation yet: 504 Gateway Timeout";
    assert!(message.starts_with(wanted), "{message}");
    assert_eq!(stage.mails(), 0);
}

#[test]
fn page_without_look_is_unknown() {
    for (status, outcome, exit) in
        [(504, "unknown", 3), (200, "unknown", 3), (404, "refused", 1), (307, "refused", 1)]
    {
        for invitee in [ADDRESS, DAVE] {
            let stage = Stage::set();
            stage.page_after(0, status, false);
            let ran = run(&mut stage.invite(invitee));
            assert_eq!(ran.status, exit, "{ran:?}");
            let line: Value = serde_json::from_str(&ran.stdout).unwrap();
            assert_eq!((&line["outcome"], &line["status"]), (&outcome.into(), &status.into()));
        }
    }
}

#[test]
fn revocation_behind_gateway_is_looked_for() {
    for (handled, outcome, exit) in [(true, "revoked", 0), (false, "unknown", 3)] {
        let stage = Stage::set();
        assert_eq!(run(&mut stage.invite(ADDRESS)).status, 0);
        let token = stage.world.mailbox(ID_SERVER, ADDRESS).remove(0).token;
        stage.page_after(1, 504, handled);
        let ran = run(&mut stage.command(&stage.alice, &["revoke", &stage.room, &token]));
        assert_eq!((ran.status, ran.stdout), (exit, format!("{outcome}  {token}\n")));
        let is_reported = ran
            .stderr
            .contains("the outcome is unknown; revoke again, which is safe: 504 Gateway Timeout");
        assert_eq!(is_reported, !handled, "{}", ran.stderr);
    }
}

#[test]
fn join_behind_gateway_can_be_repeated() {
    let stage = Stage::set();
    assert_eq!(run(&mut stage.invite(ADDRESS)).status, 0);
    let mail = stage.world.mailbox(ID_SERVER, ADDRESS).remove(0);
    let accept = || {
        let arguments = ["accept", &mail.room_id, &mail.token, "--sender", ALICE];
        let mut command = stage.command(&stage.dave, &arguments);
        command.args(["--id-server", ID_SERVER]).env("SDN_INVITE_KEY", &mail.private_key);
        run(&mut command)
    };
    stage.page_after(1, 504, true);
    let ran = accept();
    assert_eq!(ran.status, 3, "{ran:?}");
    assert!(ran.stdout.starts_with("unknown"), "{ran:?}");
    let wanted = "the outcome is unknown; join again, which is safe: 504 Gateway Timeout";
    assert!(ran.stdout.contains(wanted), "{ran:?}");
    assert_eq!(accept().status, 0);
}
