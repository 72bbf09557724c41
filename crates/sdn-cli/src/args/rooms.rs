//! The arguments of `sdn rooms`, `sdn pending` and `sdn revoke`.

use super::shared::ConnectionArgs;

#[derive(Debug, clap::Args)]
pub(crate) struct RoomsArgs {
    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,

    /// Print one line of JSON per room
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

    /// The token of an invitation by e-mail or phone, as sdn pending prints it, or the user who was invited
    #[arg(value_name = "TOKEN|USER")]
    pub(crate) invitation: String,

    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,

    /// Print one line of JSON
    #[arg(long)]
    pub(crate) json: bool,
}
