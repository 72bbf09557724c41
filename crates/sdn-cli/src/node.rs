//! The node that the options name, by its URL or by a domain.

use sdn_proto::flow::DiscoverFlow;
use sdn_proto::{InvalidInput, Node, Rule, ServerName};

use crate::args::ServerArgs;
use crate::drive::Driver;
use crate::exit::Exit;
use crate::failure::with_sources;
use crate::output::report;

/// Describes the rule that a base URL breaks. For plain http, it says how to allow that.
pub(crate) fn url_problem(error: &InvalidInput) -> String {
    match error.rule() {
        Rule::InsecureHttp => {
            "would send tokens over plain http; use https://, or allow it with --insecure-http"
                .to_owned()
        }
        rule => rule.to_string(),
    }
}

/// A node that the options name.
#[derive(Debug)]
pub(crate) enum Given {
    Url(Node),
    /// A domain, which has to be asked for its node.
    Domain(Node),
}

impl Given {
    /// Returns the node. A domain is asked for it.
    pub(crate) async fn located(self, driver: &Driver) -> Result<Node, Exit> {
        match self {
            Self::Url(node) => Ok(node),
            Self::Domain(domain) => find_node(&domain, driver).await,
        }
    }
}

/// Checks the node, if it is given.
pub(crate) fn node(args: &ServerArgs) -> Result<Option<Given>, String> {
    let Some(text) = args.node.as_deref() else { return Ok(None) };
    let allows_http = args.insecure_http;
    // A text that is neither a URL nor a domain is reported as an invalid URL.
    let domain = match text.contains("://") {
        true => None,
        false => ServerName::new(text).ok().map(|name| Node::new(format!("https://{name}/"))),
    };
    let given = match domain {
        Some(domain) => domain.map(|domain| Given::Domain(domain.with_dialect(args.dialect()))),
        None => {
            let node = if allows_http { Node::new_insecure(text) } else { Node::new(text) };
            node.map(|node| Given::Url(node.with_dialect(args.dialect())))
        }
    };
    given.map(Some).map_err(|error| url_problem(&error))
}

/// Asks a domain for its node. A domain that names none is the node itself.
pub(crate) async fn find_node(domain: &Node, driver: &Driver) -> Result<Node, Exit> {
    let failed = |problem: String| {
        Exit::SomeRefused.reporting(format_args!(
            "cannot find the node of {domain}, so nothing was sent to it; give the node's URL: {problem}"
        ))
    };
    let flow = DiscoverFlow::new(domain.clone()).with_wait_budget(driver.wait);
    let found = driver.run(flow).await.map_err(|error| failed(with_sources(&error)))?;
    let node = found.node().unwrap_or_else(|| Ok(domain.clone()));
    let node = node.map_err(|invalid| failed(invalid.to_string()))?;
    report(format_args!("sdn: the node is {node}"));
    Ok(node)
}
