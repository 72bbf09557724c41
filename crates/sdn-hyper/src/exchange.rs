//! One request and its response, within the limits of time and size.

use std::any::Any;
use std::future::poll_fn;
use std::pin::pin;
use std::time::Duration;

use bytes::{Buf, BufMut, Bytes};
use http::{Request, Response, StatusCode, Version};
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Incoming};
use hyper_util::client::legacy::{self, connect::CaptureConnection, connect::capture_connection};
use sdn_proto::{TransportError, TransportErrorKind};
use tokio::time::{Instant, timeout_at};
use tower_service::Service;

use crate::cause::{classify_before_sending, classify_in_response, classify_of_request};
use crate::connect::BoxError;
use crate::connect::Connector;

/// When an exchange has to be over, and how long the response's body may be.
#[derive(Clone, Copy)]
struct Limits {
    deadline: Instant,
    body: usize,
}

/// Sends a request over our own pool of connections. Its time begins when this is first polled.
pub(crate) async fn over_pool(
    pool: legacy::Client<Connector, Full<Bytes>>,
    mut request: Request<Full<Bytes>>,
    timeout: Duration,
    max_body_bytes: usize,
) -> Result<Response<Bytes>, TransportError> {
    let limits = Limits { deadline: Instant::now() + timeout, body: max_body_bytes };
    // A runtime that stood still since the last call finds out here which kept connections were closed meanwhile.
    tokio::task::yield_now().await;
    let mut connection = Captured { connection: capture_connection(&mut request), is_kept: false };
    let result = exchange(pool, request, &connection, limits).await;
    connection.is_kept = Instant::now() < limits.deadline;
    result
}

async fn exchange(
    pool: legacy::Client<Connector, Full<Bytes>>,
    request: Request<Full<Bytes>>,
    connection: &Captured,
    limits: Limits,
) -> Result<Response<Bytes>, TransportError> {
    let has_body = !request.body().is_end_stream();
    let response = match timeout_at(limits.deadline, pool.request(request)).await {
        Ok(Ok(response)) => response,
        Ok(Err(error)) if connection.is_made() => {
            return Err(classify_of_request(error, has_body));
        }
        Ok(Err(error)) => return Err(classify_before_sending(error)),
        Err(_) if connection.is_made() => return Err(TransportErrorKind::TotalTimeout.into()),
        Err(_) => return Err(TransportErrorKind::ConnectTimeout.into()),
    };
    read(response, limits).await
}

/// The connection that a request is given to.
///
/// If the time runs out, or the future is dropped, no other request may use it: it may have died
/// silently, and would lose every request.
struct Captured {
    connection: CaptureConnection,
    is_kept: bool,
}

impl Captured {
    /// Whether there is one. Before that, nothing of the request has been written anywhere.
    fn is_made(&self) -> bool {
        self.connection.connection_metadata().is_some()
    }
}

impl Drop for Captured {
    fn drop(&mut self) {
        let connection = self.connection.connection_metadata();
        if let Some(connection) = connection.as_ref().filter(|_| !self.is_kept) {
            connection.poison();
        }
    }
}

/// Sends a request over a caller's service. Its time begins when this is first polled.
pub(crate) async fn over_service<S, B>(
    mut service: S,
    request: Request<Full<Bytes>>,
    timeout: Duration,
    max_body_bytes: usize,
) -> Result<Response<Bytes>, TransportError>
where
    S: Service<Request<Full<Bytes>>, Response = Response<B>>,
    S::Error: Into<BoxError>,
    B: Body + 'static,
    B::Error: Into<BoxError>,
{
    let limits = Limits { deadline: Instant::now() + timeout, body: max_body_bytes };
    match timeout_at(limits.deadline, poll_fn(|context| service.poll_ready(context))).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => return Err(classify_before_sending(error)),
        Err(_) => return Err(TransportErrorKind::ConnectTimeout.into()),
    }
    let has_body = !request.body().is_end_stream();
    let response = match timeout_at(limits.deadline, service.call(request)).await {
        Ok(Ok(response)) => response,
        Ok(Err(error)) => return Err(classify_of_request(error, has_body)),
        Err(_) => return Err(TransportErrorKind::TotalTimeout.into()),
    };
    read(response, limits).await
}

/// Reads the body up to its limit.
///
/// Any status but 200 is enough to know that the call failed, whatever arrived of the body.
async fn read<B>(response: Response<B>, limits: Limits) -> Result<Response<Bytes>, TransportError>
where
    B: Body + 'static,
    B::Error: Into<BoxError>,
{
    let (head, body) = response.into_parts();
    let mut bytes = Vec::new();
    match read_to(&mut bytes, body, head.version, limits).await {
        Err(error) if head.status == StatusCode::OK => Err(error),
        _ => Ok(Response::from_parts(head, bytes.into())),
    }
}

async fn read_to<B>(
    bytes: &mut Vec<u8>,
    body: B,
    version: Version,
    limits: Limits,
) -> Result<(), TransportError>
where
    B: Body + 'static,
    B::Error: Into<BoxError>,
{
    let mut body = pin!(body);
    loop {
        let frame = match timeout_at(limits.deadline, body.frame()).await {
            Ok(Some(frame)) => frame.map_err(classify_in_response)?,
            Ok(None) if is_cut(&*body, version) => {
                return Err(TransportError::new(
                    TransportErrorKind::ConnectionLost,
                    "the body is incomplete",
                ));
            }
            Ok(None) => return Ok(()),
            Err(_) => return Err(TransportErrorKind::TotalTimeout.into()),
        };
        let Ok(data) = frame.into_data() else { continue };
        let room = limits.body - bytes.len();
        let is_too_large = data.remaining() > room;
        bytes.put(data.take(room));
        if is_too_large {
            return Err(TransportErrorKind::BodyTooLarge { limit: limits.body }.into());
        }
    }
}

/// Whether hyper reports a body as complete although its HTTP/2 stream was reset within it, with
/// `NO_ERROR`.
fn is_cut<B: Body + 'static>(body: &B, version: Version) -> bool {
    let body: &dyn Any = body;
    body.downcast_ref::<Incoming>()
        .is_some_and(|body| version == Version::HTTP_2 && !body.is_end_stream())
}
