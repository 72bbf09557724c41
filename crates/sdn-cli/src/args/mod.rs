//! What can be said on the command line. Values are only split up here; the commands check them, all at once.

mod accept;
pub(crate) mod help;
mod hint;
mod invite;
mod journal;
mod login;
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
pub(crate) use self::rooms::{PendingArgs, RevokeArgs, RoomsArgs};
pub(crate) use self::shared::{ConnectionArgs, IdentityArgs, ServerArgs};
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

    /// Returns the definition of the command, where `sdn man` takes the names of all subcommands.
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
    /// Show every step of an invitation, at a node and an identity server that exist only while it runs
    #[cfg(feature = "demo")]
    Demo,
    /// Invite people to a room by e-mail address, phone number, user ID or wallet
    #[command(after_help = [help::BOTH_TOKENS, help::INVITE].concat())]
    Invite(Box<InviteArgs>),
    /// List the rooms that you have joined
    #[command(after_help = [help::ACCESS_TOKEN, help::DONE].concat())]
    Rooms(Box<RoomsArgs>),
    /// Create a private room, and invite people to it
    #[command(after_help = [help::BOTH_TOKENS, help::CREATE].concat())]
    Create(Box<CreateArgs>),
    /// Show whose outcome a list's journal leaves open, and decide about them
    #[command(after_help = help::JOURNAL)]
    Journal(Box<JournalArgs>),
    /// Accept an invitation with the link of its mail, and join the room
    #[command(after_help = help::ACCEPT)]
    Accept(Box<AcceptArgs>),
    /// List a room's invitations by e-mail or phone that nobody has accepted yet
    #[command(after_help = [help::ACCESS_TOKEN, help::DONE].concat())]
    Pending(Box<PendingArgs>),
    /// Revoke an invitation that nobody has accepted yet
    #[command(after_help = [help::ACCESS_TOKEN, help::REVOKE].concat())]
    Revoke(Box<RevokeArgs>),
    /// Find out which users some e-mail addresses and phone numbers belong to
    #[command(after_help = [help::BOTH_TOKENS, help::WHOIS].concat())]
    Whois(Box<WhoisArgs>),
    /// Log in at a node, and keep the access token for the other commands
    #[command(after_help = help::LOGIN)]
    Login(Box<LoginArgs>),
    /// Show whose the access token is, and where it came from
    #[command(after_help = [help::ACCESS_TOKEN, help::DONE].concat())]
    Whoami(Box<WhoamiArgs>),
    /// End an access token at its node, and forget its login
    #[command(after_help = [help::ACCESS_TOKEN, help::LOGOUT].concat())]
    Logout(Box<LogoutArgs>),
    /// Where do I get a token? How each command finds one
    #[command(after_help = help::TOKENS)]
    Tokens,
    /// Print what a shell needs to complete this command
    #[command(after_help = help::COMPLETIONS)]
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print a manual page: this command's, or that of one of its subcommands
    #[command(after_help = help::MAN)]
    Man {
        /// The subcommand
        #[arg(value_name = "COMMAND")]
        of: Option<String>,
    },
}
