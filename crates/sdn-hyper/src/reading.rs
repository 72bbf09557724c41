//! Reads a response up to the call's limit.

use std::any::Any;
use std::pin::pin;

use bytes::{Buf, BufMut, Bytes};
use http::{Response, StatusCode, Version, response};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use sdn_proto::{TransportError, TransportErrorKind};

use crate::cause::{BoxError, classify_in_response};

/// The received part of a response.
pub(crate) struct Reading {
    head: Option<response::Parts>,
    /// The whole body, if it arrived in one piece.
    first: Bytes,
    /// The whole body, if it arrived in several pieces.
    all: Vec<u8>,
    max_body_bytes: usize,
}

impl Reading {
    pub(crate) fn new(max_body_bytes: usize) -> Self {
        Self { head: None, first: Bytes::new(), all: Vec::new(), max_body_bytes }
    }

    /// Reads the body to its end.
    pub(crate) async fn read<B>(&mut self, response: Response<B>) -> Result<(), TransportError>
    where
        B: Body + 'static,
        B::Error: Into<BoxError>,
    {
        let (head, body) = response.into_parts();
        let version = head.version;
        self.head = Some(head);
        let mut body = pin!(body);
        while !body.is_end_stream() {
            let Some(frame) = body.frame().await else { break };
            let Ok(data) = frame.map_err(classify_in_response)?.into_data() else { continue };
            let room = self.max_body_bytes - self.first.len().max(self.all.len());
            let is_too_large = data.remaining() > room;
            self.add(data.take(room));
            if is_too_large {
                let limit = self.max_body_bytes;
                return Err(TransportErrorKind::BodyTooLarge { limit }.into());
            }
        }
        if is_cut(&*body, version) {
            let cause = "the body is incomplete";
            return Err(TransportError::new(TransportErrorKind::ConnectionLost, cause));
        }
        Ok(())
    }

    fn add(&mut self, mut data: impl Buf) {
        if self.first.is_empty() {
            self.first = data.copy_to_bytes(data.remaining());
            return;
        }
        if self.all.is_empty() {
            self.all.extend_from_slice(&self.first);
        }
        self.all.put(data);
    }

    /// Returns the response.
    ///
    /// Any status but 200 shows that the call failed, even if the body is incomplete.
    pub(crate) fn end(
        self,
        result: Result<(), TransportError>,
    ) -> Result<Response<Bytes>, TransportError> {
        let body = if self.all.is_empty() { self.first } else { self.all.into() };
        let response = self.head.map(|head| Response::from_parts(head, body));
        match (result, response) {
            (Err(error), None) => Err(error),
            (Err(error), Some(response)) if response.status() == StatusCode::OK => Err(error),
            (_, Some(response)) => Ok(response),
            (Ok(()), None) => Err(TransportErrorKind::Other.into()),
        }
    }
}

/// Returns whether hyper reports a body as complete although its HTTP/2 stream was reset within it,
/// with `NO_ERROR`.
fn is_cut<B: Body + 'static>(body: &B, version: Version) -> bool {
    let body: &dyn Any = body;
    body.downcast_ref::<Incoming>()
        .is_some_and(|body| version == Version::HTTP_2 && !body.is_end_stream())
}
