//! The arguments of `sdn accept`.

use std::path::PathBuf;

use super::shared::{ConnectionArgs, IdentityArgs};

#[derive(Debug, clap::Args)]
pub(crate) struct AcceptArgs {
    /// The room: its ID from the mail, its alias, or a link to it. Without ROOM, the link of the mail is read
    #[arg(value_name = "ROOM")]
    pub(crate) room: Option<String>,

    /// The invitation's token, from the mail
    #[arg(value_name = "TOKEN")]
    pub(crate) token: Option<String>,

    /// A file that contains the link of the invitation mail, or - for standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["room", "token", "key_file"])]
    pub(crate) link_file: Option<PathBuf>,

    /// The user who invited you, such as @alice:node.example or a wallet; required without --signed-by-server
    #[arg(long, value_name = "USER")]
    pub(crate) sender: Option<String>,

    /// A file that contains the invitation's private key from the mail
    #[arg(long, value_name = "FILE")]
    pub(crate) key_file: Option<PathBuf>,

    /// Send the key to the identity server, which signs the acceptance. Otherwise sdn signs, and the key is not sent
    #[arg(long)]
    pub(crate) signed_by_server: bool,

    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,

    #[command(flatten)]
    pub(crate) identity: IdentityArgs,

    /// Print one line of JSON
    #[arg(long)]
    pub(crate) json: bool,
}
