//! `sdn accept`.

use std::time::Duration;

use sdn_proto::flow::{Accept, AcceptFailure, CallFailure};
use sdn_proto::id::InviteToken;
use sdn_proto::secret::InvitePrivateKey;
use sdn_proto::{Delivery, RoomId, UserId};

use crate::args::AcceptArgs;
use crate::connection::Connection;
use crate::drive::{Driver, block_on};
use crate::exit::Exit;
use crate::failure::{advice, with_advice};
use crate::identity::{self, Identity};
use crate::input::{Problems, wait};
use crate::output::{Output, json_object, printable};
use crate::terms::Decider;
use crate::token::Source;

/// An acceptance, all of it checked.
struct Plan {
    connection: Connection,
    identity: Identity,
    room_id: RoomId,
    token: InviteToken,
    key: InvitePrivateKey,
    sender: Option<UserId>,
    wait: Duration,
}

/// How it ended: a word, a message unless all is well, and the status.
type Ended = (&'static str, Option<String>, Exit);

pub(crate) fn run(args: &AcceptArgs, output: &mut Output) -> Result<Exit, Exit> {
    let plan = Plan::new(args)?;
    block_on(async {
        let room_id = plan.room_id.clone();
        let (word, message, exit) = plan.carry_out(args).await;
        let line = if args.json {
            json_object([
                ("room_id", Some(room_id.as_str().into())),
                ("outcome", Some(word.into())),
                ("message", message.map(Into::into)),
            ])
        } else {
            let message = message.map(|message| format!("  {message}")).unwrap_or_default();
            let word = word.replace('_', " ");
            format!("{word:<8}  {}{message}", printable(room_id.as_str()))
        };
        exit.unless_unwritten(output.line(&line))
    })
}

impl Plan {
    fn new(args: &AcceptArgs) -> Result<Self, Exit> {
        let mut problems = Problems::default();
        let room_id = problems.check("ROOM", RoomId::new(&args.room));
        let token = problems.check("TOKEN", InviteToken::new(&args.token));
        let connection = Connection::check(&args.connection, false, &mut problems);
        let dialect = args.connection.dialect();
        let allows_http = args.connection.insecure_http;
        let identity = Identity::check(&args.identity, dialect, allows_http, &mut problems);
        let key = key(args, &mut problems);
        let sender = sender(args, &mut problems);
        let wait = wait(args.wait.as_deref(), 0, &mut problems);
        let plan = || {
            Some(Self {
                connection: connection?,
                identity: identity?,
                room_id: room_id?,
                token: token?,
                key: key?,
                sender: sender?,
                wait: wait?,
            })
        };
        problems.finish(plan())
    }

    async fn carry_out(self, args: &AcceptArgs) -> Ended {
        let Connection { session, client } = self.connection;
        let mut driver = Driver::new(client, Decider::new(args.identity.accept_terms));
        let (room_id, token, key) = (self.room_id, self.token, self.key);
        let not_sent = |problem| ("not_sent", Some(problem), Exit::SomeRefused);
        let flow = if args.signed_by_server {
            match identity::open(&self.identity, &session, &mut driver).await {
                Ok(id_session) => {
                    Accept::signed_by_server(session, id_session, room_id, token, key)
                }
                Err(problem) => return not_sent(problem),
            }
        } else {
            match identity::locate(&self.identity.place, &driver).await {
                Ok((name, _)) => {
                    Accept::signed_locally(session, name, room_id, self.sender, token, key)
                }
                Err(problem) => return not_sent(problem),
            }
        };
        match driver.run(flow.with_wait_budget(self.wait)).await {
            Ok(_) => ("joined", None, Exit::Success),
            Err(failure) => ended(&failure, &driver),
        }
    }
}

fn key(args: &AcceptArgs, problems: &mut Problems) -> Option<InvitePrivateKey> {
    let source = Source {
        name: "invitation's private key",
        variable: "SDN_INVITE_KEY",
        flag: "--key-file",
        file: args.key_file.as_deref(),
    };
    problems.keep(source.place(), source.read(|text| InvitePrivateKey::new(text)))
}

/// A node takes no proof that does not name the inviter; an identity server knows who it was.
fn sender(args: &AcceptArgs, problems: &mut Problems) -> Option<Option<UserId>> {
    match &args.sender {
        Some(sender) => problems.check("--sender", UserId::new(sender)).map(Some),
        None if args.signed_by_server => Some(None),
        None => {
            problems.add(
                "--sender",
                "not given; name who invited you, or have the identity server sign with --signed-by-server",
            );
            None
        }
    }
}

fn ended(failure: &AcceptFailure, driver: &Driver) -> Ended {
    let text = printable(&driver.explained(failure));
    match failure {
        AcceptFailure::Refused(error) => {
            let why = advice(error).unwrap_or(
                "the invitation may be revoked, or already used, or a value from the mail be mistyped; \
                 ask for a new one",
            );
            ("refused", Some(with_advice(text, Some(why))), Exit::SomeRefused)
        }
        AcceptFailure::Unknown(_) => ("unknown", Some(text), Exit::SomeUnknown),
        AcceptFailure::WhoAmI(CallFailure::Api(error)) => {
            ("not_sent", Some(with_advice(text, advice(error))), Exit::SomeRefused)
        }
        AcceptFailure::Sign(failure) if failure.delivery() == Delivery::Unknown => {
            let text = with_advice(text, Some("nobody has joined; repeat it"));
            ("not_sent", Some(text), Exit::SomeRefused)
        }
        AcceptFailure::Sign(_) => {
            let why = "check ROOM, TOKEN and the key against the mail";
            ("not_sent", Some(with_advice(text, Some(why))), Exit::SomeRefused)
        }
        _ => ("not_sent", Some(text), Exit::SomeRefused),
    }
}
