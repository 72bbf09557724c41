//! The parts of a scenario: a client of the transport, an exchange, and its outcome.

use std::error::Error;
use std::fmt;
use std::iter::successors;
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use sdn_proto::{Call, Delivery, InviteBy3pid, Outgoing, TransportError, TransportErrorKind};

use crate::script::ScriptedServer;

/// A client of the transport: sends a request, waits, and returns the whole response.
///
/// If a body exceeds [`Outgoing::max_response_bytes`], a response with status 200 is an error. With
/// any other status, the body is cut there.
pub type Client = dyn Fn(Outgoing) -> Result<Response<Bytes>, TransportError>;

/// The settings of a client.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ClientSettings {
    /// How long connecting may take.
    pub connect_timeout: Duration,
    /// How long a whole exchange may take.
    pub total_timeout: Duration,
    /// A certificate authority to trust besides the usual ones, as PEM.
    pub root_certificate: Option<String>,
}

impl Default for ClientSettings {
    fn default() -> Self {
        let timeout = Duration::from_secs(10);
        ClientSettings { connect_timeout: timeout, total_timeout: timeout, root_certificate: None }
    }
}

/// How an exchange ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// A response with this status, as a success or an error that is [`Delivery::Answered`].
    Answered(u16),
    /// A response with this status, as an error that is [`Delivery::Unknown`], such as a proxy's page.
    Undecided(u16),
    /// No response.
    Failed(Delivery),
}

pub(super) const NOT_SENT: Outcome = Outcome::Failed(Delivery::NotSent);
pub(super) const UNKNOWN: Outcome = Outcome::Failed(Delivery::Unknown);
pub(super) const OK: Outcome = Outcome::Answered(200);

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outcome::Answered(status) => write!(f, "answered {status}"),
            Outcome::Undecided(status) => write!(f, "unknown ({status})"),
            Outcome::Failed(Delivery::NotSent) => f.write_str("not sent"),
            Outcome::Failed(_) => f.write_str("unknown"),
        }
    }
}

/// A behaviour of a server, and the expected end of an exchange with it.
pub(super) struct Scenario {
    pub(super) name: &'static str,
    /// Usually one outcome. If a transport may do better than required, both.
    pub(super) expected: &'static [Outcome],
    /// Returns the exchange that counts, or what was wrong.
    pub(super) run: fn(&Bench<'_>) -> Result<Exchange, String>,
}

/// A finished exchange.
pub(super) struct Exchange {
    pub(super) outcome: Outcome,
    /// The response's body, or the error and its causes.
    pub(super) text: String,
    /// The response's headers.
    pub(super) headers: HeaderMap,
    /// The error's kind.
    pub(super) kind: Option<TransportErrorKind>,
}

pub(super) const ACCESS_TOKEN: &str = "syt_secret_of_the_node";
const ID_ACCESS_TOKEN: &str = "secret_of_the_identity_server";
const PATH: &str = "/_api/client/v3/rooms/!room%3Anode.example/invite";
pub(super) const MAX_RESPONSE_BYTES: usize = 64 * 1024;
/// The extra time that an exchange may take on a busy machine.
pub(super) const GRACE: Duration = Duration::from_secs(3);

/// Builds an invitation by hand, so that the suite does not rely on how `sdn-proto` builds one.
pub(super) fn invitation(url: &str) -> Request<Bytes> {
    let body = format!(
        r#"{{"address":"alice@example.com","id_access_token":"{ID_ACCESS_TOKEN}","id_server":"id.example","medium":"email"}}"#
    );
    let request = Request::post(format!("{url}{PATH}"))
        .header("authorization", format!("Bearer {ACCESS_TOKEN}"))
        .header("content-type", "application/json");
    request.body(body.into()).expect("a valid request")
}

/// Builds a request that changes nothing.
pub(super) fn get(url: &str) -> Request<Bytes> {
    let request = Request::get(format!(
        "{url}/_api/client/v3/rooms/!room%3Anode.example/messages?dir=b&from=%26"
    ))
    .header("authorization", format!("Bearer {ACCESS_TOKEN}"));
    request.body(Bytes::new()).expect("a valid request")
}

/// Runs exchanges with the transport.
pub(super) struct Bench<'a> {
    pub(super) make_client: &'a dyn Fn(&ClientSettings) -> Box<Client>,
}

impl Bench<'_> {
    pub(super) fn client(&self) -> Box<Client> {
        self.client_with(&ClientSettings::default())
    }

    pub(super) fn client_with(&self, settings: &ClientSettings) -> Box<Client> {
        (self.make_client)(settings)
    }

    /// Sends an invitation to the server with a new client.
    pub(super) fn invite(&self, server: &ScriptedServer) -> Result<Exchange, String> {
        invite(&*self.client(), server)
    }

    /// Creates a client that trusts the server's certificate authority.
    pub(super) fn trusting(&self, server: &ScriptedServer) -> Box<Client> {
        let root_certificate = server.ca_pem().map(str::to_owned);
        self.client_with(&ClientSettings { root_certificate, ..ClientSettings::default() })
    }

    /// Sends an invitation to the server with a new client that trusts its certificate authority.
    pub(super) fn invite_trusting(&self, server: &ScriptedServer) -> Result<Exchange, String> {
        invite(&*self.trusting(server), server)
    }
}

/// Sends an invitation to the server.
pub(super) fn invite(client: &Client, server: &ScriptedServer) -> Result<Exchange, String> {
    exchange(client, server, invitation(&server.base_url()))
}

/// Sends a request, and compares what the client reports with what the server saw.
pub(super) fn exchange(
    client: &Client,
    server: &ScriptedServer,
    request: Request<Bytes>,
) -> Result<Exchange, String> {
    let before = server.requests().len();
    let exchange = send(client, request)?;
    if exchange.outcome == NOT_SENT {
        // Data in transit arrives by then.
        thread::sleep(Duration::from_millis(30));
    }
    let seen = server.requests().len() - before;
    let allowed = match exchange.outcome {
        Outcome::Answered(_) | Outcome::Undecided(_) => 1..=1,
        NOT_SENT => 0..=0,
        Outcome::Failed(_) => 0..=1,
    };
    check(allowed.contains(&seen), || {
        let hint = match (exchange.outcome, seen) {
            (Outcome::Answered(_) | Outcome::Undecided(_), 0) => {
                "; was it given bytes that were there before the request?"
            }
            _ => "",
        };
        format!("{}, but the server saw {seen} requests{hint}", exchange.outcome)
    })?;
    Ok(exchange)
}

/// Sends a request to a place without a scripted server.
pub(super) fn send(client: &Client, request: Request<Bytes>) -> Result<Exchange, String> {
    let start = Instant::now();
    let result = client(Outgoing::from_request(request, MAX_RESPONSE_BYTES));
    let taken = start.elapsed();
    let limit = ClientSettings::default().total_timeout;
    check(taken < limit + GRACE, || {
        format!("it took {taken:?}; end it after {limit:?}, `ClientSettings::total_timeout`")
    })?;
    match result {
        Ok(response) => {
            let status = response.status().as_u16();
            let outcome = match InviteBy3pid::parse_response(&response) {
                Err(error) if error.delivery() == Delivery::Unknown => Outcome::Undecided(status),
                _ => Outcome::Answered(status),
            };
            let text = String::from_utf8_lossy(response.body()).into_owned();
            Ok(Exchange { outcome, text, headers: response.headers().clone(), kind: None })
        }
        Err(error) => {
            let text = with_causes(&error);
            check(!text.contains('\n'), || format!("not one line: {text}"))?;
            check_clean(&format!("{text} {error:?}"))?;
            Ok(Exchange {
                outcome: Outcome::Failed(error.delivery()),
                text,
                headers: HeaderMap::new(),
                kind: Some(error.kind()),
            })
        }
    }
}

/// Returns an error and its causes, on one line.
fn with_causes(error: &TransportError) -> String {
    let causes = successors(error.source(), |cause| (**cause).source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

pub(super) fn check_clean(shown: &str) -> Result<(), String> {
    let is_clean = |secret| !shown.contains(secret);
    let holds = is_clean(ACCESS_TOKEN) && is_clean(ID_ACCESS_TOKEN);
    check(holds, || format!("a token is printed: {shown}"))
}

pub(super) fn check(holds: bool, problem: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(problem()) }
}

impl Exchange {
    /// Checks why an exchange failed.
    pub(super) fn expect_kind(self, expected: TransportErrorKind) -> Result<Exchange, String> {
        let Exchange { kind, text, .. } = &self;
        match kind {
            // The outcome already shows a different delivery.
            Some(kind) if *kind != expected && kind.delivery() == expected.delivery() => {
                Err(format!("{kind:?} instead of {expected:?} ({text})"))
            }
            _ => Ok(self),
        }
    }

    /// Checks the outcome of an exchange before the one that counts.
    pub(super) fn expect(self, expected: Outcome) -> Result<Exchange, String> {
        let Exchange { outcome, text, .. } = &self;
        check(*outcome == expected, || format!("{outcome} instead of {expected} ({text})"))?;
        Ok(self)
    }
}
