//! `sdn accept`.

use std::time::Duration;

use sdn_proto::flow::{AcceptError, AcceptFlow};
use sdn_proto::id::InviteToken;
use sdn_proto::secret::InvitePrivateKey;
use sdn_proto::{Delivery, RoomId, UserId};

use crate::args::AcceptArgs;
use crate::connection::Connection;
use crate::drive::{Driver, block_on};
use crate::exit::Exit;
use crate::failure::{advice, with_advice, with_sources};
use crate::identity::{self, Identity};
use crate::input::{Problems, wait};
use crate::invitee;
use crate::output::{Output, json_object, printable};
use crate::room::Room;
use crate::terms::Decider;
use crate::token::Source;

/// An acceptance, all of it checked.
struct Plan {
    connection: Connection,
    identity: Identity,
    room: Room,
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
        let decider = Decider::new(args.identity.accept_terms);
        let driver = Driver::new(plan.connection.client.clone(), decider);
        let room = plan.room.clone();
        let room_id = room.find(&driver.client, &plan.connection.session).await?;
        let (word, message, exit) = plan.carry_out(args, room_id.clone(), &driver).await;
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
        let room = problems.keep("ROOM", Room::parse(&args.room));
        let token = problems.check("TOKEN", InviteToken::new(&args.token));
        let connection = Connection::check(&args.connection, false, &mut problems);
        let checked = connection.as_ref();
        let identity = Identity::check(&args.identity, checked, &args.connection, &mut problems);
        let key = key(args, &mut problems);
        let sender = sender(args, &mut problems);
        let wait = wait(args.wait.as_deref(), 0, &mut problems);
        let plan = || {
            Some(Self {
                connection: connection?,
                identity: identity?,
                room: room?,
                token: token?,
                key: key?,
                sender: sender?,
                wait: wait?,
            })
        };
        problems.finish(plan())
    }

    async fn carry_out(self, args: &AcceptArgs, room_id: RoomId, driver: &Driver) -> Ended {
        let wait = self.wait;
        match self.flow(room_id, args.signed_by_server, driver).await {
            Ok(flow) => ended(driver.run(flow.with_wait_budget(wait)).await),
            Err(problem) => ("not_sent", Some(problem), Exit::SomeRefused),
        }
    }

    async fn flow(
        self,
        room_id: RoomId,
        signed_by_server: bool,
        driver: &Driver,
    ) -> Result<AcceptFlow, String> {
        let Self { identity, token, key, sender, .. } = self;
        let session = self.connection.session;
        if signed_by_server {
            let id_session = identity::open(&identity, &session, driver).await?;
            return Ok(AcceptFlow::signed_by_server(session, id_session, room_id, token, key));
        }
        let (name, _) = identity::locate(&identity.at, driver).await?;
        Ok(AcceptFlow::signed_locally(session, name, room_id, sender, token, key))
    }
}

fn key(args: &AcceptArgs, problems: &mut Problems) -> Option<InvitePrivateKey> {
    let source = Source {
        name: "invitation's private key",
        variable: "SDN_INVITE_KEY",
        flag: "--key-file",
        file: args.key_file.as_deref(),
        advice: "it is in the invitation's mail",
    };
    problems.keep(source.place(), source.read(|text| InvitePrivateKey::new(text)))
}

/// A node takes no proof that does not name the inviter; an identity server knows who it was.
fn sender(args: &AcceptArgs, problems: &mut Problems) -> Option<Option<UserId>> {
    match &args.sender {
        Some(sender) => problems.keep("--sender", invitee::user(sender)).map(Some),
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

fn ended(result: Result<RoomId, AcceptError>) -> Ended {
    let error = match result {
        Ok(_) => return ("joined", None, Exit::Success),
        Err(error) => error,
    };
    let (word, advice, exit) = match &error {
        AcceptError::Refused(error) => {
            ("refused", advice(error).or(Some(ASK_AGAIN.into())), Exit::SomeRefused)
        }
        AcceptError::Unknown(_) => ("unknown", None, Exit::SomeUnknown),
        AcceptError::WhoAmI(error) => {
            ("not_sent", error.api_error().and_then(advice), Exit::SomeRefused)
        }
        AcceptError::Sign(error) if error.delivery() == Delivery::Unknown => {
            ("not_sent", Some("nobody has joined; repeat it".into()), Exit::SomeRefused)
        }
        AcceptError::Sign(_) => ("not_sent", Some(CHECK_VALUES.into()), Exit::SomeRefused),
        _ => ("not_sent", None, Exit::SomeRefused),
    };
    (word, Some(with_advice(with_sources(&error), advice)), exit)
}

const ASK_AGAIN: &str = "the invitation may be revoked or already used, or a value from the mail may \
     be mistyped; ask for a new one";
const CHECK_VALUES: &str = "check ROOM, TOKEN and the key against the mail";
