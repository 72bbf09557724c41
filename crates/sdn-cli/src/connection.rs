//! The node and the HTTP client, from the options that all commands share.

use std::env;
use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sdn_hyper::{Builder, Client};
use sdn_proto::{AccessToken, Dialect, Node, Proxy, Session};

use crate::args::{ConnectionArgs, PROXY_VARIABLE, ServerArgs};
use crate::credentials::{self, Choice, Login, Missed};
use crate::drive::{Driver, block_on};
use crate::exit::Exit;
use crate::input::{Problems, wait};
use crate::invitee;
use crate::node::{Given, find_node, node, url_problem};
use crate::output::printable;
use crate::terms::Decider;
use crate::token::{PLACEHOLDER, Source, WHERE_FROM};

/// What the command calls itself to servers.
pub(crate) const USER_AGENT: &str = concat!("sdn/", env!("CARGO_PKG_VERSION"));

const NODE: &str = "--node (or SDN_NODE)";

/// A session at the node, and the HTTP client that reaches it.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) session: Session,
    pub(crate) client: Builder,
    pub(crate) token: Token,
    /// How long to wait in all for a server that limits the rate.
    pub(crate) wait: Duration,
    /// Whether the session's node is a domain, which has to be asked for its node first.
    is_domain: bool,
}

/// The session's token, and where it came from.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub(crate) token: AccessToken,
    pub(crate) from: TokenFrom,
}

/// Where a token came from.
#[derive(Debug, Clone)]
pub(crate) enum TokenFrom {
    File,
    Variable,
    /// The login in this credentials file.
    Login(PathBuf),
}

impl TokenFrom {
    /// Returns it as a word.
    pub(crate) fn as_str(&self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Variable => "environment",
            Self::Login(_) => "credentials",
        }
    }
}

impl fmt::Display for TokenFrom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File => f.write_str("the file given with --access-token-file"),
            Self::Variable => f.write_str("SDN_ACCESS_TOKEN"),
            Self::Login(path) => f.write_str(&printable(&path.to_string_lossy())),
        }
    }
}

impl Connection {
    /// Checks the options. If `is_redacted`, a placeholder replaces the token, which is then optional.
    pub(crate) fn check(
        args: &ConnectionArgs,
        is_redacted: bool,
        problems: &mut Problems,
    ) -> Option<Self> {
        let session = session(args, is_redacted, problems);
        let client = client(&args.server, problems);
        let wait = wait(&args.server, 0, problems);
        let (session, token, is_domain) = session?;
        Some(Self { session, client: client?, token, wait: wait?, is_domain })
    }

    /// Reports a domain as a problem, for commands that send nothing and so cannot ask it.
    pub(crate) fn check_url(&self, problems: &mut Problems) {
        if self.is_domain {
            problems.add(NODE, NO_URL);
        }
    }

    /// Finds the node if the options name a domain. It sends requests, so call it after all checks.
    pub(crate) fn located(mut self) -> Result<Self, Exit> {
        if self.is_domain {
            let found = block_on(find_node(self.session.node(), &self.driver()))?;
            self.session = found.session(self.token.token.clone());
            self.is_domain = false;
        }
        Ok(self)
    }

    /// Returns the driver of a command that does not ask about terms.
    pub(crate) fn driver(&self) -> Driver {
        Driver::new(self.client.clone(), self.wait, Decider::Nobody)
    }

    /// Returns the dialect of the node, or that of the options if it did not pass the check.
    pub(crate) fn dialect(checked: Option<&Self>, args: &ConnectionArgs) -> Dialect {
        checked.map_or(args.server.dialect(), |checked| checked.session.node().dialect())
    }
}

fn session(
    args: &ConnectionArgs,
    is_redacted: bool,
    problems: &mut Problems,
) -> Option<(Session, Token, bool)> {
    let source = Source {
        name: "access token",
        variable: "SDN_ACCESS_TOKEN",
        flag: "--access-token-file",
        file: args.access_token_file.as_deref(),
        advice: WHERE_FROM,
    };
    let node = problems.keep(NODE, node(&args.server));
    let token = problems.keep(source.place(), source.read_if_set(|text| AccessToken::new(text)));
    let user_id = problems.keep("--user", args.user.as_deref().map(invitee::user).transpose());
    if let (Some(Some(_)), Some(_)) = (&token, &args.user) {
        let place = source.place();
        problems.add(
            "--user",
            format_args!("chooses a login, but {place} contains a token; remove one of them"),
        );
    }
    let Some(token) = token? else {
        let (node, domain) = match node? {
            Some(Given::Domain(domain)) => (None, Some(domain)),
            Some(Given::Url(node)) => (Some(node), None),
            None => (None, None),
        };
        let choice = Choice { node, domain, user_id: user_id?, is_matrix: args.server.matrix };
        let (session, token) = from_login(choice, &args.server, is_redacted, problems)?;
        return Some((session, token, false));
    };
    if matches!(node, Some(None)) {
        problems.add(NODE, NO_NODE);
    }
    let from = if args.access_token_file.is_some() { TokenFrom::File } else { TokenFrom::Variable };
    let token = if is_redacted { placeholder(problems)? } else { token };
    let (node, is_domain) = match node?? {
        Given::Url(node) => (node, false),
        Given::Domain(domain) => (domain, true),
    };
    Some((node.session(token.clone()), Token { token, from }, is_domain))
}

/// Takes the token, and the node unless it is given, from the credentials.
fn from_login(
    choice: Choice,
    args: &ServerArgs,
    is_redacted: bool,
    problems: &mut Problems,
) -> Option<(Session, Token)> {
    let (path, logins) = problems.keep("credentials", credentials::read())?;
    let from = TokenFrom::Login(path);
    match choice.of(logins) {
        Ok(Login { node, token, .. }) => {
            let allowed =
                if args.insecure_http { Ok(()) } else { Node::new(node.to_string()).map(drop) };
            problems.keep(NODE, allowed.map_err(|error| url_problem(&error)))?;
            let token = if is_redacted { placeholder(problems)? } else { token };
            Some((node.session(token.clone()), Token { token, from }))
        }
        Err(Missed::Several(problem)) => {
            problems.add("--node and --user", problem);
            None
        }
        // A command that prints no token needs none.
        Err(_) if is_redacted && choice.node.is_some() => {
            let token = placeholder(problems)?;
            Some((choice.node?.session(token.clone()), Token { token, from }))
        }
        Err(Missed::Other(problem)) => {
            problems.add("--node and --user", problem);
            None
        }
        Err(Missed::Empty) => {
            if !is_redacted {
                problems.add(
                    "SDN_ACCESS_TOKEN",
                    format_args!("not set, and there is no login; {WHERE_FROM}"),
                );
            }
            if choice.node.is_none() && choice.domain.is_none() {
                problems.add(NODE, NO_NODE);
            }
            None
        }
    }
}

const NO_NODE: &str = "not given; give your node's URL, such as https://node.example";
const NO_URL: &str =
    "has no scheme; begin it with https://, because a dry run cannot ask a domain for its node";

fn placeholder(problems: &mut Problems) -> Option<AccessToken> {
    problems.check("access token", AccessToken::new(PLACEHOLDER))
}

/// Checks the node of a command that needs no token, and returns the HTTP client's builder.
pub(crate) fn without_token(
    args: &ServerArgs,
    problems: &mut Problems,
) -> Option<(Given, Builder)> {
    let given = problems.keep(NODE, node(args).and_then(|node| node.ok_or(NO_NODE.to_owned())));
    let client = client(args, problems);
    given.zip(client)
}

/// Checks the client of a command that names no server.
#[cfg(feature = "outbox")]
pub(crate) fn client_with(ca_file: Option<&Path>, problems: &mut Problems) -> Option<Builder> {
    let builder = problems.keep("user agent", Client::builder().user_agent(USER_AGENT))?;
    problems.keep("--ca-file", add_roots(builder, ca_file))
}

fn client(args: &ServerArgs, problems: &mut Problems) -> Option<Builder> {
    let timeout = problems.keep("--timeout", timeout(args.timeout.as_deref()));
    let builder = problems.keep("user agent", Client::builder().user_agent(USER_AGENT))?;
    let builder = problems.keep("--ca-file", add_roots(builder, args.ca_file.as_deref()))?;
    let builder =
        problems.keep("--proxy (or SDN_PROXY)", add_proxy(builder, args.proxy.as_deref()))?;
    Some(match timeout? {
        None => builder,
        // A timeout while connecting is certainly not sent, so connecting must end before the total.
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
        .map_err(|error| format!("cannot read the file ({error}); give a PEM file"))?;
    builder.add_root_certificate(&pem).map_err(|error| format!("{error}; give a complete PEM file"))
}

fn add_proxy(builder: Builder, url: Option<&str>) -> Result<Builder, String> {
    let Some(url) = url.filter(|url| !url.is_empty()) else { return Ok(builder) };
    // Other users can read a process's arguments, and often the configuration file, but not its
    // environment.
    if url.contains('@') && env::var(PROXY_VARIABLE).as_deref() != Ok(url) {
        return Err(PROXY_PASSWORD.to_owned());
    }
    let proxy = Proxy::new(url).map_err(|error| error.rule().to_string())?;
    Ok(builder.proxy(proxy))
}

const PROXY_PASSWORD: &str = "contains a user name or password, which other users may be able to \
     read; set the URL in SDN_PROXY";

/// The largest bundles in use have a few hundred kilobytes.
const MAX_CA_FILE_BYTES: u64 = 4 * 1024 * 1024;

fn timeout(text: Option<&str>) -> Result<Option<Duration>, &'static str> {
    let Some(text) = text else { return Ok(None) };
    match text.parse() {
        Ok(seconds @ 1..=3600) => Ok(Some(Duration::from_secs(seconds))),
        _ => Err("must be a whole number of seconds from 1 to 3600"),
    }
}
