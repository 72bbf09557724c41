//! HTTP/2: when the client uses it, and the meaning of its errors.

mod certificate;
mod resetting;
mod server;

use std::convert::Infallible;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, Version};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use sdn_hyper::{Client, Http2};
use sdn_proto::{
    AccessToken, ApiErrorKind, CallError, Delivery, InviteUser, Node, RoomId, Session,
    TransportError, TransportErrorKind, UserId,
};
use server::{Seen, Server, serve_tls, speak_http1};
use tokio::net::{TcpListener, TcpStream};

/// A server's behaviour for each request.
#[derive(Clone, Copy)]
enum Manner {
    Answer,
    Redirect,
    Stall,
    /// A 200 with a longer body than the call allows.
    TooMuch,
}

/// The server refuses more requests at once.
const MAX_STREAMS: u32 = 5;

/// Starts a server of plain HTTP/2 only.
async fn serve(manner: Manner) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let seen = Arc::new(Mutex::new(Seen::default()));
    let server = Server { url, seen: seen.clone() };
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            seen.lock().unwrap().connections += 1;
            tokio::spawn(speak_http2(stream, manner, seen.clone()));
        }
    });
    server
}

async fn speak_http2(stream: TcpStream, manner: Manner, seen: Arc<Mutex<Seen>>) {
    let service = service_fn(move |request| handle(request, manner, seen.clone()));
    let mut server = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
    server.max_concurrent_streams(MAX_STREAMS);
    let _ = server.serve_connection(TokioIo::new(stream), service).await;
}

async fn handle(
    request: Request<Incoming>,
    manner: Manner,
    seen: Arc<Mutex<Seen>>,
) -> Result<Response<Full<Bytes>>, Box<dyn std::error::Error + Send + Sync>> {
    let (head, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    seen.lock().unwrap().requests.push(Request::from_parts(head, body));
    let response = Response::builder();
    Ok(match manner {
        Manner::Answer => response.body("{}".into())?,
        Manner::Redirect => response.status(307).header("location", "/").body("".into())?,
        Manner::Stall => std::future::pending::<Result<_, Infallible>>().await?,
        Manner::TooMuch => response.body(vec![b' '; 1024 * 1024].into())?,
    })
}

fn session(url: &str) -> Session {
    Node::new(url).unwrap().session(AccessToken::new("syt_secret").unwrap())
}

fn invite() -> InviteUser {
    InviteUser::new(RoomId::new("!a:b").unwrap(), UserId::new("@bob:b").unwrap())
}

fn with_prior_knowledge() -> Client {
    Client::builder().http2(Http2::PriorKnowledge).total_timeout(Duration::from_secs(2)).build()
}

/// Returns the transport's error for this behaviour of the server.
async fn error_of(manner: Manner) -> TransportError {
    let server = serve(manner).await;
    let result = with_prior_knowledge().send(&session(&server.url), &invite()).await;
    transport_error(result)
}

fn transport_error(result: Result<(), CallError>) -> TransportError {
    match result {
        Err(CallError::Transport(error)) => error,
        other => panic!("{other:?}"),
    }
}

async fn version_of(client: &Client, server: &Server) -> Version {
    client.send(&session(&server.url), &invite()).await.unwrap();
    server.seen.lock().unwrap().requests.last().unwrap().version()
}

#[tokio::test]
async fn version_is_negotiated_within_tls() {
    let (both, both_authority) = serve_tls(&["h2", "http/1.1"]).await;
    let (old, old_authority) = serve_tls(&["http/1.1"]).await;
    let trusting = || {
        let client = Client::builder().add_root_certificate(&both_authority).unwrap();
        client.add_root_certificate(&old_authority).unwrap()
    };
    let client = trusting().build();
    assert_eq!(version_of(&client, &both).await, Version::HTTP_2);
    assert_eq!(version_of(&client, &both).await, Version::HTTP_2);
    assert_eq!(both.seen.lock().unwrap().connections, 1);
    assert_eq!(version_of(&client, &old).await, Version::HTTP_11);

    let never = trusting().http2(Http2::Never).build();
    assert_eq!(version_of(&never, &both).await, Version::HTTP_11);
    let always = trusting().http2(Http2::PriorKnowledge).build();
    assert_eq!(version_of(&always, &both).await, Version::HTTP_2);

    let error = transport_error(always.send(&session(&old.url), &invite()).await);
    assert_eq!(error.kind(), TransportErrorKind::Tls, "{error:?}");
}

#[tokio::test]
async fn request_has_exactly_the_calls_headers() {
    let server = serve(Manner::Answer).await;
    with_prior_knowledge().send(&session(&server.url), &invite()).await.unwrap();
    let request = server.seen.lock().unwrap().requests.remove(0);
    let mut names: Vec<_> = request.headers().keys().map(|name| name.as_str()).collect();
    names.sort();
    assert_eq!(names, ["authorization", "content-length", "content-type", "user-agent"]);
    assert_eq!(request.uri().path(), "/_api/client/v3/rooms/!a%3Ab/invite");
    assert_eq!(request.uri().to_string(), format!("{}{}", server.url, request.uri().path()));
    assert_eq!(request.body(), r#"{"user_id":"@bob:b"}"#);
}

#[tokio::test]
async fn concurrent_calls_share_a_connection() {
    let server = serve(Manner::Answer).await;
    let client = with_prior_knowledge();
    client.send(&session(&server.url), &invite()).await.unwrap();
    let calls: Vec<_> =
        (0..20).map(|_| tokio::spawn(client.send(&session(&server.url), &invite()))).collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    let seen = server.seen.lock().unwrap();
    assert_eq!((seen.connections, seen.requests.len()), (1, 21));
}

#[tokio::test]
async fn no_more_streams_than_allowed() {
    let server = serve(Manner::Answer).await;
    let client = with_prior_knowledge();
    let calls: Vec<_> =
        (0..20).map(|_| tokio::spawn(client.send(&session(&server.url), &invite()))).collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    let seen = server.seen.lock().unwrap();
    assert_eq!((seen.connections, seen.requests.len()), (1, 20));
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let server = serve(Manner::Redirect).await;
    let result = with_prior_knowledge().send(&session(&server.url), &invite()).await;
    let error = result.unwrap_err();
    assert_eq!(error.api_error().unwrap().kind(), ApiErrorKind::UnexpectedStatus);
    assert_eq!(server.seen.lock().unwrap().requests.len(), 1);
}

#[tokio::test]
async fn reset_stream_is_unknown() {
    // 14 is the first code that HTTP/2 does not define.
    for (code, answer_begins) in (0..=14).flat_map(|code| [(code, false), (code, true)]) {
        let (url, arrived) = resetting::serve(code, answer_begins).await;
        let result = with_prior_knowledge().send(&session(&url), &invite()).await;
        let error = transport_error(result);
        assert_eq!(error.kind(), TransportErrorKind::ConnectionLost, "{error:?}");
        assert_eq!(error.delivery(), Delivery::Unknown);
        assert_eq!(arrived.load(Ordering::SeqCst), 1, "{error:?}");
    }
}

#[tokio::test]
async fn silent_stream_ends_with_total_timeout() {
    let error = error_of(Manner::Stall).await;
    assert_eq!(error.kind(), TransportErrorKind::TotalTimeout, "{error:?}");
}

#[tokio::test]
async fn too_long_body_is_an_error() {
    let error = error_of(Manner::TooMuch).await;
    assert_eq!(error.kind(), TransportErrorKind::BodyTooLarge { limit: 65536 }, "{error:?}");
}

#[tokio::test]
async fn http1_server_fails_with_prior_knowledge() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let seen = Arc::default();
        speak_http1(listener.accept().await.unwrap().0, seen).await;
    });
    let result = with_prior_knowledge().send(&session(&url), &invite()).await;
    transport_error(result);
}
