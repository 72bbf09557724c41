//! The invitation to accept, as its mail describes it.

use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::path::Path;

use sdn_proto::id::InviteToken;
use sdn_proto::secret::InvitePrivateKey;
use sdn_proto::{InviteLink, UserId};

use crate::args::{AcceptArgs, IdentityArgs};
use crate::input::Problems;
use crate::invitee;
use crate::link::is_mail_link;
use crate::prompt;
use crate::room::Room;
use crate::token::Source;

/// An invitation by e-mail.
pub(crate) struct Invitation {
    pub(crate) room: Room,
    pub(crate) token: InviteToken,
    pub(crate) key: InvitePrivateKey,
    /// The user who invited, unless the identity server signs.
    pub(crate) sender: Option<UserId>,
    /// The options, with the identity server that the link names.
    pub(crate) identity: IdentityArgs,
}

impl Invitation {
    /// Reads the arguments, or the link.
    pub(crate) fn check(args: &AcceptArgs, problems: &mut Problems) -> Option<Self> {
        match (&args.room, &args.token) {
            (None, _) => Self::of_link(args, problems),
            (Some(room), token) => Self::of_arguments(room, token.as_deref(), args, problems),
        }
    }

    fn of_arguments(
        room: &str,
        token: Option<&str>,
        args: &AcceptArgs,
        problems: &mut Problems,
    ) -> Option<Self> {
        let is_link = is_mail_link(room);
        let room = problems.keep("ROOM", Room::parse(room));
        if is_link {
            return None;
        }
        let token = match token {
            Some(token) => problems.keep("TOKEN", InviteToken::new(token).map_err(|_| NO_TOKEN)),
            None => {
                problems.add("TOKEN", "not given; give it, or leave out ROOM too and give the mail's link on standard input");
                None
            }
        };
        let key = key(args, problems);
        let sender = sender(args, None, problems);
        let identity = args.identity.clone();
        Some(Self { room: room?, token: token?, key: key?, sender: sender?, identity })
    }

    fn of_link(args: &AcceptArgs, problems: &mut Problems) -> Option<Self> {
        let file = args.link_file.as_deref();
        let place = if file.is_some() { "--link-file" } else { "link of the mail" };
        if file.is_none() && io::stdin().is_terminal() && !problems.is_empty() {
            // Do not ask if the command fails anyway.
            return None;
        }
        let link = read(file).and_then(|text| {
            // The text may be that of the whole mail.
            let link = text.split_whitespace().find(|word| is_mail_link(word));
            let link = link.unwrap_or(text.trim()).trim_matches(['<', '>', '"']);
            InviteLink::new(link).map_err(|error| error.to_string())
        });
        let link = problems.keep(place, link)?;
        let identity = identity(&link, args, problems);
        let sender = sender(args, link.inviter_name.as_deref(), problems);
        Some(Self {
            room: Room::Id(link.room_id),
            token: link.token,
            key: link.private_key,
            sender: sender?,
            identity: identity?,
        })
    }
}

const NO_TOKEN: &str =
    "not a token; copy it from the mail, or give the mail's link on standard input";

/// Reads the link from a file, from standard input, or from the terminal.
fn read(file: Option<&Path>) -> Result<String, String> {
    let file = file.filter(|&file| file != Path::new("-"));
    let mut bytes = Vec::new();
    let read = match file {
        Some(path) => File::open(path).and_then(|file| limited(file, &mut bytes)),
        None if io::stdin().is_terminal() => {
            return prompt::secret("The link of the invitation mail");
        }
        None => limited(io::stdin().lock(), &mut bytes),
    };
    read.map_err(|error| {
        format!("cannot be read ({error}); give a file that contains the mail's link")
    })?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn limited(input: impl Read, bytes: &mut Vec<u8>) -> io::Result<()> {
    input.take(MAX_BYTES).read_to_end(bytes).map(drop)
}

/// More than the text of a mail.
const MAX_BYTES: u64 = 256 * 1024;

/// Returns the options with the link's identity server in them.
///
/// Anybody can write a link. So a server that receives the key and the user's ID must be named by the
/// options too.
fn identity(link: &InviteLink, args: &AcceptArgs, problems: &mut Problems) -> Option<IdentityArgs> {
    let Some(name) = link.identity_server.id_server() else {
        problems.add(
            "link of the mail",
            "its identity server has a path, so no node can reach it; ask for a new invitation",
        );
        return None;
    };
    let mut identity = args.identity.clone();
    let is_named = identity.id_server.as_deref() == Some(name.as_str());
    if args.signed_by_server && !is_named {
        problems.add(
            "--id-server (or SDN_ID_SERVER)",
            format_args!(
                "not given, or not the {name} of the link; give that name if you trust the server"
            ),
        );
        return None;
    }
    if identity.id_server.is_some() && !is_named {
        // That URL is of the other server.
        identity.id_server_url = None;
    }
    identity.id_server = Some(name.to_string());
    identity.discover = None;
    Some(identity)
}

fn key(args: &AcceptArgs, problems: &mut Problems) -> Option<InvitePrivateKey> {
    let source = Source {
        name: "invitation's private key",
        variable: "SDN_INVITE_KEY",
        flag: "--key-file",
        file: args.key_file.as_deref(),
        advice: "copy it from the invitation's mail",
    };
    problems.keep(source.place(), source.read(|text| InvitePrivateKey::new(text)))
}

/// Returns the inviter, which a node requires in the proof. An identity server that signs knows the
/// inviter. A link may have a user ID in the place of the inviter's name.
fn sender(
    args: &AcceptArgs,
    named: Option<&str>,
    problems: &mut Problems,
) -> Option<Option<UserId>> {
    if let Some(sender) = &args.sender {
        return problems.keep("--sender", invitee::user(sender)).map(Some);
    }
    let named = named.and_then(|name| UserId::new(name).ok());
    if named.is_none() && !args.signed_by_server {
        problems.add(
            "--sender",
            "not given; name the user who invited you, or let the identity server sign with --signed-by-server",
        );
        return None;
    }
    Some(named)
}
