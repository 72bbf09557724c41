//! Services instead of the client's connections.

use std::error::Error as StdError;
use std::future::{Ready, ready};
use std::io;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy;
use hyper_util::rt::TokioExecutor;
use sdn_hyper::Client;
use sdn_proto::{
    AccessToken, CallError, Delivery, InviteUser, Node, RoomId, Session, TransportError,
    TransportErrorKind, UserId,
};
use tokio::time::Instant;
use tower_service::Service;

type BoxError = Box<dyn StdError + Send + Sync>;
type Outcome = Result<Response<Full<Bytes>>, BoxError>;

/// A service that calls a function, and is always ready or never.
#[derive(Clone)]
struct Fake<F> {
    is_ready: bool,
    answer: F,
}

impl<F: FnMut(Request<Full<Bytes>>) -> Outcome> Service<Request<Full<Bytes>>> for Fake<F> {
    type Response = Response<Full<Bytes>>;
    type Error = BoxError;
    type Future = Ready<Outcome>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(if self.is_ready { Ok(()) } else { Err("closed for today".into()) })
    }

    fn call(&mut self, request: Request<Full<Bytes>>) -> Self::Future {
        ready((self.answer)(request))
    }
}

fn client<F>(answer: F) -> Client
where
    F: FnMut(Request<Full<Bytes>>) -> Outcome + Clone + Send + 'static,
{
    Client::with_service(Fake { is_ready: true, answer })
}

fn session(url: &str) -> Session {
    Node::new(url).unwrap().session(AccessToken::new("syt_secret").unwrap())
}

fn invite() -> InviteUser {
    InviteUser::new(RoomId::new("!a:b").unwrap(), UserId::new("@bob:b").unwrap())
}

async fn transport_error(client: &Client, url: &str) -> TransportError {
    match client.send(&session(url), &invite()).await {
        Err(CallError::Transport(error)) => error,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn service_receives_only_the_call() {
    let seen = Arc::new(Mutex::new(None));
    let client = client({
        let seen = seen.clone();
        move |request| {
            *seen.lock().unwrap() = Some(request);
            Ok(Response::new("{}".into()))
        }
    });
    client.send(&session("https://node.example"), &invite()).await.unwrap();
    let request = seen.lock().unwrap().take().unwrap();
    assert_eq!(request.uri(), "https://node.example/_api/client/v3/rooms/!a%3Ab/invite");
    let mut names: Vec<_> = request.headers().keys().map(|name| name.as_str()).collect();
    names.sort();
    assert_eq!(names, ["authorization", "content-type"]);
    let body = request.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(body, r#"{"user_id":"@bob:b"}"#);
}

#[tokio::test]
async fn services_body_is_limited() {
    let client = client(|_| Ok(Response::new(vec![b' '; 100_000].into())));
    let error = transport_error(&client, "https://node.example").await;
    assert_eq!(error.kind(), TransportErrorKind::BodyTooLarge { limit: 65536 }, "{error:?}");
}

#[tokio::test]
async fn other_service_error_is_unknown() {
    let client = client(|_| Err("out of paper".into()));
    let error = transport_error(&client, "https://node.example").await;
    assert_eq!(error.kind(), TransportErrorKind::Other, "{error:?}");
    assert_eq!(error.delivery(), Delivery::Unknown);
    assert_eq!(error.source().unwrap().to_string(), "out of paper");
}

#[tokio::test]
async fn refused_connection_of_service_is_unknown() {
    let client = client(|_| Err(io::Error::from(io::ErrorKind::ConnectionRefused).into()));
    let error = transport_error(&client, "https://node.example").await;
    assert_eq!(error.delivery(), Delivery::Unknown, "{error:?}");
}

#[tokio::test]
async fn unready_service_is_not_sent() {
    let answer = |_| panic!("it is not ready");
    let client = Client::with_service(Fake { is_ready: false, answer });
    let error = transport_error(&client, "https://node.example").await;
    assert_eq!(error.delivery(), Delivery::NotSent, "{error:?}");
}

#[tokio::test]
async fn hyper_below_a_service_is_recognised() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let pool = legacy::Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
    let error = transport_error(&Client::with_service(pool), &url).await;
    assert_eq!(error.kind(), TransportErrorKind::Connect, "{error:?}");
    assert_eq!(error.delivery(), Delivery::NotSent);
}

#[tokio::test(start_paused = true)]
async fn builder_settings_hold_for_services() {
    let agents = Arc::new(Mutex::new(Vec::new()));
    let service = || {
        let agents = Arc::clone(&agents);
        tower::service_fn(move |request: Request<Full<Bytes>>| {
            agents.lock().unwrap().push(request.headers().get("user-agent").cloned());
            std::future::pending::<Outcome>()
        })
    };
    let builder = Client::builder().user_agent("inviter/1.0").unwrap();
    let client = builder.total_timeout(Duration::from_secs(7)).build_with_service(service());
    let start = Instant::now();
    let error = transport_error(&client, "https://b").await;
    assert_eq!(error.kind(), TransportErrorKind::TotalTimeout);
    assert_eq!(start.elapsed(), Duration::from_secs(7));

    transport_error(&Client::builder().build_with_service(service()), "https://b").await;
    assert_eq!(start.elapsed(), Duration::from_secs(157));
    assert_eq!(*agents.lock().unwrap(), [Some("inviter/1.0".parse().unwrap()), None]);
}
