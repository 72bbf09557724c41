//! Both transports, as the tests use them.
#![allow(dead_code, reason = "each test uses its part")]

use std::sync::OnceLock;

use sdn_interop::{Lab, User};
use sdn_proto::flow::{Flow, InviteFlow, PendingTerms};
use sdn_proto::{AccessToken, ApiError, Call, CallError, Dialect, Node, Session};

/// A client of each transport.
pub(crate) struct Transports {
    pub(crate) runtime: tokio::runtime::Runtime,
    pub(crate) hyper: sdn_hyper::Client,
    pub(crate) blocking: sdn_blocking::Client,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Transport {
    Hyper,
    Blocking,
}

pub(crate) const BOTH: [Transport; 2] = [Transport::Hyper, Transport::Blocking];

impl Transports {
    pub(crate) fn new(lab: &Lab) -> Self {
        let ca = lab.ca_pem();
        Self {
            runtime: tokio::runtime::Runtime::new().unwrap(),
            hyper: sdn_hyper::Client::builder().add_root_certificate(&ca).unwrap().build(),
            blocking: sdn_blocking::Client::builder().add_root_certificate(&ca).unwrap().build(),
        }
    }

    /// Returns clients for servers without TLS.
    pub(crate) fn plain() -> &'static Self {
        static PLAIN: OnceLock<Transports> = OnceLock::new();
        PLAIN.get_or_init(|| Self {
            runtime: tokio::runtime::Runtime::new().unwrap(),
            hyper: sdn_hyper::Client::new(),
            blocking: sdn_blocking::Client::new(),
        })
    }

    /// Sends a call. The test fails if there is no response.
    pub(crate) fn send<C: Call>(
        &self,
        transport: Transport,
        session: &C::Server,
        call: &C,
    ) -> Result<C::Output, ApiError> {
        match transport {
            Transport::Hyper => api(self.runtime.block_on(self.hyper.send(session, call))),
            Transport::Blocking => api(self.blocking.send(session, call)),
        }
    }

    /// Runs a flow.
    pub(crate) fn run<F: Flow>(&self, transport: Transport, flow: F) -> F::Outcome {
        match transport {
            Transport::Hyper => self.runtime.block_on(self.hyper.run(flow)),
            Transport::Blocking => self.blocking.run(flow),
        }
    }
}

/// Accepts every policy in English.
pub(crate) fn accept(pending: PendingTerms<InviteFlow>) -> InviteFlow {
    let urls = pending.terms().urls("en").unwrap();
    pending.accept(urls)
}

fn api<T>(result: Result<T, CallError>) -> Result<T, ApiError> {
    result.map_err(|error| match error {
        CallError::Api(error) => error,
        CallError::Transport(error) => panic!("no response: {error}"),
    })
}

/// Returns the session of a user at a node.
pub(crate) fn session(url: &str, dialect: Dialect, user: &User) -> Session {
    let node = Node::new(url).unwrap().with_dialect(dialect);
    node.session(AccessToken::new(&user.token).unwrap())
}
