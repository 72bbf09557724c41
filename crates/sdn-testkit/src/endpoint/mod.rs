//! The endpoints: functions that read a request, read or change the model, and return a result.
//!
//! An endpoint uses no other endpoint; what two of them share is in the model or in the module
//! above both. Each has a row in the router's table.

pub(crate) mod client;
pub(crate) mod discovery;
pub(crate) mod federation;
pub(crate) mod identity;
pub(crate) mod versions;

use crate::answer::{Answer, Refusal};
use crate::model::State;
use crate::request::Parsed;

pub(crate) type Endpoint = fn(&mut State, &Call<'_>) -> Answer;

/// A request, with the server and the parameters that the router found.
pub(crate) struct Call<'a> {
    pub(crate) request: &'a Parsed<'a>,
    /// `_api` or `_matrix`.
    pub(crate) prefix: &'a str,
    /// The index of the node or identity server that the request is for.
    pub(crate) server: usize,
    /// The values for the `{…}` of the row's path, in their order.
    pub(crate) params: Vec<&'a str>,
}

impl Call<'_> {
    /// Returns the parameters of the path.
    ///
    /// # Panics
    /// If the row's path has a different number of parameters.
    pub(crate) fn params<const N: usize>(&self) -> [&str; N] {
        self.params.as_slice().try_into().expect("as many as the row's path has")
    }
}
