use std::fmt;

use crate::identity::Terms;

/// Terms of service that a person has to accept before a flow can continue.
///
/// Show the policies, then call [`accept`](PendingTerms::accept) and run the flow
/// that it returns. A person who declines needs nothing more: drop the value.
///
/// ```no_run
/// use sdn_proto::flow::{RegisterError, RegisterFlow, Registered};
///
/// # fn run(_: RegisterFlow) -> Result<Registered, RegisterError> { unimplemented!() }
/// # fn asks_person(_: &sdn_proto::identity::Terms) -> Option<Vec<String>> { None }
/// fn register(flow: RegisterFlow) -> Result<Registered, RegisterError> {
///     match run(flow) {
///         Err(RegisterError::Terms(pending)) => match asks_person(pending.terms()) {
///             Some(urls) => run(pending.accept(urls)),
///             None => Err(RegisterError::Terms(pending)),
///         },
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

    /// Returns the policies to show.
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
