//! What can be said on the command line. Values are only split up here; `invite::plan` checks them, all at once.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// Invite people to SDN and Matrix rooms.
#[derive(Debug, Parser)]
#[command(name = "sdn", version, arg_required_else_help = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show what an invitation is, with a node and an identity server that live only while it runs
    Demo,
    /// Invite people to a room by e-mail address, phone number or user ID
    #[command(after_help = AFTER_INVITE_HELP)]
    Invite(Box<InviteArgs>),
}

const AFTER_INVITE_HELP: &str = "\
Tokens (never an argument: others can read those):
  SDN_ACCESS_TOKEN     the node's access token, or a file with it: --access-token-file
  SDN_ID_ACCESS_TOKEN  the identity server's, or a file with it: --id-access-token-file
  A file goes before the environment. Line breaks at its end are dropped.

Exit status:
  0  all invited
  1  some refused, or certainly not sent
  2  bad input; nothing was sent
  3  the outcome of some is unknown: look before you repeat the command, it may send a second mail

Example:
  sdn invite '!room:node.example' alice@example.com '+1 800 555 2067' @bob:node.example \\
      --node https://node.example --id-server id.example";

#[derive(Debug, clap::Args)]
pub(crate) struct InviteArgs {
    /// The room's ID, such as !room:node.example
    #[arg(value_name = "ROOM")]
    pub(crate) room: String,

    /// Who is invited: alice@example.com, '+1 800 555 2067' or @bob:node.example
    #[arg(value_name = "INVITEE", required = true)]
    pub(crate) invitees: Vec<String>,

    /// The node's base URL, such as https://node.example
    #[arg(long, value_name = "URL", env = "SDN_NODE", hide_env_values = true)]
    pub(crate) node: Option<String>,

    /// The identity server, for e-mail addresses and phone numbers
    #[arg(long, value_name = "HOST[:PORT]", env = "SDN_ID_SERVER", hide_env_values = true)]
    pub(crate) id_server: Option<String>,

    /// A file with the node's access token
    #[arg(long, value_name = "FILE")]
    pub(crate) access_token_file: Option<PathBuf>,

    /// A file with the identity server's access token
    #[arg(long, value_name = "FILE")]
    pub(crate) id_access_token_file: Option<PathBuf>,

    /// Why, for the invitee to read; only with user IDs, for other invitations carry none
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,

    /// Speak Matrix to the node: paths begin with /_matrix/ and not /_api/
    #[arg(long)]
    pub(crate) matrix: bool,

    /// Trust the certificates in this PEM file as roots too
    #[arg(long, value_name = "FILE")]
    pub(crate) ca_file: Option<PathBuf>,

    /// Allow plain http to other machines: everybody on the way can read the tokens
    #[arg(long)]
    pub(crate) insecure_http: bool,

    /// Seconds that one invitation may take before its outcome counts as unknown [default: 150]
    #[arg(long, value_name = "SECONDS")]
    pub(crate) timeout: Option<String>,

    /// Print one line of JSON per invitee
    #[arg(long, conflicts_with = "dry_run")]
    pub(crate) json: bool,

    /// Send nothing; print the exact HTTP/1.1 requests, with tokens redacted (none need be set)
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Print the tokens in them too
    #[arg(long, requires = "dry_run")]
    pub(crate) show_secrets: bool,
}

impl InviteArgs {
    /// Whether requests are only printed, and without their tokens.
    pub(crate) fn hides_secrets(&self) -> bool {
        self.dry_run && !self.show_secrets
    }
}
