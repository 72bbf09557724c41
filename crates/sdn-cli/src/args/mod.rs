//! What can be said on the command line. Values are only split up here; the commands check them, all at once.

pub(crate) mod help;
mod shared;

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use clap_complete::Shell;

pub(crate) use shared::{ConnectionArgs, IdentityArgs, ServerArgs};

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
            hide_word(&mut error);
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

/// A word in the wrong place may be a token, and is not repeated, unless it is an option's name or resembles what could have
/// been meant.
fn hide_word(error: &mut clap::Error) {
    let (place, suggested) = match error.kind() {
        ErrorKind::UnknownArgument => (ContextKind::InvalidArg, ContextKind::SuggestedArg),
        ErrorKind::InvalidSubcommand => {
            (ContextKind::InvalidSubcommand, ContextKind::SuggestedSubcommand)
        }
        ErrorKind::InvalidValue | ErrorKind::TooManyValues => {
            (ContextKind::InvalidValue, ContextKind::SuggestedValue)
        }
        _ => return,
    };
    let is_token = |word: &ContextValue| match word {
        ContextValue::String(word) => !word.is_empty() && !word.starts_with('-'),
        _ => false,
    };
    if error.get(suggested).is_none() && error.get(place).is_some_and(is_token) {
        error.insert(place, ContextValue::String("…".to_owned()));
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

#[derive(Debug, clap::Args)]
pub(crate) struct InviteArgs {
    /// The room: its ID, its alias such as #lobby:node.example, or a link to it
    #[arg(value_name = "ROOM")]
    pub(crate) room: String,

    /// Who is invited: alice@example.com, '+1 800 555 2067', @bob:node.example, a wallet such as 0x7e5f… or did:sdn:7e5f…, or
    /// a link to a user
    #[arg(value_name = "INVITEE", required_unless_present = "from")]
    pub(crate) invitees: Vec<String>,

    #[command(flatten)]
    pub(crate) list: ListArgs,

    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,

    #[command(flatten)]
    pub(crate) identity: IdentityArgs,

    /// Why, for the invitee to read; only with user IDs, for other invitations carry none
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,

    /// Look at the room before an invitation, and again if its outcome is unknown, to learn whether it arrived
    #[arg(long)]
    pub(crate) look: bool,

    /// Invite wallets without asking the node whether anybody has logged in with them
    #[arg(long)]
    pub(crate) no_check: bool,

    /// Print one line of JSON per invitee
    #[arg(long, conflicts_with = "dry_run")]
    pub(crate) json: bool,

    /// Print only the invitees that are not invited, and problems: no notes, no progress, no counts
    #[arg(long, conflicts_with = "dry_run")]
    pub(crate) quiet: bool,

    /// Send nothing; print how many would be invited. No token need be set
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Print the exact HTTP/1.1 requests instead, with tokens redacted, and a blank line between two of them
    #[arg(long, requires = "dry_run")]
    pub(crate) print_requests: bool,

    /// Print the tokens in them too
    #[arg(long, requires = "print_requests")]
    pub(crate) show_secrets: bool,
}

impl InviteArgs {
    /// Whether nothing is sent, and requests are printed without their tokens if they are.
    pub(crate) fn hides_secrets(&self) -> bool {
        self.dry_run && !self.show_secrets
    }
}

#[derive(Debug, clap::Args)]
pub(crate) struct CreateArgs {
    /// The room's name
    #[arg(value_name = "NAME")]
    pub(crate) name: String,

    /// Who is invited to it, as with sdn invite
    #[arg(value_name = "INVITEE")]
    pub(crate) invitees: Vec<String>,

    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,

    #[command(flatten)]
    pub(crate) identity: IdentityArgs,

    /// Invite wallets without asking the node whether anybody has logged in with them
    #[arg(long)]
    pub(crate) no_check: bool,

    /// Print a line of JSON for the room, and one per invitee
    #[arg(long)]
    pub(crate) json: bool,
}

impl CreateArgs {
    /// Returns the invitations to the room, once it is there.
    pub(crate) fn into_invitations(self) -> InviteArgs {
        InviteArgs {
            room: String::new(),
            invitees: self.invitees,
            list: ListArgs::default(),
            connection: self.connection,
            identity: self.identity,
            reason: None,
            look: false,
            no_check: self.no_check,
            json: self.json,
            quiet: false,
            dry_run: false,
            print_requests: false,
            show_secrets: false,
        }
    }
}

/// Many invitees, and what became of them in earlier runs.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct ListArgs {
    /// A CSV file with an invitee in each row's first field, or - for standard input; UTF-8, or UTF-16 from a spreadsheet
    #[arg(long, value_name = "FILE")]
    pub(crate) from: Option<PathBuf>,

    /// The file begins with a header, and the invitees are in the column of this name
    #[arg(long, value_name = "NAME", requires = "from")]
    pub(crate) column: Option<String>,

    /// What separates the fields, such as ; or the word tab [default: a comma, a ; or a tab, as in the first row]
    #[arg(long, value_name = "CHARACTER", requires = "from")]
    pub(crate) delimiter: Option<String>,

    /// Invite the others if some rows are invalid, and copy these into a file: the list's name and .invalid.csv
    #[arg(long, requires = "from")]
    pub(crate) skip_invalid: bool,

    /// Note in this file what becomes of each, and go on from what it says [default: the list's name and .journal]
    #[arg(long, value_name = "FILE")]
    pub(crate) journal: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct JournalArgs {
    /// The journal of a list, such as people.csv.journal
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,

    /// Let the next sdn invite invite them again: one invitee, or all that were refused or whose outcome is unknown
    #[arg(long, value_name = "INVITEE|refused|unknown")]
    pub(crate) retry: Vec<String>,

    /// Nothing is to be done about them any more. An invitee may be new to the journal
    #[arg(long, value_name = "INVITEE|refused|unknown")]
    pub(crate) settle: Vec<String>,

    /// Compare those that are left to decide, whether refused or unknown, with the room. Settles nobody
    #[arg(long, conflicts_with_all = ["retry", "settle"])]
    pub(crate) look: bool,

    /// Print a line of JSON for each that is left to decide
    #[arg(long)]
    pub(crate) json: bool,

    #[command(flatten, next_help_heading = "Options of --look")]
    pub(crate) connection: ConnectionArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct AcceptArgs {
    /// The room: its ID, from the mail, its alias or a link to it. Without it, the mail's link is read
    #[arg(value_name = "ROOM")]
    pub(crate) room: Option<String>,

    /// The invitation's token, from the mail
    #[arg(value_name = "TOKEN")]
    pub(crate) token: Option<String>,

    /// A file with the link of the invitation mail, or - for standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["room", "token", "key_file"])]
    pub(crate) link_file: Option<PathBuf>,

    /// Who invited, such as @alice:node.example or a wallet; needed unless the identity server signs
    #[arg(long, value_name = "USER")]
    pub(crate) sender: Option<String>,

    /// A file with the invitation's private key, from the mail
    #[arg(long, value_name = "FILE")]
    pub(crate) key_file: Option<PathBuf>,

    /// Hand the key to the identity server and have it sign; without this it is signed here
    #[arg(long)]
    pub(crate) signed_by_server: bool,

    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,

    #[command(flatten)]
    pub(crate) identity: IdentityArgs,

    /// Print a line of JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct PendingArgs {
    /// The room: its ID, its alias such as #lobby:node.example, or a link to it
    #[arg(value_name = "ROOM")]
    pub(crate) room: String,

    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,

    /// Print one line of JSON per invitation
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct RevokeArgs {
    /// The room: its ID, its alias such as #lobby:node.example, or a link to it
    #[arg(value_name = "ROOM")]
    pub(crate) room: String,

    /// The token of an invitation by e-mail or phone, which sdn pending shows, or the user who was invited
    #[arg(value_name = "TOKEN|USER")]
    pub(crate) invitation: String,

    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,

    /// Print a line of JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct WhoisArgs {
    /// Who is looked for: alice@example.com or '+1 800 555 2067'
    #[arg(value_name = "ADDRESS", required = true)]
    pub(crate) addresses: Vec<String>,

    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,

    #[command(flatten)]
    pub(crate) identity: IdentityArgs,

    /// Print one line of JSON per address
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct WhoamiArgs {
    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,

    /// Print a line of JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct LogoutArgs {
    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,

    /// Print a line of JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct RoomsArgs {
    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,

    /// Print one line of JSON per room
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct LoginArgs {
    #[command(flatten)]
    pub(crate) server: ServerArgs,

    /// With --matrix: the user, such as alice; without this you are asked. The password is always asked for
    #[arg(long, value_name = "USER")]
    pub(crate) user: Option<String>,

    /// A file with the wallet's private key; without one it is SDN_WALLET_KEY, or you are asked
    #[arg(long, value_name = "FILE", conflicts_with = "external")]
    pub(crate) key_file: Option<PathBuf>,

    /// Sign elsewhere, such as with a hardware or browser wallet: print the message, and read its signature
    #[arg(long)]
    pub(crate) external: bool,

    /// With --external: the address of the wallet that signs, such as 0x7e5f…
    #[arg(long, value_name = "ADDRESS", requires = "external")]
    pub(crate) wallet: Option<String>,

    /// Sign with the app's developer key too: SDN_DEVELOPER_KEY, or you are asked; with --external for its signature
    #[arg(long)]
    pub(crate) developer: bool,

    /// A file with the app's developer key, to sign with too
    #[arg(long, value_name = "FILE", conflicts_with = "developer_sign_url")]
    pub(crate) developer_key_file: Option<PathBuf>,

    /// Have this server of the developer's sign too: https, or on this machine
    #[arg(long, value_name = "URL", conflicts_with = "developer")]
    pub(crate) developer_sign_url: Option<String>,

    /// Print a line of JSON
    #[arg(long)]
    pub(crate) json: bool,
}
