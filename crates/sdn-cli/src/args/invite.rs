//! The arguments of `sdn invite` and `sdn create`.

use std::path::PathBuf;

#[cfg(feature = "outbox")]
use super::outbox::OutboxArgs;
use super::shared::{ConnectionArgs, IdentityArgs};

#[derive(Debug, clap::Args)]
pub(crate) struct InviteArgs {
    /// The room: its ID, its alias such as #lobby:node.example, or a link to it
    #[arg(value_name = "ROOM")]
    pub(crate) room: String,

    /// The people to invite, each as alice@example.com, '+1 800 555 2067', @bob:node.example, a wallet such as 0x7e5f… or
    /// did:sdn:7e5f…, or a link to a user
    #[arg(value_name = "INVITEE", required_unless_present = "from")]
    pub(crate) invitees: Vec<String>,

    #[command(flatten)]
    pub(crate) list: ListArgs,

    #[cfg(feature = "outbox")]
    #[command(flatten)]
    pub(crate) outbox: OutboxArgs,

    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,

    #[command(flatten)]
    pub(crate) identity: IdentityArgs,

    /// A reason, which the invitee can read; only with user IDs, because other invitations have none
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,

    /// Read the room's state before an invitation, and again if its outcome is unknown, to find out whether it arrived
    #[arg(long)]
    pub(crate) look: bool,

    /// Invite wallets without asking the node whether anybody has logged in with them
    #[arg(long)]
    pub(crate) no_check: bool,

    /// Print one line of JSON per invitee
    #[arg(long, conflicts_with = "dry_run")]
    pub(crate) json: bool,

    /// Print only problems and the invitees that are not invited: no notes, no progress, no counts
    #[arg(long, conflicts_with = "dry_run")]
    pub(crate) quiet: bool,

    /// Send nothing; print how many would be invited. Needs no token
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// With --dry-run: print the exact HTTP/1.1 requests instead, with redacted tokens
    #[arg(long, requires = "dry_run")]
    pub(crate) print_requests: bool,

    /// With --print-requests: print the tokens too
    #[arg(long, requires = "print_requests")]
    pub(crate) show_secrets: bool,
}

impl InviteArgs {
    /// Returns whether the command needs no token, because it sends nothing and prints no token.
    pub(crate) fn hides_secrets(&self) -> bool {
        self.dry_run && !self.show_secrets
    }

    /// Returns whether an outbox records the invitations, instead of a journal.
    pub(crate) fn has_outbox(&self) -> bool {
        #[cfg(feature = "outbox")]
        return self.outbox.outbox.is_some();
        #[cfg(not(feature = "outbox"))]
        false
    }
}

#[derive(Debug, clap::Args)]
pub(crate) struct CreateArgs {
    /// The room's name
    #[arg(value_name = "NAME")]
    pub(crate) name: String,

    /// The people to invite, as in sdn invite
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
    /// Returns the arguments that invite people to the room, once it is created.
    pub(crate) fn into_invitations(self) -> InviteArgs {
        InviteArgs {
            room: String::new(),
            invitees: self.invitees,
            list: ListArgs::default(),
            #[cfg(feature = "outbox")]
            outbox: OutboxArgs::default(),
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

/// A list of invitees, and the journal of its earlier runs.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct ListArgs {
    /// Invite a list: a CSV file with an invitee in the first field of each row, or - for standard input; UTF-8 or UTF-16
    #[arg(long, value_name = "FILE")]
    pub(crate) from: Option<PathBuf>,

    /// The column of the invitees. The list then begins with a header
    #[arg(long, value_name = "NAME", requires = "from")]
    pub(crate) column: Option<String>,

    /// The separator of the fields, such as ; or the word tab [default: the comma, ; or tab in the first row]
    #[arg(long, value_name = "CHARACTER", requires = "from")]
    pub(crate) delimiter: Option<String>,

    /// Skip invalid rows, and copy them to a file: the list's name with .invalid.csv
    #[arg(long, requires = "from")]
    pub(crate) skip_invalid: bool,

    /// Record the outcome of each invitation in this file, and continue from it [default: the list's name with .journal]
    #[arg(long, value_name = "FILE")]
    pub(crate) journal: Option<PathBuf>,
}
