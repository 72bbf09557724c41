//! `sdn demo`: three invitations, from request to event, on servers that live only while it runs.

use std::error::Error;
use std::io;

use bytes::Bytes;
use http::{Request, Response};
use sdn_hyper::Client;
use sdn_proto::{
    AccessToken, ApiError, Call, IdAccessToken, InvalidInput, InviteBy3pid, InviteUser, Node,
    Redacted, RoomId, ServerName, Session, ThirdPartyId, UserId,
};
use sdn_testkit::{Server, World};

use crate::exit::Exit;
use crate::output::{Colour, Output, tell};

const NODE: &str = "node.example";
const ID_SERVER: &str = "id.example:8090";
const ALICE: &str = "@alice:node.example";
const BOB: &str = "@bob:node.example";
const CAROL: &str = "@carol:node.example";
/// Belongs to Bob.
const KNOWN: &str = "bob@example.com";
/// Belongs to nobody yet.
const UNKNOWN: &str = "dave@example.com";

const KNOWN_TITLE: &str =
    "1. An address that the identity server knows: the node invites the user it belongs to.";
const UNKNOWN_TITLE: &str =
    "2. An address that nobody has claimed: the room keeps an invitation, its owner gets a mail.";
const USER_TITLE: &str = "3. A user ID: no identity server is asked.";

pub(crate) fn run(output: &mut Output) -> Exit {
    let Err(error) = play(output) else { return Exit::Success };
    match error.downcast::<io::Error>() {
        Ok(error) => Exit::after_write_error(&error),
        Err(error) => {
            tell(format_args!("sdn: the demo failed: {error}"));
            Exit::SomeRefused
        }
    }
}

fn play(output: &mut Output) -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    runtime.block_on(async {
        let stage = Stage::set()?;
        stage.introduce(output)?;
        let known = stage.invitation(KNOWN)?;
        stage.show(KNOWN_TITLE, KNOWN, known, output).await?;
        let unknown = stage.invitation(UNKNOWN)?;
        stage.show(UNKNOWN_TITLE, UNKNOWN, unknown, output).await?;
        let user = InviteUser::new(stage.room_id.clone(), UserId::new(CAROL)?);
        let user = user.with_reason("Join the demo");
        stage.show(USER_TITLE, CAROL, user, output).await?;
        output.line("That was all. To invite real people: sdn invite --help")?;
        Ok(())
    })
}

/// Where the demo takes place.
struct Stage {
    world: World,
    /// Answers for the world as long as it is kept.
    _server: Server,
    client: Client,
    session: Session,
    room_id: RoomId,
    id_access_token: IdAccessToken,
}

impl Stage {
    fn set() -> Result<Self, Box<dyn Error>> {
        let world = World::new();
        world.add_node(NODE);
        world.add_identity_server(ID_SERVER);
        let access_token = AccessToken::new(world.add_user(ALICE))?;
        world.add_user(BOB);
        world.add_user(CAROL);
        world.bind(ID_SERVER, "email", KNOWN, BOB);
        let server = Server::start(world.clone()).map_err(|error| error.to_string())?;
        Ok(Self {
            client: Client::new(),
            session: Node::new(server.base_url())?.session(access_token),
            room_id: RoomId::new(world.create_room(ALICE))?,
            id_access_token: IdAccessToken::new(world.register_identity(ID_SERVER, ALICE))?,
            _server: server,
            world,
        })
    }

    fn introduce(&self, output: &mut Output) -> io::Result<()> {
        output.line(&format!(
            "The node {NODE} and the identity server {ID_SERVER} now run inside this command, at\n\
             {}. {ALICE} has made the room {} and invites three people.\n\
             Tokens are shown as [redacted].\n",
            self.session.node(),
            self.room_id
        ))
    }

    fn invitation(&self, address: &str) -> Result<InviteBy3pid, InvalidInput> {
        Ok(InviteBy3pid::new(
            self.room_id.clone(),
            ThirdPartyId::email(address)?,
            ServerName::new(ID_SERVER)?,
            self.id_access_token.clone(),
        ))
    }

    /// Sends one invitation and shows what came and went, and what it did.
    async fn show<C: Call<Server = Session>>(
        &self,
        title: &str,
        invitee: &str,
        call: C,
        output: &mut Output,
    ) -> Result<(), Box<dyn Error>> {
        let events_before = self.world.events(self.room_id.as_str()).len();
        let mails_before = self.world.mailbox(ID_SERVER, invitee).len();
        output.line(&format!("{}\n", output.paint(Colour::Bold, title)))?;
        let request = Redacted(&call.to_request(&self.session)).to_string();
        paragraph(&request, Colour::Cyan, output)?;
        let (response, result) = self.client.send(&self.session, &Shown(call)).await?;
        paragraph(&response, Colour::Green, output)?;
        result?;
        for event in self.world.events(self.room_id.as_str()).iter().skip(events_before) {
            let state_key = event.state_key.as_deref().unwrap_or_default();
            output.line(&format!("The room received {} ({state_key}):", event.kind))?;
            paragraph(&format!("{:#}", event.content), Colour::Yellow, output)?;
        }
        for mail in self.world.mailbox(ID_SERVER, invitee).iter().skip(mails_before) {
            output.line(&format!(
                "The identity server mailed {}, with the invitation's token and key (not shown):\n\n\
                 \x20   {} has invited you to {}.\n",
                mail.to, mail.sender, mail.room_id
            ))?;
        }
        Ok(())
    }
}

/// Prints text indented, with an empty line behind it.
fn paragraph(text: &str, colour: Colour, output: &mut Output) -> io::Result<()> {
    for line in text.lines() {
        let indent = if line.is_empty() { "" } else { "    " };
        output.line(&format!("{indent}{}", output.paint(colour, line)))?;
    }
    output.line("")
}

/// A call whose answer is shown as it came, beside what it means.
struct Shown<C>(C);

impl<C: Call> Call for Shown<C> {
    type Server = C::Server;
    type Output = (String, Result<C::Output, ApiError>);

    const MAX_RESPONSE_BYTES: usize = C::MAX_RESPONSE_BYTES;

    fn to_request(&self, server: &C::Server) -> Request<Bytes> {
        self.0.to_request(server)
    }

    fn parse_response<B: AsRef<[u8]>>(response: &Response<B>) -> Result<Self::Output, ApiError> {
        Ok((Redacted(response).to_string(), C::parse_response(response)))
    }
}
