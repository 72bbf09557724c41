//! A caller's function that opens a stream of bytes to a server.

use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;

use http::Uri;
use tokio::io::{AsyncRead, AsyncWrite};

/// Any stream of bytes.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send {}

impl<S: AsyncRead + AsyncWrite + Send> Stream for S {}

pub(crate) type BoxStream = Pin<Box<dyn Stream>>;

type Dialing = Pin<Box<dyn Future<Output = io::Result<BoxStream>> + Send>>;

/// A caller's connector.
#[derive(Clone)]
pub(crate) struct Dial(Arc<dyn Fn(Uri) -> Dialing + Send + Sync>);

impl Dial {
    pub(crate) fn new<F, D, S>(connect: F) -> Self
    where
        F: Fn(Uri) -> D + Send + Sync + 'static,
        D: Future<Output = io::Result<S>> + Send + 'static,
        S: AsyncRead + AsyncWrite + Send + 'static,
    {
        Self(Arc::new(move |server| {
            let dialing = connect(server);
            Box::pin(async move { Ok(Box::pin(dialing.await?) as BoxStream) })
        }))
    }

    pub(crate) async fn open(&self, server: Uri) -> io::Result<BoxStream> {
        (self.0)(server).await
    }
}

impl fmt::Debug for Dial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Dial")
    }
}
