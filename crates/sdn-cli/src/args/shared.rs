//! Options that several commands have.

use std::path::PathBuf;

use sdn_proto::Dialect;

/// The variable that can also contain the proxy's user name and password.
pub(crate) const PROXY_VARIABLE: &str = "SDN_PROXY";

/// The node, and how to reach it.
#[derive(Debug, clap::Args)]
pub(crate) struct ServerArgs {
    /// The node's base URL, such as https://node.example, or a domain that names its node
    #[arg(long, value_name = "URL|DOMAIN", env = "SDN_NODE", hide_env_values = true)]
    pub(crate) node: Option<String>,

    /// Speak Matrix to the servers: paths begin with /_matrix/ instead of /_api/
    #[arg(long)]
    pub(crate) matrix: bool,

    /// Trust the root certificates in this PEM file too
    #[arg(long, value_name = "FILE")]
    pub(crate) ca_file: Option<PathBuf>,

    /// Connect through this HTTP proxy, such as http://proxy.example:3128. An empty value means none
    #[arg(long, value_name = "URL", env = PROXY_VARIABLE, hide_env_values = true)]
    pub(crate) proxy: Option<String>,

    /// Allow plain http to other machines. Anybody on the network can then read your tokens
    #[arg(long)]
    pub(crate) insecure_http: bool,

    /// Seconds until a request without a response counts as unknown [default: 150]
    #[arg(long, value_name = "SECONDS")]
    pub(crate) timeout: Option<String>,

    /// Seconds to wait for a server that limits the rate, in all for one invitation or request [default: 0; 3600 with sdn invite --from]
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

    /// A file that contains the node's access token
    #[arg(long, value_name = "FILE")]
    pub(crate) access_token_file: Option<PathBuf>,

    /// The login to use if you have several, such as @alice:node.example or a wallet
    #[arg(long, value_name = "USER")]
    pub(crate) user: Option<String>,
}

/// The identity server, and how to register there.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct IdentityArgs {
    /// The identity server, as the node calls it. Needed for e-mail addresses and phone numbers
    #[arg(long, value_name = "HOST[:PORT]", env = "SDN_ID_SERVER", hide_env_values = true)]
    pub(crate) id_server: Option<String>,

    /// The URL of the identity server, if it is not https:// and its name
    #[arg(long, value_name = "URL", conflicts_with = "discover")]
    pub(crate) id_server_url: Option<String>,

    /// If no identity server is given, ask this domain or base URL for one; without a value, ask
    /// the node
    #[arg(long, value_name = "DOMAIN", num_args = 0..=1, default_missing_value = "")]
    pub(crate) discover: Option<String>,

    /// A file that contains the identity server's access token. If not given, sdn registers you there
    #[arg(long, value_name = "FILE")]
    pub(crate) id_access_token_file: Option<PathBuf>,

    /// Accept the identity server's terms of service without being asked. They are still printed
    #[arg(long)]
    pub(crate) accept_terms: bool,
}
