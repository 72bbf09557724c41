//! The arguments of `sdn accept`.

use std::path::PathBuf;

use super::shared::{ConnectionArgs, IdentityArgs};

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
