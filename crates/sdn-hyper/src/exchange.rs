//! One exchange over a caller's service.

use std::future::poll_fn;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Body;
use sdn_proto::{TransportError, TransportErrorKind};
use tokio::time::{Instant, timeout_at};
use tower_service::Service;

use crate::cause::{BoxError, classify_before_sending, classify_of_request};
use crate::reading::Reading;

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
    let deadline = Instant::now() + timeout;
    match timeout_at(deadline, poll_fn(|context| service.poll_ready(context))).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => return Err(classify_before_sending(error)),
        Err(_) => return Err(TransportErrorKind::ConnectTimeout.into()),
    }
    let has_body = !request.body().is_end_stream();
    let mut reading = Reading::new(max_body_bytes);
    let exchange = async {
        let response = service.call(request).await;
        let response = response.map_err(|error| classify_of_request(error, has_body))?;
        reading.read(response).await
    };
    let result = match timeout_at(deadline, exchange).await {
        Ok(result) => result,
        Err(_) => Err(TransportErrorKind::TotalTimeout.into()),
    };
    reading.end(result)
}
