//! The arguments of `sdn whois`.

use super::shared::{ConnectionArgs, IdentityArgs};

#[derive(Debug, clap::Args)]
pub(crate) struct WhoisArgs {
    /// The addresses to look up, such as alice@example.com or '+1 800 555 2067'
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
