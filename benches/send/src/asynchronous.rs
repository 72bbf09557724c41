//! The clients that need tokio: on one thread, with a task for each sender.

use std::error::Error;
use std::io;
use std::rc::Rc;

use bytes::Bytes;
use http::{Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use sdn_proto::{Call, InviteBy3pid};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use tokio::task::{LocalSet, spawn_local};

use crate::{Cost, Meter, Work};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

pub fn runtime() -> io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
}

pub fn sdn_hyper(work: Work) -> Result<Cost> {
    let client = sdn_hyper::Client::builder()
        .max_idle_per_host(work.at_once)
        .max_connections_per_server(usize::MAX)
        .build();
    side_by_side(
        work,
        async |_| Ok(client.clone()),
        async |client, work| Ok(client.send(&work.session, &work.call).await?),
    )
}

pub fn hyper_util(work: Work) -> Result<Cost> {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let client = Client::builder(TokioExecutor::new()).build(connector);
    side_by_side(
        work,
        async |_| Ok(client.clone()),
        async |client, work| {
            let request = work.call.to_request(&work.session).map(Full::new);
            read(client.request(request).await?).await
        },
    )
}

/// hyper has no pool, so each sender has its own connection.
pub fn hyper(work: Work) -> Result<Cost> {
    side_by_side(
        work,
        async |work| {
            let stream = TcpStream::connect(&work.address).await?;
            stream.set_nodelay(true)?;
            let (sender, connection) =
                hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
            spawn_local(connection);
            Ok(sender)
        },
        async |sender, work| {
            let mut request = work.call.to_request(&work.session).map(Full::new);
            // A pool would add this header.
            let host = http::HeaderValue::from_str(&work.address)?;
            request.headers_mut().insert(http::header::HOST, host);
            sender.ready().await?;
            read(sender.send_request(request).await?).await
        },
    )
}

pub fn reqwest(work: Work) -> Result<Cost> {
    let client = reqwest::Client::builder().no_proxy().build()?;
    side_by_side(
        work,
        async |_| Ok(client.clone()),
        async |client, work| {
            let request = work.call.to_request(&work.session);
            let response = client.execute(request.try_into()?).await?;
            let (status, headers) = (response.status(), response.headers().clone());
            parse(status, headers, response.bytes().await?)
        },
    )
}

async fn read(response: Response<Incoming>) -> Result<()> {
    let (head, body) = response.into_parts();
    parse(head.status, head.headers, body.collect().await?.to_bytes())
}

pub fn parse(status: StatusCode, headers: http::HeaderMap, body: Bytes) -> Result<()> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(InviteBy3pid::parse_response(&response)?)
}

/// Measures the first request of each sender, which opens its connection, or all later ones.
fn side_by_side<C: 'static>(
    work: Work,
    connect: impl AsyncFn(&Work) -> Result<C>,
    send: impl AsyncFn(&mut C, &Work) -> Result<()> + Copy + 'static,
) -> Result<Cost> {
    let work = Rc::new(work);
    LocalSet::new().block_on(&runtime()?, async {
        let mut clients = Vec::new();
        for _ in 0..work.at_once {
            clients.push(connect(&work).await?);
        }
        if work.count.is_some() {
            clients = each_sends(clients, 1, &work, send).await?;
        }
        let meter = Meter::start();
        each_sends(clients, work.count_of_each(), &work, send).await?;
        Ok(meter.stop())
    })
}

async fn each_sends<C: 'static>(
    clients: Vec<C>,
    count: usize,
    work: &Rc<Work>,
    send: impl AsyncFn(&mut C, &Work) -> Result<()> + Copy + 'static,
) -> Result<Vec<C>> {
    let task = |mut client| {
        let work = Rc::clone(work);
        spawn_local(async move {
            for _ in 0..count {
                send(&mut client, &work).await?;
            }
            Ok::<_, Box<dyn Error + Send + Sync>>(client)
        })
    };
    let tasks: Vec<_> = clients.into_iter().map(task).collect();
    let mut clients = Vec::new();
    for task in tasks {
        clients.push(task.await??);
    }
    Ok(clients)
}
