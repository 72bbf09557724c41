//! The arguments of `sdn login`, `sdn whoami` and `sdn logout`.

use std::path::PathBuf;

use super::shared::{ConnectionArgs, ServerArgs};

#[derive(Debug, clap::Args)]
pub(crate) struct LoginArgs {
    #[command(flatten)]
    pub(crate) server: ServerArgs,

    /// With --matrix: the user, such as alice. If not given, you are asked. You are always asked for the password
    #[arg(long, value_name = "USER")]
    pub(crate) user: Option<String>,

    /// A file that contains the wallet's private key. If not given, SDN_WALLET_KEY is used, or you are asked
    #[arg(long, value_name = "FILE", conflicts_with = "external")]
    pub(crate) key_file: Option<PathBuf>,

    /// Sign with another program, such as a hardware or browser wallet: print the message, and read its signature
    #[arg(long)]
    pub(crate) external: bool,

    /// With --external: the address of the wallet that signs, such as 0x7e5f…
    #[arg(long, value_name = "ADDRESS", requires = "external")]
    pub(crate) wallet: Option<String>,

    /// Sign with the app's developer key too: SDN_DEVELOPER_KEY, or you are asked for it (with --external, for its signature)
    #[arg(long)]
    pub(crate) developer: bool,

    /// A file that contains the app's developer key, to sign with it too
    #[arg(long, value_name = "FILE", conflicts_with = "developer_sign_url")]
    pub(crate) developer_key_file: Option<PathBuf>,

    /// Get the developer's signature from this URL: https, or a server on this machine
    #[arg(long, value_name = "URL", conflicts_with = "developer")]
    pub(crate) developer_sign_url: Option<String>,

    /// Print one line of JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct WhoamiArgs {
    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,

    /// Print one line of JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct LogoutArgs {
    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,

    /// Print one line of JSON
    #[arg(long)]
    pub(crate) json: bool,
}
