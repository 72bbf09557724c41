//! Driving a flow.

use sdn_proto::TransportError;
use sdn_proto::flow::{Flow, Step};
use sdn_proto::identity::Terms;

use crate::client::Client;

impl Client {
    /// Runs a flow to its end: carries what it sends, waits as long as it says, and asks `on_terms` about terms of service.
    ///
    /// `on_terms` shows the policies to the person and gives the URLs of those that are accepted, in one language each, or
    /// `None` to decline. To keep the errors on the way, drive the flow with [`carry`](Self::carry).
    ///
    /// ```no_run
    /// use sdn_proto::flow::Invite;
    /// use sdn_proto::{AccessToken, Node, RoomId, ServerName, ThirdPartyId};
    ///
    /// # async fn run() -> Result<(), sdn_proto::InvalidInput> {
    /// let session = Node::new("https://node.example")?.session(AccessToken::new("syt_secret")?);
    /// let flow = Invite::new(session, RoomId::new("!a:node.example")?, ThirdPartyId::email("bob@example.com")?)
    ///     .at(ServerName::new("id.example")?);
    /// match sdn_hyper::Client::new().run(flow, |_terms| None).await {
    ///     Ok(invited) => println!("invited by way of {}", invited.id_server),
    ///     Err(failure) => println!("{failure}"),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn run<F: Flow>(
        &self,
        mut flow: F,
        mut on_terms: impl FnMut(&Terms) -> Option<Vec<String>>,
    ) -> F::Outcome {
        loop {
            match flow.step() {
                Step::Send(outgoing) => {
                    match self.carry(outgoing.request(), outgoing.max_response_bytes()).await {
                        Ok(response) => flow.response(&response),
                        Err(error) => flow.failed(error.delivery()),
                    }
                }
                Step::Wait(duration) => {
                    tokio::time::sleep(duration).await;
                    flow.waited();
                }
                Step::AcceptTerms(terms) => match on_terms(&terms) {
                    Some(urls) => flow.accept(urls),
                    None => flow.decline(),
                },
                Step::Done(outcome) => break outcome,
            }
        }
    }
}
