//! The client: what it is made of, `send` and `carry`.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::header::USER_AGENT;
use http::{HeaderValue, Request, Response};
use http_body_util::Full;
use hyper::body::Body;
use hyper_util::client::legacy;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use sdn_proto::{Call, CallError};
use tower_service::Service;

use crate::connect::Connector;
use crate::error::{BoxError, Error};
use crate::exchange::{over_pool, over_service};
use crate::settings::{Builder, Http2, TOTAL_TIMEOUT};

type Exchange = Pin<Box<dyn Future<Output = Result<Response<Bytes>, Error>> + Send>>;

/// Starts one exchange; the limit is the body's, in bytes.
type Carry = dyn Fn(Request<Full<Bytes>>, usize) -> Exchange + Send + Sync;

/// Carries calls over HTTP.
///
/// Cheap to clone; clones share their connections. It must be used inside a tokio runtime with I/O and time enabled.
///
/// The system's lookup of a name cannot be interrupted. A call whose time runs out does not wait for it, but a runtime that
/// is dropped does, and so does a `main` under `#[tokio::main]`: with silent name servers, half a minute or more. End the
/// runtime with `shutdown_background` or `shutdown_timeout` instead.
#[derive(Clone)]
pub struct Client {
    carry: Arc<Carry>,
}

/// How long an unused connection is kept. Servers close theirs too, and a request written just then may or may not arrive.
const IDLE_TIMEOUT: Duration = Duration::from_secs(15);
/// How long an HTTP/2 connection may be silent before a ping is sent, with a request on it or
/// without.
const PING_AFTER: Duration = Duration::from_secs(3);
/// How long to wait for the ping's acknowledgement. With `PING_AFTER` it is less than
/// `IDLE_TIMEOUT`, so that a connection that has died is found before it is used again.
const PING_TIMEOUT: Duration = Duration::from_secs(10);
/// The greatest length of an answer's head.
const MAX_HEAD_BYTES: usize = 64 * 1024;

impl Client {
    /// A client with the usual settings: see [`Builder`] for what they are.
    ///
    /// It trusts the certificate authorities that Mozilla does, which are built in, rather than those of the machine it
    /// runs on: so it has the same outcome everywhere, needs no files, and cannot fail. To trust the machine's too, add
    /// what the `rustls-native-certs` crate finds, one by one, with [`Builder::add_root_certificate`].
    pub fn new() -> Self {
        Builder::default().build()
    }

    /// To make a client with other settings.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// A client that hands its requests to any service in place of our own connections.
    ///
    /// It is given an absolute URI, the headers of the call and a body of known length; it must not
    /// follow redirects. The answer is cut at the call's limit and a call ends after 150 seconds,
    /// as with our own. No `user-agent` is added. Its connections are its own: over HTTP/2, turn
    /// its pings on, or a connection that has died silently loses each request.
    ///
    /// The delivery of the service's error is [`NotSent`](sdn_proto::Delivery::NotSent) in two
    /// cases: its causes show that hyper had written nothing of the request, or that an HTTP/2
    /// server excluded it when it shut down ([`Error::GoingAway`]). Otherwise it is
    /// [`Unknown`](sdn_proto::Delivery::Unknown), also after a reset stream with any code.
    ///
    /// ```
    /// use bytes::Bytes;
    /// use http_body_util::Full;
    /// use hyper_util::client::legacy::Client as Pool;
    /// use hyper_util::rt::TokioExecutor;
    ///
    /// let pool = Pool::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
    /// let client = sdn_hyper::Client::with_service(pool);
    /// ```
    ///
    /// A stack of tower's layers is such a service too. Where one of them repeats requests, have it
    /// repeat only what certainly had no effect: judge the inner service's errors with
    /// [`Error::from_service`]. Do not go by the codes of HTTP/2: HAProxy resets a stream with
    /// `REFUSED_STREAM` after the node has read the request, and the policy below leaves that
    /// alone.
    ///
    /// ```
    /// use std::future::{Ready, ready};
    /// use std::time::Duration;
    /// use bytes::Bytes;
    /// use http::{Request, Response};
    /// use http_body_util::Full;
    /// use hyper_util::client::legacy::Client as Pool;
    /// use hyper_util::rt::{TokioExecutor, TokioTimer};
    /// use sdn_hyper::Error;
    /// use sdn_proto::{Delivery, TransportError};
    /// use tower::ServiceBuilder;
    /// use tower::retry::Policy;
    ///
    /// /// Repeats what was not sent, this many times.
    /// #[derive(Clone)]
    /// struct IfNotSent(usize);
    ///
    /// impl<A> Policy<Request<Full<Bytes>>, Response<A>, Error> for IfNotSent {
    ///     type Future = Ready<()>;
    ///
    ///     fn retry(&mut self, _: &mut Request<Full<Bytes>>, result: &mut Result<Response<A>, Error>) -> Option<Ready<()>> {
    ///         // Never what may have arrived: a second invitation is a second mail.
    ///         let not_sent = matches!(result, Err(error) if error.delivery() == Delivery::NotSent);
    ///         self.0 = self.0.checked_sub(usize::from(not_sent))?;
    ///         not_sent.then(|| ready(()))
    ///     }
    ///
    ///     fn clone_request(&mut self, request: &Request<Full<Bytes>>) -> Option<Request<Full<Bytes>>> {
    ///         Some(request.clone())
    ///     }
    /// }
    ///
    /// let pool = Pool::builder(TokioExecutor::new())
    ///     .timer(TokioTimer::new())
    ///     .http2_keep_alive_interval(Duration::from_secs(3))
    ///     .http2_keep_alive_timeout(Duration::from_secs(10))
    ///     .http2_keep_alive_while_idle(true)
    ///     .build_http::<Full<Bytes>>();
    /// let stack = ServiceBuilder::new()
    ///     .concurrency_limit(16)
    ///     .retry(IfNotSent(2))
    ///     .map_err(Error::from_service)
    ///     .service(pool);
    /// let client = sdn_hyper::Client::with_service(stack);
    /// ```
    pub fn with_service<S, B>(service: S) -> Self
    where
        S: Service<Request<Full<Bytes>>, Response = Response<B>> + Clone + Send + 'static,
        S::Future: Send,
        S::Error: Into<BoxError>,
        B: Body + Send + 'static,
        B::Data: Send,
        B::Error: Into<BoxError>,
    {
        let service = Mutex::new(service);
        Self::from_carry(move |request, max_body_bytes| {
            let service = service.lock().unwrap_or_else(PoisonError::into_inner).clone();
            Box::pin(over_service(service, request, TOTAL_TIMEOUT, max_body_bytes))
        })
    }

    pub(crate) fn from_settings(settings: Builder) -> Self {
        let Builder { total_timeout, user_agent, .. } = settings.clone();
        let pool = pool(settings);
        Self::from_carry(move |mut request, max_body_bytes| {
            add_user_agent(&mut request, &user_agent);
            Box::pin(over_pool(pool.clone(), request, total_timeout, max_body_bytes))
        })
    }

    fn from_carry(
        carry: impl Fn(Request<Full<Bytes>>, usize) -> Exchange + Send + Sync + 'static,
    ) -> Self {
        #[cfg(feature = "tracing")]
        let carry = traced(carry);
        Self { carry: Arc::new(carry) }
    }

    /// Sends a call and reads its answer.
    ///
    /// The future borrows nothing, so it can be spawned; nothing is sent before it is first polled. To drop it ends the
    /// exchange, and leaves unknown whether the server acts. The connection is then not used again.
    ///
    /// A redirect is not followed: it is an [`ApiError`](sdn_proto::ApiError) of the kind
    /// [`UnexpectedStatus`](sdn_proto::ApiErrorKind::UnexpectedStatus), and no token goes anywhere else.
    ///
    /// # Errors
    ///
    /// [`CallError::Api`] if the server answered, but not with a success: whenever there is a status other than 200,
    /// even if the body is too long or breaks off. [`CallError::Transport`] if no complete answer came.
    /// [`CallError::delivery`] tells what is known about the request's effect. What a server repeats of the request is in
    /// neither with the request's secrets: see [`ApiError::without_secrets_of`](sdn_proto::ApiError::without_secrets_of).
    pub fn send<C: Call>(
        &self,
        server: &C::Server,
        call: &C,
    ) -> impl Future<Output = Result<C::Output, CallError<Error>>> + Send + use<C> {
        let request = call.to_request(server);
        let exchange = self.exchange(&request, C::MAX_RESPONSE_BYTES);
        async move {
            let response = exchange
                .await
                .map_err(|error| CallError::Transport(error.without_secrets_of(&request)))?;
            C::parse_response(&response)
                .map_err(|error| CallError::Api(error.without_secrets_of(&request)))
        }
    }

    /// Carries a request that is ready, such as a flow's, and gives its answer, whatever its status.
    ///
    /// The request's URI is absolute. `max_response_bytes` is how much of the answer's body is read at the most; a longer one
    /// is an error if the status is 200, and otherwise cut there. Redirects, limits of time and the future are as
    /// with [`send`](Self::send).
    ///
    /// The answer is as it came: a server may repeat the request in it, with its secrets. A flow's outcome is without them. Of
    /// an error that you read from it with [`Call::parse_response`] take them out with
    /// [`ApiError::without_secrets_of`](sdn_proto::ApiError::without_secrets_of).
    ///
    /// To drive a flow oneself, and keep why there was no answer, which the flow's outcome does not tell:
    ///
    /// ```
    /// use sdn_hyper::{Client, Error};
    /// use sdn_proto::TransportError;
    /// use sdn_proto::flow::{Flow, Step};
    ///
    /// async fn run<F: Flow>(client: &Client, mut flow: F) -> (F::Outcome, Option<Error>) {
    ///     let mut cause = None;
    ///     loop {
    ///         match flow.step() {
    ///             Step::Send(outgoing) => {
    ///                 match client.carry(outgoing.request(), outgoing.max_response_bytes()).await {
    ///                     Ok(response) => flow.response(&response),
    ///                     Err(error) => {
    ///                         flow.failed(error.delivery());
    ///                         cause = Some(error);
    ///                     }
    ///                 }
    ///             }
    ///             Step::Wait(duration) => {
    ///                 tokio::time::sleep(duration).await;
    ///                 flow.waited();
    ///             }
    ///             Step::AcceptTerms(_terms) => flow.decline(), // or ask the person
    ///             Step::Done(outcome) => break (outcome, cause),
    ///         }
    ///     }
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// If no complete answer came. [`Error::delivery`](sdn_proto::TransportError::delivery) tells what is known about the
    /// request's effect. The error is without the request's secrets.
    pub fn carry(
        &self,
        request: &Request<Bytes>,
        max_response_bytes: usize,
    ) -> impl Future<Output = Result<Response<Bytes>, Error>> + Send + use<> {
        let exchange = self.exchange(request, max_response_bytes);
        let request = request.clone();
        async move { exchange.await.map_err(|error| error.without_secrets_of(&request)) }
    }

    fn exchange(&self, request: &Request<Bytes>, max_response_bytes: usize) -> Exchange {
        (self.carry)(request.clone().map(Full::new), max_response_bytes)
    }
}

impl Default for Client {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}

#[cfg(feature = "tracing")]
fn traced(
    carry: impl Fn(Request<Full<Bytes>>, usize) -> Exchange + Send + Sync + 'static,
) -> impl Fn(Request<Full<Bytes>>, usize) -> Exchange + Send + Sync + 'static {
    use tracing::Instrument;

    move |request, body| {
        let traced = crate::trace::Traced::new(&request);
        let exchange = carry(request, body).instrument(traced.span.clone());
        Box::pin(async move {
            let result = exchange.await;
            traced.ended(&result);
            result
        })
    }
}

/// hyper's pool of connections. It repeats by itself only a request that a connection handed back unwritten.
fn pool(settings: Builder) -> legacy::Client<Connector, Full<Bytes>> {
    let roots = settings.roots();
    let Builder { connect_timeout, max_idle_per_host, http2, .. } = settings;
    legacy::Client::builder(TokioExecutor::new())
        .timer(TokioTimer::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE_TIMEOUT)
        .pool_max_idle_per_host(max_idle_per_host)
        .http1_max_buf_size(MAX_HEAD_BYTES)
        // The others wait until the server has said how many it allows: it refuses more, and a
        // refused request is unknown.
        .http2_initial_max_send_streams(1)
        .http2_keep_alive_interval(PING_AFTER)
        .http2_keep_alive_timeout(PING_TIMEOUT)
        .http2_keep_alive_while_idle(true)
        .http2_only(http2 == Http2::PriorKnowledge)
        .build(Connector::new(roots, http2, connect_timeout))
}

fn add_user_agent<B>(request: &mut Request<B>, user_agent: &HeaderValue) {
    request.headers_mut().entry(USER_AGENT).or_insert_with(|| user_agent.clone());
}
