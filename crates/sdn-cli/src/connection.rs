//! The node and the HTTP client, from the options that all commands share.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::Duration;

use sdn_hyper::{Builder, Client};
use sdn_proto::error::Rule;
use sdn_proto::{AccessToken, InvalidInput, Node, Session};

use crate::args::ConnectionArgs;
use crate::input::Problems;
use crate::token::Source;

/// What the command calls itself to servers.
pub(crate) const USER_AGENT: &str = concat!("sdn/", env!("CARGO_PKG_VERSION"));

/// The node as its user sees it, and what reaches it.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) session: Session,
    pub(crate) client: Builder,
}

impl Connection {
    /// Checks the options; `is_redacted` needs no token and puts a placeholder in its stead.
    pub(crate) fn check(
        args: &ConnectionArgs,
        is_redacted: bool,
        problems: &mut Problems,
    ) -> Option<Self> {
        let session = session(args, is_redacted, problems);
        let client = client(args, problems);
        Some(Self { session: session?, client: client? })
    }
}

/// Says which rule a base URL breaks, and of plain http how to allow it.
pub(crate) fn url_problem(error: &InvalidInput) -> String {
    match error.rule() {
        Rule::InsecureHttp => {
            "would send tokens over plain http; use https://, or allow it with --insecure-http"
                .to_owned()
        }
        rule => rule.to_string(),
    }
}

fn session(args: &ConnectionArgs, is_redacted: bool, problems: &mut Problems) -> Option<Session> {
    let source = Source {
        name: "access token",
        variable: "SDN_ACCESS_TOKEN",
        flag: "--access-token-file",
        file: args.access_token_file.as_deref(),
    };
    let node = problems.keep("--node (or SDN_NODE)", node(args));
    let token = if is_redacted {
        source.read_redacted(|text| AccessToken::new(text))
    } else {
        source.read(|text| AccessToken::new(text))
    };
    let token = problems.keep(source.place(), token);
    Some(node?.session(token?))
}

fn node(args: &ConnectionArgs) -> Result<Node, String> {
    let url = args.node.as_deref().ok_or("not given; give the URL of your node")?;
    let node = if args.insecure_http { Node::new_insecure(url) } else { Node::new(url) };
    node.map(|node| node.with_dialect(args.dialect())).map_err(|error| url_problem(&error))
}

fn client(args: &ConnectionArgs, problems: &mut Problems) -> Option<Builder> {
    let timeout = problems.keep("--timeout", timeout(args.timeout.as_deref()));
    let builder = problems.keep("user agent", Client::builder().user_agent(USER_AGENT))?;
    let builder = problems.keep("--ca-file", add_roots(builder, args.ca_file.as_deref()))?;
    Some(match timeout? {
        None => builder,
        // Time that runs out while connecting leaves no doubt, so connecting must not use all of it up.
        Some(total) => {
            builder.total_timeout(total).connect_timeout(MAX_CONNECT_TIMEOUT.min(total / 2))
        }
    })
}

const MAX_CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

fn add_roots(builder: Builder, file: Option<&Path>) -> Result<Builder, String> {
    let Some(path) = file else { return Ok(builder) };
    let mut pem = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MAX_CA_FILE_BYTES).read_to_end(&mut pem))
        .map_err(|error| format!("the file cannot be read ({error}); give a PEM file"))?;
    builder.add_root_certificate(&pem).map_err(|error| format!("{error}; give a whole PEM file"))
}

/// The largest bundles in use have a few hundred kilobytes.
const MAX_CA_FILE_BYTES: u64 = 4 * 1024 * 1024;

fn timeout(text: Option<&str>) -> Result<Option<Duration>, &'static str> {
    let Some(text) = text else { return Ok(None) };
    match text.parse() {
        Ok(seconds @ 1..=3600) => Ok(Some(Duration::from_secs(seconds))),
        _ => Err("no whole number of seconds from 1 to 3600; give one"),
    }
}
