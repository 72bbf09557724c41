//! Invites through a gateway: an axum server in front of the node, which serves it at another path.
//!
//!     cargo run -p sdn-interop --example gateway

mod scene;

use std::error::Error;
use std::net::SocketAddr;

use axum::Router;
use axum::body::{self, Body};
use axum::extract::State;
use axum::response::Response;
use sdn_hyper::Client;
use sdn_proto::client::GetInvites;
use sdn_proto::http::header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER};
use sdn_proto::http::uri::{Authority, PathAndQuery};
use sdn_proto::http::{Request, StatusCode, Uri};
use sdn_proto::{Call, Delivery, Node, Outgoing};
use tokio::net::TcpListener;

/// The largest limit of any call: the whole state of a room.
const MAX_BYTES: usize = GetInvites::MAX_RESPONSE_BYTES;

/// Serves the node at `authority` below `/sdn`, and returns the gateway's address.
pub(crate) async fn serve(client: Client, authority: Authority) -> std::io::Result<SocketAddr> {
    let node = Router::new().fallback(forward).with_state((client, authority));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move { axum::serve(listener, Router::new().nest("/sdn", node)).await });
    Ok(address)
}

async fn forward(
    State((client, authority)): State<(Client, Authority)>,
    request: Request<Body>,
) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = body::to_bytes(body, MAX_BYTES).await else {
        return status(StatusCode::PAYLOAD_TOO_LARGE);
    };
    // The path is forwarded unchanged, because the room ID in it must stay encoded.
    let path = head.uri.path_and_query().cloned();
    let Some(path) = path.filter(is_client_api) else { return status(StatusCode::NOT_FOUND) };
    // Without TLS, because the node is on this machine.
    let Ok(uri) = Uri::builder().scheme("http").authority(authority).path_and_query(path).build()
    else {
        return status(StatusCode::BAD_REQUEST);
    };
    let mut request = Request::new(body);
    (*request.method_mut(), *request.uri_mut()) = (head.method, uri);
    for name in [AUTHORIZATION, CONTENT_TYPE] {
        request.headers_mut().extend(head.headers.get(&name).map(|value| (name, value.clone())));
    }
    match client.execute(Outgoing::from_request(request, MAX_BYTES)).await {
        Ok(received) => {
            let mut response = status(received.status());
            for name in [CONTENT_TYPE, RETRY_AFTER] {
                let value = received.headers().get(&name).cloned();
                response.headers_mut().extend(value.map(|value| (name, value)));
            }
            *response.body_mut() = received.into_body().into();
            response
        }
        Err(error) if error.delivery() == Delivery::NotSent => status(StatusCode::BAD_GATEWAY),
        Err(_) => status(StatusCode::GATEWAY_TIMEOUT),
    }
}

/// Returns whether the path leads only to the client API. A server behind the gateway may decode it
/// and resolve `..`.
fn is_client_api(path: &PathAndQuery) -> bool {
    let decoded = path.path().to_lowercase().replace("%2e", ".");
    let decoded = decoded.replace("%2f", "/").replace("%5c", "/").replace('\\', "/");
    let starts = ["/_api/client/", "/_matrix/client/"];
    starts.iter().any(|start| path.path().starts_with(start))
        && !decoded.split('/').any(|part| matches!(part, "." | ".."))
}

fn status(status: StatusCode) -> Response {
    let mut response = Response::default();
    *response.status_mut() = status;
    response
}

#[tokio::main]
pub(crate) async fn main() -> Result<(), Box<dyn Error>> {
    let scene = scene::Scene::new()?;
    let request = scene.invite.to_request(&scene.session);
    let node = request.uri().authority().ok_or("no authority")?.clone();
    let gateway = serve(Client::new(), node).await?;

    // The client only needs the gateway's base URL.
    let session = Node::new(format!("http://{gateway}/sdn/"))?.session(scene.token.clone());
    Client::new().send(&session, &scene.invite).await?;
    scene.print();
    Ok(())
}
