//! Options that several commands have.

use std::path::PathBuf;

use sdn_proto::Dialect;

/// The node, and how it is reached.
#[derive(Debug, clap::Args)]
pub(crate) struct ServerArgs {
    /// The node's base URL, such as https://node.example, or a domain that names its node
    #[arg(long, value_name = "URL|DOMAIN", env = "SDN_NODE", hide_env_values = true)]
    pub(crate) node: Option<String>,

    /// Speak Matrix to the servers: paths begin with /_matrix/ and not /_api/
    #[arg(long)]
    pub(crate) matrix: bool,

    /// Trust the certificates in this PEM file as roots too
    #[arg(long, value_name = "FILE")]
    pub(crate) ca_file: Option<PathBuf>,

    /// Allow plain http to other machines: everybody on the way can read the tokens
    #[arg(long)]
    pub(crate) insecure_http: bool,

    /// Seconds that one request may take before its outcome counts as unknown [default: 150]
    #[arg(long, value_name = "SECONDS")]
    pub(crate) timeout: Option<String>,

    /// Seconds to wait in all, for each invitation or other request, if a server limits its rate [default: 0, with --from 3600]
    #[arg(long, value_name = "SECONDS")]
    pub(crate) wait: Option<String>,
}

impl ServerArgs {
    pub(crate) fn dialect(&self) -> Dialect {
        if self.matrix { Dialect::Matrix } else { Dialect::Sdn }
    }
}

/// The node and the user who calls it.
#[derive(Debug, clap::Args)]
pub(crate) struct ConnectionArgs {
    #[command(flatten)]
    pub(crate) server: ServerArgs,

    /// A file with the node's access token
    #[arg(long, value_name = "FILE")]
    pub(crate) access_token_file: Option<PathBuf>,

    /// Whose login is used, such as @alice:node.example or a wallet, if there are several
    #[arg(long, value_name = "USER")]
    pub(crate) user: Option<String>,
}

/// The identity server, and how to get in there.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct IdentityArgs {
    /// The identity server, for e-mail addresses and phone numbers
    #[arg(long, value_name = "HOST[:PORT]", env = "SDN_ID_SERVER", hide_env_values = true)]
    pub(crate) id_server: Option<String>,

    /// Where it is reached from here, if not at its own name over https
    #[arg(long, value_name = "URL", conflicts_with = "discover")]
    pub(crate) id_server_url: Option<String>,

    /// Ask this domain (or base URL) which identity server to use, unless one is given; without a
    /// value, ask the node
    #[arg(long, value_name = "DOMAIN", num_args = 0..=1, default_missing_value = "")]
    pub(crate) discover: Option<String>,

    /// A file with the identity server's access token; without one you are registered there
    #[arg(long, value_name = "FILE")]
    pub(crate) id_access_token_file: Option<PathBuf>,

    /// Accept the identity server's terms of service unasked; they are shown
    #[arg(long)]
    pub(crate) accept_terms: bool,
}
