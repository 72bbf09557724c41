//! Checking all input before anything is sent, and telling all that is wrong with it at once.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt::Display;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use sdn_hyper::{Builder, Client};
use sdn_proto::{
    AccessToken, Dialect, IdAccessToken, InviteBy3pid, InviteUser, Node, RoomId, ServerName,
    Session, error::Rule,
};

use super::USER_AGENT;
use super::invitee::{Invitee, Kind};
use super::token::Source;
use crate::args::InviteArgs;
use crate::output::printable;

/// What is to be sent, all of it checked.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) session: Session,
    pub(super) invitations: Vec<Invitation>,
    /// What people should know although it stops nothing.
    pub(super) notes: Vec<String>,
    pub(super) client: Builder,
}

/// One invitation.
#[derive(Debug)]
pub(super) struct Invitation {
    /// The invitee as given on the command line.
    pub(super) invitee: String,
    pub(super) call: InviteCall,
}

/// The call that carries an invitation.
#[derive(Debug)]
pub(super) enum InviteCall {
    ThirdParty(InviteBy3pid),
    User(InviteUser),
}

impl InviteCall {
    pub(super) fn to_request(&self, session: &Session) -> Request<Bytes> {
        match self {
            Self::ThirdParty(call) => call.to_request(session),
            Self::User(call) => call.to_request(session),
        }
    }
}

impl Plan {
    /// Checks everything.
    ///
    /// # Errors
    ///
    /// One line for each value that is wrong or missing, saying how to mend it. None holds a token.
    pub(super) fn new(args: &InviteArgs) -> Result<Self, Vec<String>> {
        let mut problems = Problems::default();
        let room_id = problems.keep("ROOM", RoomId::new(&args.room).map_err(|e| e.rule()));
        let (invitees, notes) = invitees(&args.invitees, &mut problems);
        let session = session(args, &mut problems);
        let identity = identity(args, &mut problems);
        let client = client(args, &mut problems);
        check_reason(args, &mut problems);
        let plan = || {
            Some(Self {
                session: session?,
                invitations: invitations(&room_id?, invitees, args.reason.as_deref(), identity)?,
                notes,
                client: client?,
            })
        };
        if problems.0.is_empty() { plan().ok_or_else(Vec::new) } else { Err(problems.0) }
    }
}

/// What is wrong with the input, a line each.
#[derive(Debug, Default)]
struct Problems(Vec<String>);

impl Problems {
    fn add(&mut self, place: impl Display, problem: impl Display) {
        self.0.push(format!("{place}: {problem}"));
    }

    /// Keeps a value, or notes what is wrong with it and where it was given.
    fn keep<T>(&mut self, place: impl Display, result: Result<T, impl Display>) -> Option<T> {
        result.map_err(|problem| self.add(place, problem)).ok()
    }
}

/// Reads the invitees, each once: a second invitation would be a second mail.
fn invitees(texts: &[String], problems: &mut Problems) -> (Vec<(String, Invitee)>, Vec<String>) {
    let mut invitees = Vec::with_capacity(texts.len());
    let mut notes = Vec::new();
    let mut seen = HashMap::new();
    for (index, text) in texts.iter().enumerate() {
        let place = place(index, text);
        let Some(invitee) = problems.keep(&place, Invitee::parse(text)) else { continue };
        match seen.entry(invitee.clone()) {
            Entry::Occupied(first) => notes.push(format!(
                "{place}: the same as INVITEE {}, and invited only once",
                first.get() + 1
            )),
            Entry::Vacant(entry) => {
                entry.insert(index);
                invitees.push((text.clone(), invitee));
            }
        }
    }
    (invitees, notes)
}

/// Text that looks like nothing we know is not repeated: it may be a token in the wrong place.
fn place(index: usize, text: &str) -> String {
    let number = index + 1;
    match Kind::of(text) {
        Kind::Unclear => format!("INVITEE {number}"),
        _ => format!("INVITEE {number} \"{}\"", printable(text)),
    }
}

fn session(args: &InviteArgs, problems: &mut Problems) -> Option<Session> {
    let source = Source {
        name: "access token",
        variable: "SDN_ACCESS_TOKEN",
        flag: "--access-token-file",
        file: args.access_token_file.as_deref(),
    };
    let node = problems.keep("--node (or SDN_NODE)", node(args));
    let token = source.read(args.hides_secrets(), |text| AccessToken::new(text));
    let token = problems.keep(source.place(), token);
    Some(node?.session(token?))
}

fn node(args: &InviteArgs) -> Result<Node, String> {
    let url = args.node.as_deref().ok_or("not given; give the URL of the room's node")?;
    let node = if args.insecure_http { Node::new_insecure(url) } else { Node::new(url) };
    let dialect = if args.matrix { Dialect::Matrix } else { Dialect::Sdn };
    match node {
        Ok(node) => Ok(node.with_dialect(dialect)),
        Err(error) if error.rule() == Rule::InsecureHttp => {
            Err("would send tokens over plain http; use https://, or allow it with --insecure-http"
                .to_owned())
        }
        Err(error) => Err(error.rule().to_string()),
    }
}

/// The identity server that the node is to ask, and the token to ask it with.
type Identity = (ServerName, IdAccessToken);

/// Checks the identity server if there is one, and its token only if an invitee needs it.
fn identity(args: &InviteArgs, problems: &mut Problems) -> Option<Identity> {
    let is_needed = needs_identity_server(args);
    let server = match args.id_server.as_deref() {
        Some(name) => ServerName::new(name).map(Some).map_err(|error| error.rule().to_string()),
        None if is_needed => {
            Err("not given; e-mail addresses and phone numbers need an identity server".to_owned())
        }
        None => Ok(None),
    };
    let server = problems.keep("--id-server (or SDN_ID_SERVER)", server);
    if !is_needed {
        return None;
    }
    let source = Source {
        name: "identity server's access token",
        variable: "SDN_ID_ACCESS_TOKEN",
        flag: "--id-access-token-file",
        file: args.id_access_token_file.as_deref(),
    };
    let token = source.read(args.hides_secrets(), |text| IdAccessToken::new(text));
    let token = problems.keep(source.place(), token);
    Some((server??, token?))
}

fn needs_identity_server(args: &InviteArgs) -> bool {
    args.invitees.iter().any(|text| Kind::of(text).needs_identity_server())
}

fn check_reason(args: &InviteArgs, problems: &mut Problems) {
    if args.reason.is_some() && needs_identity_server(args) {
        problems.add(
            "--reason",
            "invitations by e-mail address or phone number carry none; \
             leave it out, or invite only user IDs",
        );
    }
}

/// Builds the calls. There are none without an identity server for an invitee who needs one.
fn invitations(
    room_id: &RoomId,
    invitees: Vec<(String, Invitee)>,
    reason: Option<&str>,
    identity: Option<Identity>,
) -> Option<Vec<Invitation>> {
    let call = |invitee| match (invitee, reason) {
        (Invitee::ThirdParty(id), _) => {
            let (server, token) = identity.clone()?;
            Some(InviteCall::ThirdParty(InviteBy3pid::new(room_id.clone(), id, server, token)))
        }
        (Invitee::User(id), None) => Some(InviteCall::User(InviteUser::new(room_id.clone(), id))),
        (Invitee::User(id), Some(reason)) => {
            Some(InviteCall::User(InviteUser::new(room_id.clone(), id).with_reason(reason)))
        }
    };
    invitees
        .into_iter()
        .map(|(text, invitee)| Some(Invitation { invitee: text, call: call(invitee)? }))
        .collect()
}

/// Sets the client up, but for what all invitations have in common.
fn client(args: &InviteArgs, problems: &mut Problems) -> Option<Builder> {
    let timeout = problems.keep("--timeout", timeout(args.timeout.as_deref()));
    let builder = problems.keep("user agent", Client::builder().user_agent(USER_AGENT))?;
    let builder = problems.keep("--ca-file", add_roots(builder, args.ca_file.as_deref()))?;
    Some(match timeout? {
        None => builder,
        // Time that runs out while connecting leaves no doubt, so connecting must not use all of it up.
        Some(total) => {
            builder.total_timeout(total).connect_timeout(MAX_CONNECT_TIMEOUT.min(total / 2))
        }
    })
}

const MAX_CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

fn add_roots(builder: Builder, file: Option<&Path>) -> Result<Builder, String> {
    let Some(path) = file else { return Ok(builder) };
    let mut pem = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MAX_CA_FILE_BYTES).read_to_end(&mut pem))
        .map_err(|error| format!("the file cannot be read ({error}); give a PEM file"))?;
    builder.add_root_certificate(&pem).map_err(|error| format!("{error}; give a whole PEM file"))
}

/// The largest bundles in use have a few hundred kilobytes.
const MAX_CA_FILE_BYTES: u64 = 4 * 1024 * 1024;

fn timeout(text: Option<&str>) -> Result<Option<Duration>, &'static str> {
    let Some(text) = text else { return Ok(None) };
    match text.parse() {
        Ok(seconds @ 1..=3600) => Ok(Some(Duration::from_secs(seconds))),
        _ => Err("no whole number of seconds from 1 to 3600; give one"),
    }
}
