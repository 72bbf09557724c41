//! `sdn accept`.

use sdn_proto::flow::{AcceptError, AcceptFlow};
use sdn_proto::{Delivery, InviteStatus, RoomId};

use crate::args::AcceptArgs;
use crate::connection::Connection;
use crate::drive::{Driver, block_on};
use crate::exit::Exit;
use crate::failure::{advice, with_advice, with_sources};
use crate::identity::{self, Identity};
use crate::input::Problems;
use crate::invitation::Invitation;
use crate::output::{Output, json_object, printable};
use crate::terms::Decider;

/// An acceptance, all of it checked.
struct Plan {
    connection: Connection,
    identity: Identity,
    invitation: Invitation,
}

/// The outcome: a word, a message after a failure, and the exit status.
type Ended = (&'static str, Option<String>, Exit);

pub(crate) fn run(args: &AcceptArgs, output: &mut Output) -> Result<Exit, Exit> {
    let mut plan = Plan::new(args)?;
    plan.connection = plan.connection.located()?;
    block_on(async {
        let decider = Decider::new(args.identity.accept_terms);
        let driver = Driver { decider, ..plan.connection.driver() };
        let room = plan.invitation.room.clone();
        let room_id = room.find(&driver, &plan.connection.session).await?;
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
        let connection = Connection::check(&args.connection, false, &mut problems);
        let invitation = Invitation::check(args, &mut problems);
        let options = invitation.as_ref().map(|invitation| &invitation.identity);
        let identity =
            options.or(args.room.is_some().then_some(&args.identity)).and_then(|args_of| {
                Identity::check(args_of, connection.as_ref(), &args.connection, &mut problems)
            });
        let plan =
            || Some(Self { connection: connection?, identity: identity?, invitation: invitation? });
        problems.finish(plan())
    }

    async fn carry_out(self, args: &AcceptArgs, room_id: RoomId, driver: &Driver) -> Ended {
        match self.flow(room_id, args.signed_by_server, driver).await {
            Ok(flow) => ended(driver.run(flow.with_wait_budget(driver.wait)).await),
            Err(problem) => ("not_sent", Some(problem), Exit::SomeRefused),
        }
    }

    async fn flow(
        self,
        room_id: RoomId,
        signed_by_server: bool,
        driver: &Driver,
    ) -> Result<AcceptFlow, String> {
        let Self { identity, invitation: Invitation { token, key, sender, .. }, .. } = self;
        let session = self.connection.session;
        if signed_by_server {
            let id_session = identity::open(&identity, &session, driver).await?;
            return Ok(AcceptFlow::signed_by_server(session, id_session, room_id, token, key));
        }
        let (name, _) = identity::locate(&identity.at, driver).await?;
        Ok(AcceptFlow::signed_locally(session, name, room_id, sender, token, key))
    }
}

fn ended(result: Result<RoomId, AcceptError>) -> Ended {
    let error = match result {
        Ok(_) => return ("joined", None, Exit::Success),
        Err(error) => error,
    };
    let (word, advice, exit) = match &error {
        AcceptError::Refused(error) => match InviteStatus::from(error) {
            InviteStatus::NotSent => ("not_sent", advice(error), Exit::SomeRefused),
            _ => ("refused", advice(error).or(Some(ASK_AGAIN.into())), Exit::SomeRefused),
        },
        AcceptError::Unknown(_) => ("unknown", None, Exit::SomeUnknown),
        AcceptError::WhoAmI(error) => {
            ("not_sent", error.api_error().and_then(advice), Exit::SomeRefused)
        }
        AcceptError::Sign(error) if error.delivery() == Delivery::Unknown => {
            ("not_sent", Some("nobody has joined; run the command again".into()), Exit::SomeRefused)
        }
        AcceptError::Sign(_) => ("not_sent", Some(CHECK_VALUES.into()), Exit::SomeRefused),
        _ => ("not_sent", None, Exit::SomeRefused),
    };
    (word, Some(with_advice(with_sources(&error), advice)), exit)
}

const ASK_AGAIN: &str = "the invitation may be revoked or already used, or a value from the mail may \
     be mistyped; check the values, or ask for a new invitation";
const CHECK_VALUES: &str = "check ROOM, TOKEN and the key against the mail";
