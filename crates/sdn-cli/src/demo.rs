//! `sdn demo`, which shows invitations and an acceptance, with servers that run only meanwhile.

use std::error::Error;
use std::io;

use anstyle::Style;
use bytes::Bytes;
use http::HeaderName;
use sdn_hyper::Client;
use sdn_proto::flow::{AcceptFlow, Flow, IdentityServerAt, InviteFlow, LoginFlow, Step};
use sdn_proto::id::InviteToken;
use sdn_proto::secret::InvitePrivateKey;
use sdn_proto::{
    AccessToken, Call, IdAccessToken, IdentityServer, InviteUser, Node, Outgoing, Redacted, RoomId,
    ServerName, Session, ThirdPartyId, UserId, WalletAddress, WalletKey,
};
use sdn_testkit::{Mail, Server, Wallet, World};

use crate::drive::block_on;
use crate::exit::Exit;
use crate::output::{Colour, Output, paint};

const NODE: &str = "node.example";
const ID_SERVER: &str = "id.example:8090";
/// An address that nobody has claimed.
const UNKNOWN: &str = "dave@example.com";
/// An address that belongs to Carol.
const KNOWN: &str = "carol@example.com";

const REASON: &str = "Join the demo";

const LOGIN_TITLE: &str = "1. Alice logs in: the node sends a text, and her wallet signs it. \
     The wallet's key is not sent.";
const WALLET_TITLE: &str = "2. Alice invites Bob's wallet: its address determines the user ID, so no identity server is needed.";
const UNKNOWN_TITLE: &str = "3. Alice invites an address that nobody has claimed: she registers with the identity server. \
     The room stores an invitation, and the identity server sends a mail.";
const KNOWN_TITLE: &str = "4. Alice invites an address that the identity server knows: the node invites Carol, whose address it is.";
const ACCEPT_TITLE: &str = "5. Dave has logged in meanwhile. He accepts with the token and the key from the mail, and signs \
     the acceptance himself: the key is not sent.";

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
    let session = stage.log_in(output).await?;
    stage.invite_wallet(&session, output).await?;
    let token = stage.invite(UNKNOWN_TITLE, UNKNOWN, &session, None, output).await?;
    stage.invite(KNOWN_TITLE, KNOWN, &session, Some(token), output).await?;
    stage.accept(output).await?;
    output.line("To invite real people: sdn invite --help\n")?;
    output.line(&format!("Done: {} has joined\n{}.", stage.dave.user_id(), stage.room_id))?;
    Ok(())
}

/// The servers and the people of the demo.
struct Stage {
    world: World,
    /// Serves the world until it is dropped.
    server: Server,
    client: Client,
    node: Node,
    alice: Wallet,
    bob: Wallet,
    dave: Wallet,
    room_id: RoomId,
    /// How many of the room's events were shown.
    shown: usize,
}

impl Stage {
    fn set() -> Outcome<Self> {
        let world = World::new();
        let [alice, bob, carol, dave] = [1, 2, 3, 4].map(Wallet::new);
        world.add_sdn_node(NODE);
        world.add_identity_server(ID_SERVER);
        world.trust_identity_server(NODE, ID_SERVER);
        world.bind(ID_SERVER, "email", KNOWN, &carol.user_id());
        let server = world.serve().map_err(|error| error.to_string())?;
        let room_id = RoomId::new(world.create_room(&alice.user_id()))?;
        Ok(Self {
            client: Client::new(),
            node: Node::new(server.base_url())?,
            shown: world.events(room_id.as_str()).len(),
            alice,
            bob,
            dave,
            room_id,
            server,
            world,
        })
    }

    fn introduce(&self, output: &mut Output) -> io::Result<()> {
        output.line(&format!(
            "The node {NODE} and the identity server {ID_SERVER} now run inside this command, at\n\
             {}. Alice, whose wallet is {}, has created the room\n{} and invites three people.\n\
             Below each title is the command for the step. Tokens are printed as [redacted], and headers for\n\
             browsers are omitted.\n",
            self.node,
            self.alice.address(),
            self.room_id
        ))
    }

    async fn log_in(&self, output: &mut Output) -> Outcome<Session> {
        headline(LOGIN_TITLE, output)?;
        command(&format!("login --node {}", self.node), output)?;
        let address = WalletAddress::new(self.alice.address())?;
        let challenge =
            self.show_flow(LoginFlow::new(self.node.clone(), address), output).await??;
        output.line("The wallet signs this text (line breaks are shown as \\n):")?;
        paragraph(&challenge.message().display().to_string(), Colour::Yellow, output)?;
        let signature = WalletKey::new(self.alice.private_key())?.sign(challenge.message());
        let login = self.show_flow(challenge.answer(signature)?, output).await??;
        output.line(&format!("She is logged in as\n{}.\n", login.user_id))?;
        Ok(login.session(&self.node))
    }

    async fn invite_wallet(&mut self, session: &Session, output: &mut Output) -> Outcome {
        headline(WALLET_TITLE, output)?;
        // Bob has not logged in yet.
        let bob = self.bob.address();
        let options = format!("{bob} --reason '{REASON}' --no-check");
        command(&format!("invite '{}' {options}", self.room_id), output)?;
        let user_id = UserId::of_wallet(&WalletAddress::new(self.bob.address())?);
        let call = InviteUser::new(self.room_id.clone(), user_id);
        let outgoing = Outgoing::new(&call.with_reason(REASON), session);
        let response = self.show_exchange(outgoing.clone(), output).await?;
        InviteUser::parse_response(&response)
            .map_err(|error| error.without_secrets_of(outgoing.request()))?;
        self.show_events(output)?;
        Ok(())
    }

    /// Invites an address. Returns the identity server's token, for the next invitation.
    async fn invite(
        &mut self,
        title: &str,
        address: &str,
        session: &Session,
        token: Option<IdAccessToken>,
        output: &mut Output,
    ) -> Outcome<IdAccessToken> {
        headline(title, output)?;
        let options = format!("--id-server {ID_SERVER} --id-server-url {}", self.node);
        command(&format!("invite '{}' {address} {options}", self.room_id), output)?;
        let room_id = self.room_id.clone();
        let at = IdentityServerAt::Server {
            name: ServerName::new(ID_SERVER)?,
            base: IdentityServer::new(self.server.base_url())?,
        };
        let flow = InviteFlow::new(session.clone(), room_id, ThirdPartyId::email(address)?, at);
        let flow = match token {
            Some(token) => flow.with_id_access_token(token),
            None => flow,
        };
        let invited = self.show_flow(flow, output).await??;
        self.show_events(output)?;
        for mail in self.world.mailbox(ID_SERVER, address) {
            output.line(&format!(
                "The identity server mailed {} the token of the event above and a key (not shown):\n\n\
                 \x20   {}\n    has invited you to {}.\n",
                mail.to, mail.sender, mail.room_id
            ))?;
        }
        Ok(invited.id_access_token)
    }

    async fn accept(&mut self, output: &mut Output) -> Outcome {
        headline(ACCEPT_TITLE, output)?;
        let mails = self.world.mailbox(ID_SERVER, UNKNOWN);
        let Mail { token, private_key, room_id, sender, .. } =
            mails.into_iter().next().ok_or("no mail came")?;
        let options = format!("--sender {sender} --id-server {ID_SERVER}");
        command(&format!("accept '{room_id}' TOKEN {options}"), output)?;
        let token_of_dave = AccessToken::new(self.world.add_wallet(NODE, &self.dave))?;
        let flow = AcceptFlow::signed_locally(
            self.node.session(token_of_dave),
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
        paragraph(&Redacted(&without_cors(response.clone())).to_string(), Colour::Green, output)?;
        Ok(response)
    }

    /// Prints the room's events since the last call.
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

/// Removes the headers that only browsers read.
fn without_cors(mut response: http::Response<Bytes>) -> http::Response<Bytes> {
    let is_cors = |name: &&HeaderName| name.as_str().starts_with("access-control-");
    let names: Vec<_> = response.headers().keys().filter(is_cors).cloned().collect();
    for name in names {
        response.headers_mut().remove(name);
    }
    response
}

fn headline(text: &str, output: &mut Output) -> io::Result<()> {
    let bold = Style::new().bold();
    output.line(&format!("{bold}{text}{bold:#}\n"))
}

/// Prints the command that does a step, without `sdn`, for a shell.
fn command(arguments: &str, output: &mut Output) -> io::Result<()> {
    output.line(&format!("    $ sdn {arguments}\n"))
}

/// Prints indented text, and an empty line.
fn paragraph(text: &str, colour: Colour, output: &mut Output) -> io::Result<()> {
    for line in text.lines() {
        let indent = if line.is_empty() { "" } else { "    " };
        output.line(&format!("{indent}{}", paint(colour, line)))?;
    }
    output.line("")
}
