//! ureq's agent, which sends a request, and whether any of the request may have been written.

use std::cell::Cell;
use std::io::{self, Read};
use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::{Method, Request, Response};
use sdn_proto::TransportError;
use ureq::config::Config;
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::{Connector, DefaultConnector};
use ureq::{AsSendBody, Body, SendBody, Timeout};

use crate::cause::classify;
use crate::watch::{Watch, watch};

/// How long a whole call may take, unless told otherwise.
pub(crate) const TOTAL_TIMEOUT: Duration = Duration::from_secs(150);

/// What sends requests.
#[derive(Clone)]
pub(crate) struct Agent {
    ureq: ureq::Agent,
    is_watched: bool,
}

impl Agent {
    /// Builds an agent of our own, whose writes are watched.
    pub(crate) fn new(config: Config) -> Self {
        Self::over(DefaultConnector::new(), config)
    }

    fn over(connector: impl Connector, config: Config) -> Self {
        let connector = connector.chain(Watch);
        let ureq = ureq::Agent::with_parts(config, connector, DefaultResolver::default());
        Self { ureq, is_watched: true }
    }

    /// Takes over a caller's agent, whose writes cannot be seen.
    pub(crate) fn of_caller(ureq: ureq::Agent) -> Self {
        Self { ureq, is_watched: false }
    }

    /// Sends a request and reads the head of its response.
    pub(crate) fn send(&self, request: Request<Bytes>) -> Result<Response<Body>, TransportError> {
        let is_empty = request.body().is_empty();
        let is_body_read = Cell::new(false);
        let (result, has_written) = watch(|| send(&self.ureq, request, &is_body_read));
        result.map_err(|error| {
            // ureq reads the body after it has written the head, and a server cannot act on the
            // head alone. Without a body, only the error itself is left to judge by.
            let may_be_sent = if self.is_watched {
                has_written
            } else {
                is_body_read.get() || (is_empty && !is_before_connecting(&error))
            };
            classify(error, may_be_sent)
        })
    }
}

/// Whether an error can only come up before there is a connection.
///
/// A refused connection is not among them: Linux says the same of one that broke later.
fn is_before_connecting(error: &ureq::Error) -> bool {
    use ureq::Error as E;
    match error {
        E::Timeout(Timeout::Resolve | Timeout::Connect)
        | E::HostNotFound
        | E::BadUri(_)
        | E::RequireHttpsOnly(_) => true,
        // The standard library has no kind of error for an unknown name.
        E::Io(io) => io.to_string().starts_with("failed to lookup address information"),
        _ => false,
    }
}

fn send(
    agent: &ureq::Agent,
    request: Request<Bytes>,
    is_body_read: &Cell<bool>,
) -> Result<Response<Body>, ureq::Error> {
    let (mut head, body) = request.into_parts();
    if !matches!(head.method, Method::POST | Method::PUT | Method::PATCH) {
        return run(agent, Request::from_parts(head, ()));
    }
    head.headers.insert(CONTENT_LENGTH, body.len().into());
    let mut body = WatchedBody { rest: &body, is_read: is_body_read };
    run(agent, Request::from_parts(head, SendBody::from_reader(&mut body)))
}

fn run(
    agent: &ureq::Agent,
    request: Request<impl AsSendBody>,
) -> Result<Response<Body>, ureq::Error> {
    let total = agent.config().timeouts().global.unwrap_or(TOTAL_TIMEOUT);
    // Whatever the agent is set to: an answer is an answer, and the call goes nowhere else.
    let request = agent
        .configure_request(request)
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .accept("")
        .accept_encoding("")
        .timeout_global(Some(total))
        .build();
    agent.run(request)
}

/// A request's body that records when ureq begins to read it.
struct WatchedBody<'a> {
    rest: &'a [u8],
    is_read: &'a Cell<bool>,
}

impl Read for WatchedBody<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.is_read.set(true);
        self.rest.read(buffer)
    }
}

#[cfg(test)]
#[path = "../tests/scripted/mod.rs"]
mod scripted;

#[cfg(test)]
mod tests {
    use sdn_proto::{Delivery, TransportErrorKind};
    use ureq::Error as E;

    use super::scripted::Script;
    use super::*;

    const REFUSED: fn() -> E = || io::Error::from(io::ErrorKind::ConnectionRefused).into();
    const CLOSED: fn() -> E = || io::Error::from(io::ErrorKind::UnexpectedEof).into();

    fn agent(input: Option<&'static str>, error: fn() -> E) -> Agent {
        Agent::over(Script { input, error }, Config::default())
    }

    fn requests() -> [Request<Bytes>; 3] {
        let url = "http://127.0.0.1/";
        [
            Request::get(url).body(Bytes::new()).unwrap(),
            Request::post(url).body(Bytes::new()).unwrap(),
            Request::post(url).body(Bytes::from("ping")).unwrap(),
        ]
    }

    #[test]
    fn failure_after_writing_is_unknown() {
        for error in [REFUSED, CLOSED, || E::HostNotFound, || E::Timeout(Timeout::Connect)] {
            for request in requests() {
                let failure = agent(Some(""), error).send(request).unwrap_err();
                assert_eq!(failure.delivery(), Delivery::Unknown, "{failure:?}");
            }
        }
    }

    #[test]
    fn failure_while_connecting_is_not_sent() {
        for error in [REFUSED, CLOSED, || E::Other("new".into()), || E::Timeout(Timeout::Global)] {
            for request in requests() {
                // What an earlier request wrote does not count.
                agent(Some(""), CLOSED).send(request.clone()).unwrap_err();
                let failure = agent(None, error).send(request).unwrap_err();
                assert_eq!(failure.delivery(), Delivery::NotSent, "{failure:?}");
            }
        }
    }

    #[test]
    fn kept_connection_refused_is_unknown() {
        for request in requests() {
            let agent = agent(Some("HTTP/1.1 204 No Content\r\n\r\n"), REFUSED);
            agent.send(request.clone()).unwrap();
            let failure = agent.send(request).unwrap_err();
            assert_eq!(failure.kind(), TransportErrorKind::ConnectionLost, "{failure:?}");
        }
    }
}
