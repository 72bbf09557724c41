//! The server that all clients are measured with.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpSocket;
use tokio::sync::Barrier;

/// How many connections may wait to be accepted.
const BACKLOG: u32 = 16_384;

/// Responds with `200 {}` each time that so many requests are in flight, until the process ends.
pub async fn serve(in_flight: usize) -> io::Result<()> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(([127, 0, 0, 1], 0).into())?;
    let listener = socket.listen(BACKLOG)?;
    println!("{}", listener.local_addr()?);
    let in_flight = Arc::new(Barrier::new(in_flight));
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let in_flight = Arc::clone(&in_flight);
        let respond = service_fn(move |request| respond(request, Arc::clone(&in_flight)));
        let connection = hyper::server::conn::http1::Builder::new()
            .serve_connection(TokioIo::new(stream), respond);
        tokio::spawn(connection);
    }
}

async fn respond(
    request: http::Request<Incoming>,
    in_flight: Arc<Barrier>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    // The rest of a body would keep the connection from being reused.
    let _ = request.into_body().collect().await;
    in_flight.wait().await;
    Ok(Response::new(Full::from("{}")))
}
