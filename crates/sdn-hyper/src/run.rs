//! Drives a flow.

use bytes::Bytes;
use http::Response;
use sdn_proto::flow::{Flow, Step};
use sdn_proto::{Outgoing, TransportError};

use crate::client::Client;

impl Client {
    /// Runs a flow to its end: sends its requests and waits as it says.
    ///
    /// A flow that needs a person ends, and its outcome says for what: see
    /// [`PendingTerms`](sdn_proto::flow::PendingTerms).
    ///
    /// ```no_run
    /// use sdn_proto::flow::InviteFlow;
    /// use sdn_proto::{AccessToken, Node, RoomId, ServerName, ThirdPartyId};
    ///
    /// # async fn run() -> Result<(), sdn_proto::InvalidInput> {
    /// let session = Node::new("https://node.example")?.session(AccessToken::new("syt_secret")?);
    /// let room_id = RoomId::new("!a:node.example")?;
    /// let bob = ThirdPartyId::email("bob@example.com")?;
    /// let flow = InviteFlow::new(session, room_id, bob, ServerName::new("id.example")?);
    /// match sdn_hyper::Client::new().run(flow).await {
    ///     Ok(invited) => println!("invited by way of {}", invited.id_server),
    ///     Err(error) => println!("{error}"),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Dropping the future drops the flow. It is then unknown which requests were sent, and whether
    /// the last one invited. Spawn it, as with [`send`](Self::send).
    pub async fn run<F: Flow>(&self, flow: F) -> F::Outcome {
        drive(flow, |outgoing| self.execute(outgoing)).await
    }
}

/// Runs a flow to its end with a function that sends one request.
pub(crate) async fn drive<F: Flow, R>(mut flow: F, execute: impl Fn(Outgoing) -> R) -> F::Outcome
where
    R: Future<Output = Result<Response<Bytes>, TransportError>>,
{
    loop {
        match flow.step() {
            Step::Send(outgoing) => flow.received(execute(outgoing).await),
            Step::Wait(duration) => {
                tokio::time::sleep(duration).await;
                flow.waited();
            }
            Step::Done(outcome) => break outcome,
        }
    }
}
