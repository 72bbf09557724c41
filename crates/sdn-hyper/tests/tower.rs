//! A stack of tower's layers instead of the client's connections.

mod resetting;

use std::future::{Ready, ready};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper_util::client::legacy;
use hyper_util::rt::TokioExecutor;
use sdn_hyper::Client;
use sdn_proto::{
    AccessToken, CallError, Delivery, InviteUser, Node, RoomId, Session, TransportError,
    TransportErrorKind, UserId,
};
use sdn_testkit::{Fault, Server, World};
use tokio::time::Instant;
use tower::retry::Policy;
use tower::{BoxError, ServiceBuilder, ServiceExt};

/// Repeats unsent requests, this many times.
#[derive(Clone)]
struct IfNotSent {
    left: usize,
    asked: Arc<AtomicUsize>,
}

impl<A> Policy<Request<Full<Bytes>>, Response<A>, TransportError> for IfNotSent {
    type Future = Ready<()>;

    fn retry(
        &mut self,
        _: &mut Request<Full<Bytes>>,
        result: &mut Result<Response<A>, TransportError>,
    ) -> Option<Ready<()>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let not_sent = matches!(result, Err(error) if error.delivery() == Delivery::NotSent);
        self.left = self.left.checked_sub(usize::from(not_sent))?;
        not_sent.then(|| ready(()))
    }

    fn clone_request(&mut self, request: &Request<Full<Bytes>>) -> Option<Request<Full<Bytes>>> {
        Some(request.clone())
    }
}

/// A client of hyper's pool within layers, and the number of the policy's calls.
fn client(concurrency: usize, timeout: Duration) -> (Client, Arc<AtomicUsize>) {
    client_over(false, concurrency, timeout)
}

fn client_over(
    http2_only: bool,
    concurrency: usize,
    timeout: Duration,
) -> (Client, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let policy = IfNotSent { left: 3, asked: asked.clone() };
    let mut pool = legacy::Client::builder(TokioExecutor::new());
    let pool = pool.http2_only(http2_only).build_http::<Full<Bytes>>();
    let stack = ServiceBuilder::new()
        .concurrency_limit(concurrency)
        .map_err(BoxError::from)
        .timeout(timeout)
        .retry(policy)
        .map_err(sdn_hyper::classify)
        .service(pool);
    (Client::with_service(stack), asked)
}

fn stage() -> (World, Server, Session, InviteUser) {
    let world = World::new();
    let token = world.add_user("@alice:node.example");
    world.add_user("@bob:node.example");
    let room = world.create_room("@alice:node.example");
    let server = world.serve().unwrap();
    let session = Node::new(server.base_url()).unwrap();
    let session = session.session(AccessToken::new(token).unwrap());
    let invite =
        InviteUser::new(RoomId::new(room).unwrap(), UserId::new("@bob:node.example").unwrap());
    (world, server, session, invite)
}

#[tokio::test]
async fn call_goes_through_the_stack() {
    let (world, _server, session, invite) = stage();
    let (client, asked) = client(8, Duration::from_secs(20));
    client.send(&session, &invite).await.unwrap();
    assert_eq!((world.requests().len(), asked.load(Ordering::SeqCst)), (1, 1));
}

#[tokio::test]
async fn unknown_outcome_is_not_repeated() {
    for handled in [true, false] {
        let (world, server, session, invite) = stage();
        let (client, asked) = client(8, Duration::from_secs(20));
        server.fault_next(Fault::CloseAfterRequest { handled });
        let error = client.send(&session, &invite).await.unwrap_err();
        assert_eq!(error.delivery(), Delivery::Unknown);
        assert_eq!(asked.load(Ordering::SeqCst), 1);
        assert_eq!(world.requests().len(), usize::from(handled));
        client.send(&session, &invite).await.unwrap();
    }
}

/// HAProxy sends this after the node has read the request, if the node's connection breaks.
#[tokio::test]
async fn refused_stream_is_not_repeated() {
    let (url, arrived) = resetting::serve(h2::Reason::REFUSED_STREAM.into(), false).await;
    let (_, _server, _, invite) = stage();
    let session = Node::new(url).unwrap().session(AccessToken::new("syt_secret").unwrap());
    let (client, asked) = client_over(true, 8, Duration::from_secs(20));
    let error = client.send(&session, &invite).await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::Unknown, "{error:?}");
    assert_eq!((arrived.load(Ordering::SeqCst), asked.load(Ordering::SeqCst)), (1, 1));
}

#[tokio::test]
async fn unsent_request_is_repeated_until_allowed() {
    let (_, server, session, invite) = stage();
    drop(server);
    let (client, asked) = client(8, Duration::from_secs(20));
    let error = client.send(&session, &invite).await.unwrap_err();
    let CallError::Transport(error) = error else { panic!("{error:?}") };
    assert_eq!(error.kind(), TransportErrorKind::Connect, "{error:?}");
    assert_eq!(error.delivery(), Delivery::NotSent);
    assert_eq!(asked.load(Ordering::SeqCst), 4, "once, and three times again");
}

#[tokio::test]
async fn stack_timeout_is_unknown() {
    let (_, server, session, invite) = stage();
    let (client, _) = client(8, Duration::from_secs(1));
    server.fault_next(Fault::Stall { handled: false });
    let start = Instant::now();
    let error = client.send(&session, &invite).await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::Unknown);
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    client.send(&session, &invite).await.unwrap();
}

#[tokio::test]
async fn concurrency_limit_holds() {
    let running = Arc::new(AtomicUsize::new(0));
    let most = Arc::new(AtomicUsize::new(0));
    let service = tower::service_fn({
        let most = most.clone();
        move |_: Request<Full<Bytes>>| {
            let (running, most) = (running.clone(), most.clone());
            async move {
                most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(10)).await;
                running.fetch_sub(1, Ordering::SeqCst);
                Ok::<_, BoxError>(Response::new(Full::new(Bytes::from_static(b"{}"))))
            }
        }
    });
    let stack = ServiceBuilder::new().concurrency_limit(3).service(service);
    let client = Client::with_service(stack.boxed_clone());
    let (_, _server, session, invite) = stage();
    let calls: Vec<_> = (0..20).map(|_| tokio::spawn(client.send(&session, &invite))).collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!(most.load(Ordering::SeqCst), 3);
}
