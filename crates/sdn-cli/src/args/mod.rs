//! The command line. It is only split into values here; the commands check them, all at once.

mod accept;
pub(crate) mod help;
mod hint;
mod invite;
mod journal;
mod login;
#[cfg(feature = "outbox")]
mod outbox;
mod rooms;
mod shared;
mod whois;

use clap::builder::PossibleValuesParser;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use clap_complete::Shell;

pub(crate) use self::accept::AcceptArgs;
pub(crate) use self::invite::{CreateArgs, InviteArgs, ListArgs};
pub(crate) use self::journal::JournalArgs;
pub(crate) use self::login::{LoginArgs, LogoutArgs, WhoamiArgs};
#[cfg(feature = "outbox")]
pub(crate) use self::outbox::{OutboxArgs, WorkArgs};
pub(crate) use self::rooms::{PendingArgs, RevokeArgs, RoomsArgs};
pub(crate) use self::shared::{ConnectionArgs, IdentityArgs, PROXY_VARIABLE, ServerArgs};
pub(crate) use self::whois::WhoisArgs;

/// Invite people to SDN and Matrix rooms, and accept invitations.
#[derive(Debug, Parser)]
#[command(name = "sdn", version, arg_required_else_help = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Args {
    /// Reads the command line, or reports what is wrong with it and exits.
    pub(crate) fn read() -> Self {
        let matches = Self::definition().try_get_matches();
        matches.and_then(|matches| Self::from_arg_matches(&matches)).unwrap_or_else(|mut error| {
            hint::explain(&mut error, &Self::definition());
            error.exit()
        })
    }

    /// Returns the definition of the command, in which `sdn man` accepts the names of all subcommands.
    pub(crate) fn definition() -> clap::Command {
        let sdn = Self::command();
        let mut names: Vec<_> = sdn.get_subcommands().map(|of| of.get_name().to_owned()).collect();
        names.sort_unstable();
        sdn.mut_subcommand("man", |man| {
            man.mut_arg("of", |of| of.value_parser(PossibleValuesParser::new(names)))
        })
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show every step of an invitation, with a node and an identity server that run inside this command
    #[cfg(feature = "demo")]
    Demo,
    /// Invite people to a room by e-mail address, phone number, user ID or wallet
    #[command(after_help = [help::BOTH_TOKENS, help::INVITE].concat())]
    Invite(Box<InviteArgs>),
    /// Send the invitations of an outbox, until it is stopped
    #[cfg(feature = "outbox")]
    #[command(after_help = outbox::WORK)]
    Work(Box<WorkArgs>),
    /// List the rooms that you have joined
    #[command(after_help = [help::ACCESS_TOKEN, help::DONE].concat())]
    Rooms(Box<RoomsArgs>),
    /// Create a private room, and invite people to it
    #[command(after_help = [help::BOTH_TOKENS, help::CREATE].concat())]
    Create(Box<CreateArgs>),
    /// List the refused and unknown invitees of a list's journal, and decide about them
    #[command(after_help = help::JOURNAL)]
    Journal(Box<JournalArgs>),
    /// Accept an invitation with the link from its mail, and join the room
    #[command(after_help = help::ACCEPT)]
    Accept(Box<AcceptArgs>),
    /// List a room's invitations by e-mail or phone that nobody has accepted yet
    #[command(after_help = [help::ACCESS_TOKEN, help::DONE].concat())]
    Pending(Box<PendingArgs>),
    /// Revoke an invitation that nobody has accepted yet
    #[command(after_help = [help::ACCESS_TOKEN, help::REVOKE].concat())]
    Revoke(Box<RevokeArgs>),
    /// Look up the users that e-mail addresses and phone numbers belong to
    #[command(after_help = [help::BOTH_TOKENS, help::WHOIS].concat())]
    Whois(Box<WhoisArgs>),
    /// Log in at a node, and store the access token for the other commands
    #[command(after_help = help::LOGIN)]
    Login(Box<LoginArgs>),
    /// Print whose the access token is, and where it came from
    #[command(after_help = [help::ACCESS_TOKEN, help::DONE].concat())]
    Whoami(Box<WhoamiArgs>),
    /// Log out: end an access token at its node, and remove the stored login
    #[command(after_help = [help::ACCESS_TOKEN, help::LOGOUT].concat())]
    Logout(Box<LogoutArgs>),
    /// Explain where a token comes from and how each command finds one
    #[command(after_help = help::TOKENS)]
    Tokens,
    /// Print a script with which a shell completes this command
    #[command(after_help = help::COMPLETIONS)]
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print a manual page: of this command, or of one of its subcommands
    #[command(after_help = help::MAN)]
    Man {
        /// The subcommand
        #[arg(value_name = "COMMAND")]
        of: Option<String>,
    },
}
