//! Both transports, as the tests use them.
#![allow(dead_code, reason = "each test uses its part")]

use std::sync::OnceLock;

use sdn_interop::{Lab, User};
use sdn_proto::flow::Flow;
use sdn_proto::identity::Terms;
use sdn_proto::{AccessToken, ApiError, Call, CallError, Dialect, Node, Session};

/// Both transports, as one thing that carries a call.
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

    /// For servers without TLS.
    pub(crate) fn plain() -> &'static Self {
        static PLAIN: OnceLock<Transports> = OnceLock::new();
        PLAIN.get_or_init(|| Self {
            runtime: tokio::runtime::Runtime::new().unwrap(),
            hyper: sdn_hyper::Client::new(),
            blocking: sdn_blocking::Client::new(),
        })
    }

    /// Carries a call; an error that is no answer fails the test.
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

    /// Runs a flow; `accept` says whether terms are accepted.
    pub(crate) fn run<F: Flow>(&self, transport: Transport, flow: F, accept: bool) -> F::Outcome {
        let on_terms = |terms: &Terms| accept.then(|| urls(terms));
        match transport {
            Transport::Hyper => self.runtime.block_on(self.hyper.run(flow, on_terms)),
            Transport::Blocking => self.blocking.run(flow, on_terms),
        }
    }
}

pub(crate) fn urls(terms: &Terms) -> Vec<String> {
    let policies = terms.policies.values();
    policies.filter_map(|policy| Some(policy.in_language("en")?.url.clone())).collect()
}

fn api<O, T: sdn_proto::TransportError>(result: Result<O, CallError<T>>) -> Result<O, ApiError> {
    result.map_err(|error| match error {
        CallError::Api(error) => error,
        CallError::Transport(error) => panic!("no answer: {error}"),
    })
}

/// Who a user is to a node.
pub(crate) fn session(url: &str, dialect: Dialect, user: &User) -> Session {
    let node = Node::new(url).unwrap().with_dialect(dialect);
    node.session(AccessToken::new(&user.token).unwrap())
}
