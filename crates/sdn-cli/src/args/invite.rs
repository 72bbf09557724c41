//! The arguments of `sdn invite` and `sdn create`.

use std::path::PathBuf;

use super::shared::{ConnectionArgs, IdentityArgs};

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
