use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use tower_service::Service;

use crate::Error;
use crate::connector::TimedConnector;

type Inner = legacy::Client<TimedConnector<HttpsConnector<HttpConnector>>, Full<Bytes>>;

/// The connections that a [`Client`](crate::Client) makes, keeps and uses again: its own HTTP service.
///
/// A request is sent again only if it was given to a kept connection that turned out to be closed before any of the request
/// was written.
#[derive(Clone)]
pub struct Pool(pub(crate) Inner);

impl Service<Request<Full<Bytes>>> for Pool {
    type Response = Response<Incoming>;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Full<Bytes>>) -> Self::Future {
        let sending = self.0.request(request);
        Box::pin(async { sending.await.map_err(|error| Error::from_service(error.into())) })
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pool")
    }
}
