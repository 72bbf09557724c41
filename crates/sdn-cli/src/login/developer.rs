//! The server of the app's developer, which signs.

use std::time::Duration;

use http::{Request, Uri, header};
use sdn_hyper::Builder;
use sdn_proto::{CallError, InvalidInput, LoginMessage, Node, Outgoing, Rule, Signature, response};
use serde::Deserialize;
use serde_json::json;

use crate::exit::Exit;
use crate::failure::with_sources;

/// A server that signs messages.
///
/// It responds to `POST {"message"}` with `{"signature"}`.
pub(super) struct SignUrl(Uri);

impl SignUrl {
    /// Checks a URL: https, or a server on this machine.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        // `Uri` drops a fragment.
        if text.contains('#') {
            return Err(Rule::HasFragment.to_string());
        }
        let uri: Uri = text.parse().map_err(|_| "not a URL; begin it with https://".to_owned())?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(Rule::MissingScheme.to_string());
        };
        // The rules are those of a node's URL, except that any path is allowed.
        Node::new(format!("{scheme}://{authority}/")).map_err(|error| problem(&error))?;
        Ok(Self(uri))
    }

    /// Sends the message, and returns the signature.
    pub(super) async fn sign(
        &self,
        message: &LoginMessage,
        client: Builder,
    ) -> Result<Signature, Exit> {
        let signature = self.ask(message, client).await;
        signature.map_err(|problem| {
            Exit::SomeRefused
                .reporting(format_args!("no login was sent; --developer-sign-url: {problem}"))
        })
    }

    async fn ask(&self, message: &LoginMessage, client: Builder) -> Result<Signature, String> {
        let client = client.total_timeout(TIMEOUT).connect_timeout(TIMEOUT / 2).build();
        let body = json!({ "message": message.as_str() }).to_string();
        let request =
            Request::post(self.0.clone()).header(header::CONTENT_TYPE, "application/json");
        let request = request.body(body.into()).map_err(|error| error.to_string())?;
        let answer = client.execute(Outgoing::from_request(request, MAX_BYTES)).await;
        let answer = answer.map_err(|error| with_sources(&CallError::from(error)))?;
        let answer: Answer = response::object(&answer).map_err(|error| with_sources(&error))?;
        Signature::new(answer.signature).map_err(|error| error.to_string())
    }
}

/// The server's response. It has no `Debug`, which would print the signature.
#[derive(Deserialize)]
struct Answer {
    signature: String,
}

const TIMEOUT: Duration = Duration::from_secs(10);

/// Far more than the length of a signature.
const MAX_BYTES: usize = 16 * 1024;

fn problem(error: &InvalidInput) -> String {
    match error.rule() {
        Rule::InsecureHttp => {
            "plain http is allowed only to this machine; begin it with https://".to_owned()
        }
        rule => rule.to_string(),
    }
}
