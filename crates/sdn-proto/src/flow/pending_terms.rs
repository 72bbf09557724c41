use std::fmt;

use crate::identity::Terms;

/// Terms of service that a person has to accept before a flow can continue.
///
/// Show the policies, then call [`accept`](PendingTerms::accept) and run the flow that it returns.
/// If the person declines, drop the value.
///
/// ```
/// use sdn_proto::flow::{RegisterError, RegisterFlow, Registered};
/// use sdn_proto::identity::Terms;
///
/// fn register(
///     flow: RegisterFlow,
///     run: impl Fn(RegisterFlow) -> Result<Registered, RegisterError>,
///     person_accepts: impl Fn(&Terms) -> bool,
/// ) -> Result<Registered, RegisterError> {
///     match run(flow) {
///         Err(RegisterError::Terms(pending)) if person_accepts(pending.terms()) => {
///             let urls = pending.terms().urls("en").map_err(RegisterError::UnreadableTerms)?;
///             run(pending.accept(urls))
///         }
///         result => result,
///     }
/// }
/// ```
#[derive(Clone)]
pub struct PendingTerms<F> {
    terms: Terms,
    flow: Box<F>,
}

impl<F> PendingTerms<F> {
    pub(super) fn new(terms: Terms, flow: F) -> Self {
        Self { terms, flow: Box::new(flow) }
    }

    /// Returns the policies to show. Each has a readable text.
    pub fn terms(&self) -> &Terms {
        &self.terms
    }

    /// Splits the terms from the flow that waits for them.
    pub(super) fn into_parts(self) -> (Terms, F) {
        (self.terms, *self.flow)
    }
}

impl<F> fmt::Debug for PendingTerms<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingTerms").field("terms", &self.terms).finish_non_exhaustive()
    }
}
