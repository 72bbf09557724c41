//! HTTP/2 servers that go away while requests are in flight.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use sdn_hyper::{Client, Http2};
use sdn_proto::client::WhoAmI;
use sdn_proto::{
    AccessToken, Delivery, InviteUser, Node, Outgoing, RoomId, Session, TransportErrorKind, UserId,
};
use sdn_testkit::script::{Connection, serve};
use tokio::net::TcpListener;

fn with_prior_knowledge() -> Client {
    Client::builder().http2(Http2::PriorKnowledge).total_timeout(Duration::from_secs(2)).build()
}

fn session(url: &str) -> Session {
    Node::new(url).unwrap().session(AccessToken::new("syt_secret").unwrap())
}

/// When hyper reports that the server goes away, it may have written the head of the request in the
/// same moment. That has no effect unless it is all of the request.
#[tokio::test]
async fn exclusion_is_trusted_with_a_body() {
    let server = serve(exclude_request);
    let session = session(&server.base_url());
    let client = with_prior_knowledge();
    let invite = InviteUser::new(RoomId::new("!a:b").unwrap(), UserId::new("@bob:b").unwrap());
    let error = client.execute(Outgoing::new(&invite, &session)).await.unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::GoingAway, "{error:?}");
    assert_eq!(error.delivery(), Delivery::NotSent);

    let error = client.execute(Outgoing::new(&WhoAmI::new(), &session)).await.unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::ConnectionLost, "{error:?}");
    assert_eq!(error.delivery(), Delivery::Unknown);
}

/// Reads a request's head, and says that it goes away without an error and handles no stream.
fn exclude_request(connection: &mut Connection) {
    const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    const SETTINGS: &[u8] = &[0, 0, 0, 4, 0, 0, 0, 0, 0];
    const GO_AWAY: &[u8] = &[0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    const HEADERS: u8 = 1;
    connection.read_exactly(PREFACE.len());
    let _ = connection.write(SETTINGS);
    while let Some(head) = connection.read_exactly(9) {
        connection.read_exactly(usize::from(head[1]) << 8 | usize::from(head[2]));
        if head[3] == HEADERS {
            let _ = connection.write(GO_AWAY);
        }
    }
}

/// With one stream at a time the others wait, one of them within h2.
#[tokio::test]
async fn waiting_requests_have_their_delivery() {
    for code in [h2::Reason::NO_ERROR, h2::Reason::INTERNAL_ERROR] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let arrived = Arc::new(Mutex::new(Vec::new()));
        tokio::spawn(go_away_after_each(listener, code, arrived.clone()));
        let client = with_prior_knowledge();
        let room = RoomId::new("!a:b").unwrap();
        let calls = (0..6).map(|number| {
            let user = UserId::new(format!("@user{number}:b")).unwrap();
            let sent = client.send(&session(&url), &InviteUser::new(room.clone(), user.clone()));
            tokio::spawn(async move { (user, sent.await.unwrap_err()) })
        });
        for call in calls.collect::<Vec<_>>() {
            let (user, error) = call.await.unwrap();
            let arrived = arrived.lock().unwrap();
            let times = arrived.iter().filter(|body: &&String| body.contains(user.as_str()));
            let most = usize::from(error.delivery() == Delivery::Unknown);
            assert!(times.count() <= most, "{user}: {error:?}");
        }
        assert!(arrived.lock().unwrap().len() > 1, "the others go over another connection");
    }
}

/// Accepts one stream on each connection, and goes away when its request has arrived.
async fn go_away_after_each(
    listener: TcpListener,
    code: h2::Reason,
    arrived: Arc<Mutex<Vec<String>>>,
) {
    while let Ok((stream, _)) = listener.accept().await {
        let mut builder = h2::server::Builder::new();
        let mut connection =
            builder.max_concurrent_streams(1).handshake::<_, Bytes>(stream).await.unwrap();
        let (request, _respond) = connection.accept().await.unwrap().unwrap();
        let mut body = request.into_body();
        let body = tokio::select! {
            body = body.data() => body.unwrap().unwrap(),
            _ = connection.accept() => panic!("a second stream"),
        };
        arrived.lock().unwrap().push(String::from_utf8(body.to_vec()).unwrap());
        connection.abrupt_shutdown(code);
        while connection.accept().await.is_some() {}
    }
}
