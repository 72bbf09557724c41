//! The client: its constructors, `send` and `execute`.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::header::USER_AGENT;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Body;
use sdn_proto::{Call, CallError, Outgoing, TransportError};
use tower_service::Service;

use crate::cause::BoxError;
use crate::exchange::over_service;
use crate::pool::Pool;
use crate::sent::Sent;
use crate::settings::{Builder, TOTAL_TIMEOUT};
use crate::sync::lock;

type Exchange = Pin<Box<dyn Future<Output = Result<Response<Bytes>, TransportError>> + Send>>;

/// Sends a request over the client's connections, or over a caller's service.
type Execute = dyn Fn(Outgoing) -> Exchange + Send + Sync;

/// Sends calls over HTTP.
///
/// Cheap to clone; clones share their connections. It must be used inside a tokio runtime with I/O
/// and time enabled.
///
/// The system's lookup of a name cannot be interrupted. A call that times out does not wait for it.
/// Dropping the runtime does, as at the end of `#[tokio::main]`: with silent name servers, half a
/// minute or more. End the runtime with `shutdown_background` or `shutdown_timeout` instead.
#[derive(Clone)]
pub struct Client {
    execute: Arc<Execute>,
}

impl Client {
    /// Creates a client with the default settings, which [`Builder`] lists.
    ///
    /// It trusts Mozilla's certificate authorities, which are built in, and not those of the
    /// machine. So it behaves the same everywhere, needs no files, and cannot fail. The feature
    /// `native-roots` has `Builder::add_native_roots`, to trust the machine's too.
    pub fn new() -> Self {
        Builder::default().build()
    }

    /// Starts a client with other settings.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Creates a client that sends its requests through any service instead of the client's
    /// connections.
    ///
    /// The service receives an absolute URI, the headers of the call and a body of known length,
    /// and must not follow redirects. The response is cut at the call's limit and a call ends after
    /// 150 seconds, as without a service. No `user-agent` is added; [`Builder::build_with_service`]
    /// can set both. Over HTTP/2, turn the service's pings on, because a dead connection that was
    /// not closed loses every request.
    ///
    /// The delivery of the service's error is [`NotSent`](sdn_proto::Delivery::NotSent) in two
    /// cases. Its causes show that hyper had written nothing of the request, or that an HTTP/2
    /// server excluded it when it shut down
    /// ([`GoingAway`](sdn_proto::TransportErrorKind::GoingAway)). Otherwise it is
    /// [`Unknown`](sdn_proto::Delivery::Unknown), even after a reset stream with any code.
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
    /// A stack of tower's layers is such a service too. If a layer repeats requests, let it repeat
    /// only those that certainly had no effect: [`classify`](crate::classify) the inner service's
    /// errors. Do not decide by the codes of HTTP/2, because HAProxy resets a stream with
    /// `REFUSED_STREAM` after the node has read the request. The policy below does not repeat that.
    ///
    /// ```
    /// use std::future::{Ready, ready};
    /// use std::time::Duration;
    /// use bytes::Bytes;
    /// use http::{Request, Response};
    /// use http_body_util::Full;
    /// use hyper_util::client::legacy::Client as Pool;
    /// use hyper_util::rt::{TokioExecutor, TokioTimer};
    /// use sdn_proto::{Delivery, TransportError};
    /// use tower::ServiceBuilder;
    /// use tower::retry::Policy;
    ///
    /// /// Repeats unsent requests, this many times.
    /// #[derive(Clone)]
    /// struct IfNotSent(usize);
    ///
    /// impl<A> Policy<Request<Full<Bytes>>, Response<A>, TransportError> for IfNotSent {
    ///     type Future = Ready<()>;
    ///
    ///     fn retry(
    ///         &mut self,
    ///         _: &mut Request<Full<Bytes>>,
    ///         result: &mut Result<Response<A>, TransportError>,
    ///     ) -> Option<Ready<()>> {
    ///         // Never repeat a request that may have arrived: a second invitation is a second mail.
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
    ///     .map_err(sdn_hyper::classify)
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
        Builder::default().build_with_service(service)
    }

    /// Sends a call and parses its response.
    ///
    /// The future borrows nothing, so it can be spawned. Nothing is sent before it is first polled.
    ///
    /// A redirect is not followed: it is an [`ApiError`](sdn_proto::ApiError) of the kind
    /// [`UnexpectedStatus`](sdn_proto::ApiErrorKind::UnexpectedStatus). Its
    /// [`location`](sdn_proto::ApiError::location) is the redirect's target.
    ///
    /// # Errors
    ///
    /// [`CallError::Api`] if the server's response is not a success. A status other than 200 is
    /// enough, even if the body is too long or incomplete. [`CallError::Transport`] if no complete
    /// response arrived. [`CallError::delivery`] says what is known about the request's effect. If
    /// the server repeats the request's secrets, they are removed from the error.
    ///
    /// # Dropped futures
    ///
    /// Dropping the future ends the exchange, and the connection is not used again. It is then
    /// unknown whether the server acts. So do not repeat an invitation before you have looked at
    /// the room.
    ///
    /// A web framework drops a handler when its client disconnects. Spawn the call, so that it ends
    /// and its outcome is recorded:
    ///
    /// ```
    /// # use sdn_hyper::Client;
    /// # use sdn_proto::{InviteStatus, InviteUser, Session};
    /// # fn record(_: InviteStatus) {}
    /// async fn handler(client: Client, session: Session, invite: InviteUser) -> InviteStatus {
    ///     let task = tokio::spawn(async move {
    ///         let status = InviteStatus::of(&client.send(&session, &invite).await);
    ///         record(status);
    ///         status
    ///     });
    ///     task.await.unwrap_or(InviteStatus::Unknown)
    /// }
    /// ```
    ///
    /// A task ends with its process. To resume after that, follow the rules of
    /// [`sdn_proto::ledger`], or use the outbox of
    /// [`sdn-outbox`](https://docs.rs/sdn-outbox/latest/sdn_outbox/in_a_service/).
    pub fn send<C: Call>(
        &self,
        server: &C::Server,
        call: &C,
    ) -> impl Future<Output = Result<C::Output, CallError>> + Send + use<C> {
        let outgoing = Outgoing::new(call, server);
        let sent = Sent::of(outgoing.request());
        let exchange = self.exchange(outgoing);
        async move {
            match exchange.await {
                Ok(response) => C::parse_response(&response).map_err(CallError::Api),
                Err(error) => Err(CallError::Transport(error)),
            }
            .map_err(|error| error.without_secrets_of(&sent.into_request()))
        }
    }

    /// Sends a finished request, such as a flow's, and returns its response with any status.
    ///
    /// Redirects, timeouts and the future are as with [`send`](Self::send). The response is
    /// returned unchanged, so a server may repeat the request's secrets in it. A flow removes them
    /// from its error. For an error that you parse yourself, call
    /// [`ApiError::without_secrets_of`](sdn_proto::ApiError::without_secrets_of).
    ///
    /// # Errors
    ///
    /// If no complete response arrived. [`TransportError::delivery`] says what is known about the
    /// request's effect.
    pub fn execute(
        &self,
        outgoing: Outgoing,
    ) -> impl Future<Output = Result<Response<Bytes>, TransportError>> + Send + use<> {
        let sent = Sent::of(outgoing.request());
        let exchange = self.exchange(outgoing);
        async move { exchange.await.map_err(|error| error.without_secrets_of(&sent.into_request())) }
    }

    fn exchange(
        &self,
        outgoing: Outgoing,
    ) -> impl Future<Output = Result<Response<Bytes>, TransportError>> + Send + use<> {
        #[cfg(feature = "tracing")]
        let traced = crate::trace::Traced::new(&outgoing);
        let exchange = (self.execute)(outgoing);
        #[cfg(feature = "tracing")]
        let exchange = traced.follow(exchange);
        exchange
    }
}

impl Builder {
    /// Creates the client.
    pub fn build(self) -> Client {
        let pool = Pool::new(self);
        // Boxed because it is large, and callers move the futures of the client several times.
        let execute =
            move |outgoing| -> Exchange { Box::pin(Arc::clone(&pool).exchange(outgoing)) };
        Client { execute: Arc::new(execute) }
    }

    /// Creates a client over a service of the caller, as [`Client::with_service`] does.
    ///
    /// Of these settings it uses [`total_timeout`](Self::total_timeout), and
    /// [`user_agent`](Self::user_agent) if it is set. The others concern connections, which are the
    /// service's.
    ///
    /// ```
    /// use std::time::Duration;
    /// use bytes::Bytes;
    /// use http_body_util::Full;
    /// use hyper_util::client::legacy::Client as Pool;
    /// use hyper_util::rt::TokioExecutor;
    ///
    /// let pool = Pool::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
    /// let client = sdn_hyper::Client::builder()
    ///     .total_timeout(Duration::from_secs(60))
    ///     .user_agent("inviter/1.0")?
    ///     .build_with_service(pool);
    /// # Ok::<(), sdn_hyper::InvalidSetting>(())
    /// ```
    pub fn build_with_service<S, B>(self, service: S) -> Client
    where
        S: Service<Request<Full<Bytes>>, Response = Response<B>> + Clone + Send + 'static,
        S::Future: Send,
        S::Error: Into<BoxError>,
        B: Body + Send + 'static,
        B::Data: Send,
        B::Error: Into<BoxError>,
    {
        let Self { total_timeout, user_agent, .. } = self;
        let total_timeout = total_timeout.unwrap_or(TOTAL_TIMEOUT);
        let service = Mutex::new(service);
        let execute = move |outgoing: Outgoing| -> Exchange {
            let service = lock(&service).clone();
            let max_body_bytes = outgoing.max_response_bytes();
            let mut request = outgoing.into_request().map(Full::new);
            if let Some(user_agent) = &user_agent {
                request.headers_mut().entry(USER_AGENT).or_insert_with(|| user_agent.clone());
            }
            Box::pin(over_service(service, request, total_timeout, max_body_bytes))
        };
        Client { execute: Arc::new(execute) }
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
