//! Imports for the file of every call.

pub(crate) use bytes::Bytes;
pub(crate) use http::{Request, Response};

pub(crate) use crate::call::{Call, Server};
pub(crate) use crate::endpoint;
pub(crate) use crate::error::ApiError;
pub(crate) use crate::identity_server::{IdentityServer, IdentitySession};
pub(crate) use crate::node::{Node, Session};
#[cfg(feature = "arbitrary")]
pub(crate) use crate::parts::compose;
pub(crate) use crate::{json, response};

/// Only generators need it.
#[cfg(not(feature = "arbitrary"))]
macro_rules! compose {
    ($($made:tt)*) => {};
}
#[cfg(not(feature = "arbitrary"))]
pub(crate) use compose;
