//! `sdn demo`: from an invitation to the invitee in the room, on servers that live only while it runs.

use std::error::Error;
use std::io;

use anstyle::Style;
use bytes::Bytes;
use sdn_hyper::Client;
use sdn_proto::flow::{AcceptFlow, Flow, IdentityServerAt, InviteFlow, Step};
use sdn_proto::id::InviteToken;
use sdn_proto::secret::InvitePrivateKey;
use sdn_proto::{
    AccessToken, Call, IdAccessToken, IdentityServer, InviteUser, Node, Outgoing, Redacted, RoomId,
    ServerName, Session, ThirdPartyId, UserId,
};
use sdn_testkit::{Mail, Server, World};

use crate::drive::block_on;
use crate::exit::Exit;
use crate::output::{Colour, Output, paint};

const NODE: &str = "node.example";
const ID_SERVER: &str = "id.example:8090";
const ALICE: &str = "@alice:node.example";
const BOB: &str = "@bob:node.example";
const CAROL: &str = "@carol:node.example";
const DAVE: &str = "@dave:node.example";
/// Belongs to Bob.
const KNOWN: &str = "bob@example.com";
/// Belongs to nobody yet.
const UNKNOWN: &str = "dave@example.com";

const KNOWN_TITLE: &str = "1. An address that the identity server knows: Alice registers there, \
     and the node invites the user it belongs to.";
const UNKNOWN_TITLE: &str =
    "2. An address that nobody has claimed: the room keeps an invitation, its owner gets a mail.";
const USER_TITLE: &str = "3. A user ID: no identity server is asked.";
const ACCEPT_TITLE: &str = "4. Dave has got an account, and accepts with the token and the key from the mail. \
     He signs for himself, and keeps the key.";

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

pub(crate) fn run(output: &mut Output) -> Result<Exit, Exit> {
    block_on(async {
        let Err(error) = play(output).await else { return Ok(Exit::Success) };
        match error.downcast::<io::Error>() {
            Ok(error) => Exit::Success.unless_unwritten(Err(*error)),
            Err(error) => {
                Err(Exit::SomeRefused.reporting(format_args!("the demo failed: {error}")))
            }
        }
    })
}

async fn play(output: &mut Output) -> Outcome {
    let mut stage = Stage::set()?;
    stage.introduce(output)?;
    let token = stage.invite(KNOWN_TITLE, KNOWN, None, output).await?;
    stage.invite(UNKNOWN_TITLE, UNKNOWN, Some(token), output).await?;
    stage.invite_user(output).await?;
    stage.accept(output).await?;
    output.line("To invite real people: sdn invite --help\n")?;
    output.line(&format!("That was all: {DAVE} has joined {}.", stage.room_id))?;
    Ok(())
}

/// Where the demo takes place.
struct Stage {
    world: World,
    /// Answers for the world as long as it is kept.
    server: Server,
    client: Client,
    alice: Session,
    dave: Session,
    room_id: RoomId,
    /// How many of the room's events were shown.
    shown: usize,
}

impl Stage {
    fn set() -> Outcome<Self> {
        let world = World::new();
        world.add_node(NODE);
        world.add_identity_server(ID_SERVER);
        let [alice, _, _, dave] = [ALICE, BOB, CAROL, DAVE].map(|user| world.add_user(user));
        world.bind(ID_SERVER, "email", KNOWN, BOB);
        let server = world.serve().map_err(|error| error.to_string())?;
        let node = Node::new(server.base_url())?;
        let room_id = RoomId::new(world.create_room(ALICE))?;
        Ok(Self {
            client: Client::new(),
            alice: node.session(AccessToken::new(alice)?),
            dave: node.session(AccessToken::new(dave)?),
            shown: world.events(room_id.as_str()).len(),
            room_id,
            server,
            world,
        })
    }

    fn introduce(&self, output: &mut Output) -> io::Result<()> {
        output.line(&format!(
            "The node {NODE} and the identity server {ID_SERVER} now run inside this command, at\n\
             {}. {ALICE} has made the room {} and invites three people.\n\
             Tokens are shown as [redacted].\n",
            self.alice.node(),
            self.room_id
        ))
    }

    /// Invites an address, and gives the identity server's token for the next.
    async fn invite(
        &mut self,
        title: &str,
        address: &str,
        token: Option<IdAccessToken>,
        output: &mut Output,
    ) -> Outcome<IdAccessToken> {
        headline(title, output)?;
        let room_id = self.room_id.clone();
        let at = IdentityServerAt::Server {
            name: ServerName::new(ID_SERVER)?,
            base: IdentityServer::new(self.server.base_url())?,
        };
        let flow = InviteFlow::new(self.alice.clone(), room_id, ThirdPartyId::email(address)?, at);
        let flow = match token {
            Some(token) => flow.with_id_access_token(token),
            None => flow,
        };
        let invited = self.show_flow(flow, output).await??;
        self.show_events(output)?;
        for mail in self.world.mailbox(ID_SERVER, address) {
            output.line(&format!(
                "The identity server mailed {}, with the invitation's token and key (not shown):\n\n\
                 \x20   {} has invited you to {}.\n",
                mail.to, mail.sender, mail.room_id
            ))?;
        }
        Ok(invited.id_access_token)
    }

    async fn invite_user(&mut self, output: &mut Output) -> Outcome {
        headline(USER_TITLE, output)?;
        let call = InviteUser::new(self.room_id.clone(), UserId::new(CAROL)?);
        let outgoing = Outgoing::new(&call.with_reason("Join the demo"), &self.alice);
        let response = self.show_exchange(outgoing.clone(), output).await?;
        InviteUser::parse_response(&response)
            .map_err(|error| error.without_secrets_of(outgoing.request()))?;
        self.show_events(output)?;
        Ok(())
    }

    async fn accept(&mut self, output: &mut Output) -> Outcome {
        headline(ACCEPT_TITLE, output)?;
        let mails = self.world.mailbox(ID_SERVER, UNKNOWN);
        let Mail { token, private_key, room_id, sender, .. } =
            mails.into_iter().next().ok_or("no mail came")?;
        let flow = AcceptFlow::signed_locally(
            self.dave.clone(),
            ServerName::new(ID_SERVER)?,
            RoomId::new(room_id)?,
            Some(UserId::new(sender)?),
            InviteToken::new(token)?,
            InvitePrivateKey::new(private_key)?,
        );
        self.show_flow(flow, output).await??;
        self.show_events(output)?;
        Ok(())
    }

    /// Runs a flow and shows every request and response.
    async fn show_flow<F: Flow>(&self, mut flow: F, output: &mut Output) -> Outcome<F::Outcome> {
        loop {
            match flow.step() {
                Step::Send(outgoing) => {
                    flow.received(Ok(self.show_exchange(outgoing, output).await?));
                }
                Step::Wait(_) => flow.waited(),
                Step::Done(outcome) => return Ok(outcome),
            }
        }
    }

    async fn show_exchange(
        &self,
        outgoing: Outgoing,
        output: &mut Output,
    ) -> Outcome<http::Response<Bytes>> {
        paragraph(&Redacted(outgoing.request()).to_string(), Colour::Cyan, output)?;
        let response = self.client.execute(outgoing).await?;
        paragraph(&Redacted(&response).to_string(), Colour::Green, output)?;
        Ok(response)
    }

    /// Shows what the room received since the last time.
    fn show_events(&mut self, output: &mut Output) -> io::Result<()> {
        let events = self.world.events(self.room_id.as_str());
        for event in &events[self.shown..] {
            let state_key = event.state_key.as_deref().unwrap_or_default();
            output.line(&format!("The room received {} ({state_key}):", event.kind))?;
            paragraph(&format!("{:#}", event.content), Colour::Yellow, output)?;
        }
        self.shown = events.len();
        Ok(())
    }
}

fn headline(text: &str, output: &mut Output) -> io::Result<()> {
    let bold = Style::new().bold();
    output.line(&format!("{bold}{text}{bold:#}\n"))
}

/// Prints text indented, with an empty line behind it.
fn paragraph(text: &str, colour: Colour, output: &mut Output) -> io::Result<()> {
    for line in text.lines() {
        let indent = if line.is_empty() { "" } else { "    " };
        output.line(&format!("{indent}{}", paint(colour, line)))?;
    }
    output.line("")
}
