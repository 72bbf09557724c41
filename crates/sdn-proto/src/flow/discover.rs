//! Discovers a domain's servers.
//!
//! ```text
//! Ask ─► Done
//! ▲ │
//! └─┘ redirected, at most 5 times
//! ```
//!
//! After a rate limit within the budget, the flow waits in the same state.

use std::time::Duration;

use bytes::Bytes;
use http::uri::{PathAndQuery, Uri};
use http::{Request, Response, StatusCode};

use super::rate_limit::RateLimit;
use super::reference::{Resolved, resolve};
use super::{DiscoverError, Flow, Step};
use crate::call::Call;
use crate::client::{Discover, Discovery};
use crate::error::{ApiError, CallError, InvalidInput, Rule, TransportError, location};
use crate::identity_server::IdentityServer;
use crate::node::Node;
use crate::outgoing::Outgoing;

const MAX_REDIRECTS: usize = 5;

/// Asks a domain where its node and its identity server are, and follows its redirects.
///
/// It sends [`Discover`] to the domain and to each location that it redirects to. No request has a
/// token.
///
/// * It follows at most 5 redirects, and none to a URL that it has already requested.
/// * A redirect must lead to `https`. From a domain on this machine it may also lead to `http` on
///   this machine. From any other domain it must not lead to this machine.
/// * A `Location` may be relative. Other statuses than 301, 302, 303, 307 and 308 are errors.
///
/// ```
/// use sdn_proto::flow::{DiscoverFlow, Flow, Step};
/// use sdn_proto::{Node, http::Response};
///
/// let mut flow = DiscoverFlow::new(Node::new("https://example.com")?);
/// // Your HTTP stack returns these responses, or `Client::run` of a transport does it all.
/// let moved = Response::builder().status(301).header("location", "https://www.example.com/sdn");
/// flow.received(Ok(moved.body("".into()).unwrap()));
/// let Step::Send(outgoing) = flow.step() else { panic!() };
/// assert_eq!(outgoing.request().uri(), "https://www.example.com/sdn");
///
/// let document = r#"{"m.identity_server":{"base_url":"https://id.example.com"}}"#;
/// flow.received(Ok(Response::new(document.into())));
/// let Step::Done(Ok(found)) = flow.step() else { panic!() };
/// assert_eq!(found.identity_server().unwrap()?.to_string(), "https://id.example.com/");
/// assert!(found.node().is_none());
/// # Ok::<(), sdn_proto::InvalidInput>(())
/// ```
#[derive(Debug, Clone)]
pub struct DiscoverFlow {
    rate_limit: RateLimit,
    state: State,
}

#[derive(Debug, Clone)]
pub(super) enum State {
    Ask(Question),
    Done(Result<Discovered, DiscoverError>),
}

/// The servers that a domain names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discovered {
    document: Discovery,
    /// The server that the document comes from.
    server: Node,
}

impl Discovered {
    /// Returns the node, if the domain names one, in the dialect of the domain: see
    /// [`Discovery::node`].
    ///
    /// # Errors
    ///
    /// The base URL breaks a rule of [`Node::new`], or leads to this machine although the server
    /// that names it does not.
    pub fn node(&self) -> Option<Result<Node, InvalidInput>> {
        self.document.node(&self.server)
    }

    /// Returns the identity server, if the domain names one, in the dialect of the domain.
    ///
    /// # Errors
    ///
    /// The base URL breaks a rule of [`IdentityServer::new`], or leads to this machine although the
    /// server that names it does not.
    pub fn identity_server(&self) -> Option<Result<IdentityServer, InvalidInput>> {
        self.document.identity_server(&self.server)
    }
}

impl DiscoverFlow {
    /// Creates a flow that asks `domain`. In the SDN dialect, that is the node itself unless you
    /// know another domain.
    pub fn new(domain: Node) -> Self {
        Self {
            rate_limit: RateLimit::new(Duration::ZERO),
            state: State::Ask(Question::new(domain)),
        }
    }

    /// Waits up to `budget` in all if a server limits the rate. The default is not to wait.
    #[must_use]
    pub fn with_wait_budget(self, budget: Duration) -> Self {
        Self { rate_limit: RateLimit::new(budget), ..self }
    }
}

impl Flow for DiscoverFlow {
    type Outcome = Result<Discovered, DiscoverError>;

    fn step(&self) -> Step<Self::Outcome> {
        if let Some(delay) = self.rate_limit.delay() {
            return Step::Wait(delay);
        }
        match &self.state {
            State::Ask(question) => Step::Send(question.outgoing()),
            State::Done(outcome) => Step::Done(outcome.clone()),
        }
    }

    fn received(&mut self, response: Result<Response<Bytes>, TransportError>) {
        let (State::Ask(question), None) = (&self.state, self.rate_limit.delay()) else { return };
        if let Some(next) = question.received(&response, &mut self.rate_limit) {
            self.state = next;
        }
    }

    fn waited(&mut self) {
        self.rate_limit.waited();
    }
}

/// The current request and the URLs of earlier ones.
#[derive(Debug, Clone)]
pub(super) struct Question {
    server: Node,
    outgoing: Outgoing,
    before: Vec<Outgoing>,
}

impl Question {
    pub(super) fn new(domain: Node) -> Self {
        let outgoing = Outgoing::new(&Discover::new(), &domain);
        Self { server: domain, outgoing, before: Vec::new() }
    }

    pub(super) fn outgoing(&self) -> Outgoing {
        self.outgoing.clone()
    }

    /// Returns what follows the response, or `None` if the flow waits.
    pub(super) fn received(
        &self,
        response: &Result<Response<Bytes>, TransportError>,
        rate_limit: &mut RateLimit,
    ) -> Option<State> {
        let found = |document| Ok(Discovered { document, server: self.server.clone() });
        let read = rate_limit.read::<Discover>(&self.outgoing, response)?;
        Some(State::Done(match (read, response) {
            (Ok(document), _) => found(document),
            (Err(CallError::Api(error)), _) if error.status() == StatusCode::NOT_FOUND => {
                found(Discovery::default())
            }
            (Err(CallError::Api(error)), Ok(response)) if is_redirect(response.status()) => {
                match location(response).map(|location| self.follow(location, &error)) {
                    Some(Ok(next)) => return Some(State::Ask(next)),
                    Some(Err(error)) => Err(error),
                    None => Err(DiscoverError::Failed(error.into())),
                }
            }
            (Err(error), _) => Err(DiscoverError::Failed(error)),
        }))
    }

    fn follow(&self, location: &str, error: &ApiError) -> Result<Self, DiscoverError> {
        let (server, uri) = self
            .target(location)
            .map_err(|invalid| DiscoverError::BadRedirect(error.clone(), invalid))?;
        let before = self.before.iter().chain([&self.outgoing]).cloned().collect::<Vec<_>>();
        let is_known = before.iter().any(|asked| *asked.request().uri() == uri);
        if is_known || before.len() > MAX_REDIRECTS {
            return Err(DiscoverError::TooManyRedirects(error.clone()));
        }
        let mut request = Request::new(Bytes::new());
        *request.uri_mut() = uri;
        let outgoing = Outgoing::from_request(request, Discover::MAX_RESPONSE_BYTES);
        Ok(Self { server, outgoing, before })
    }

    /// Returns the server and the URL that a redirect leads to, if they are allowed.
    fn target(&self, location: &str) -> Result<(Node, Uri), InvalidInput> {
        const FIELD: &str = "redirect";
        let Resolved { scheme, authority, path, query } =
            resolve(self.outgoing.request().uri(), location);
        let base = format!("{scheme}://{}/", authority.unwrap_or_default());
        // This is checked at each redirect. So a request goes to this machine only if all earlier
        // ones did.
        let server = Node::discovered(FIELD, &base, &self.server)?;
        let path = if path.is_empty() { "/" } else { &path };
        let path = match query {
            Some(query) => format!("{path}?{query}"),
            None => path.to_owned(),
        };
        let uri = PathAndQuery::try_from(path).map(|path| server.base().uri(path));
        Ok((server, uri.map_err(|_| InvalidInput::new(FIELD, Rule::InvalidCharacter))?))
    }
}

/// Returns whether a redirect names another URL for the same `GET`.
fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}
