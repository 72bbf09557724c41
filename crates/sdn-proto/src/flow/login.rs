//! Logs in with a wallet: two flows, with the wallet's signature between them.
//!
//! ```text
//! LoginFlow:        ListDids ─► PreLogin ─► Done(Challenge)
//!
//! SignedLoginFlow:  DidLogin ─► Done(Login)
//! ```
//!
//! After a rate limit within the budget, the flow waits in the same state. Any other failed call
//! leads to `Done` with its error.

use std::time::Duration;

use bytes::Bytes;
use http::Response;

use super::rate_limit::RateLimit;
use super::{Flow, LoginError, Step};
use crate::client::{DidChallenge, DidLogin, ListDids, Login, PreLogin};
use crate::error::{InvalidInput, TransportError};
use crate::node::Node;
use crate::outgoing::Outgoing;
use crate::wallet::{Did, LoginMessage, Signature, WalletAddress};

/// Begins a login at an SDN node, from a wallet's address to the [`Challenge`] that the wallet has
/// to sign.
///
/// It asks for the wallet's DIDs, and begins the login of the first one. A wallet without a DID
/// begins with its address. The flow contains no secret.
///
/// ```
/// use sdn_proto::flow::{Challenge, Flow, LoginError, LoginFlow, SignedLoginFlow, Step};
/// use sdn_proto::{Node, Signature, WalletAddress};
///
/// # fn run<F: Flow>(mut flow: F) -> F::Outcome {
/// #     loop {
/// #         match flow.step() {
/// #             Step::Send(_) => flow.received(Err(sdn_proto::TransportErrorKind::Connect.into())),
/// #             Step::Wait(_) => flow.waited(),
/// #             Step::Done(outcome) => return outcome,
/// #         }
/// #     }
/// # }
/// # fn personal_sign(message: &str) -> String { message.to_owned() }
/// # fn log_in() -> Result<(), Box<dyn std::error::Error>> {
/// let node = Node::new("https://node.example")?;
/// let address = WalletAddress::new("0x7e5f4552091a69125d5dfcb7b8c2659029395bdf")?;
/// let challenge: Challenge = run(LoginFlow::new(node.clone(), address))?;
///
/// println!("{}", challenge.message().display());
/// let signature = Signature::new(personal_sign(challenge.message().as_str()))?;
///
/// let login = run(challenge.answer(signature)?)?;
/// println!("logged in as {}", login.user_id);
/// let session = login.session(&node);
/// # Ok(())
/// # }
/// # let error = log_in().unwrap_err();
/// # assert!(matches!(error.downcast_ref::<LoginError>(), Some(LoginError::Dids(_))), "{error}");
/// ```
#[derive(Debug, Clone)]
pub struct LoginFlow {
    node: Node,
    address: WalletAddress,
    rate_limit: RateLimit,
    state: State,
}

#[derive(Debug, Clone)]
enum State {
    ListDids(ListDids),
    PreLogin(PreLogin),
    Done(Box<Result<Challenge, LoginError>>),
}

impl LoginFlow {
    /// Begins the login of the wallet with this address.
    pub fn new(node: Node, address: WalletAddress) -> Self {
        Self {
            state: State::ListDids(ListDids::new(address.clone())),
            node,
            address,
            rate_limit: RateLimit::new(Duration::ZERO),
        }
    }

    /// Waits up to `budget` in all if the node limits the rate, also after the signature. The
    /// default is not to wait.
    #[must_use]
    pub fn with_wait_budget(mut self, budget: Duration) -> Self {
        self.rate_limit = RateLimit::new(budget);
        self
    }

    fn begin(&self, dids: Vec<Did>) -> State {
        let first = dids.into_iter().next();
        let address = || PreLogin::of_address(self.address.clone());
        State::PreLogin(first.map_or_else(address, PreLogin::new))
    }

    /// Returns what follows the response, or `None` if the flow waits.
    fn next(
        &mut self,
        sent: &Outgoing,
        response: &Result<Response<Bytes>, TransportError>,
    ) -> Option<State> {
        let failed = |error| State::Done(Box::new(Err(error)));
        Some(match &self.state {
            State::ListDids(_) => match self.rate_limit.read::<ListDids>(sent, response)? {
                Ok(dids) => self.begin(dids),
                Err(error) => failed(LoginError::Dids(error)),
            },
            State::PreLogin(_) => match self.rate_limit.read::<PreLogin>(sent, response)? {
                Ok(challenge) => self.challenged(challenge),
                Err(error) => failed(LoginError::Challenge(error)),
            },
            State::Done(_) => return None,
        })
    }

    fn challenged(&self, challenge: DidChallenge) -> State {
        State::Done(Box::new(Ok(Challenge {
            node: self.node.clone(),
            address: self.address.clone(),
            challenge,
            rate_limit: self.rate_limit.clone(),
        })))
    }
}

impl Flow for LoginFlow {
    type Outcome = Result<Challenge, LoginError>;

    fn step(&self) -> Step<Self::Outcome> {
        if let Some(delay) = self.rate_limit.delay() {
            return Step::Wait(delay);
        }
        match &self.state {
            State::ListDids(call) => Step::Send(Outgoing::new(call, &self.node)),
            State::PreLogin(call) => Step::Send(Outgoing::new(call, &self.node)),
            State::Done(outcome) => Step::Done((**outcome).clone()),
        }
    }

    fn received(&mut self, response: Result<Response<Bytes>, TransportError>) {
        let Step::Send(sent) = self.step() else { return };
        if let Some(next) = self.next(&sent, &response) {
            self.state = next;
        }
    }

    fn waited(&mut self) {
        self.rate_limit.waited();
    }
}

/// A message that a node asks a wallet to sign.
///
/// Show [`message`](Self::message) to the person, let the wallet sign it, and
/// [`answer`](Self::answer). If the person declines, drop the value. A node accepts one login for
/// each challenge.
#[derive(Debug, Clone)]
pub struct Challenge {
    node: Node,
    address: WalletAddress,
    challenge: DidChallenge,
    rate_limit: RateLimit,
}

impl Challenge {
    /// Returns the text to sign, with `personal_sign` and nothing else. It comes from the node.
    pub fn message(&self) -> &LoginMessage {
        &self.challenge.message
    }

    /// Returns the DID that logs in.
    pub fn did(&self) -> &Did {
        &self.challenge.did
    }

    /// Returns the address of the wallet that has to sign.
    pub fn address(&self) -> &WalletAddress {
        &self.address
    }

    /// Returns the flow that logs in with the wallet's signature. It sends nothing yet.
    ///
    /// # Errors
    ///
    /// With the feature `wallet` the signature is checked.
    /// [`Rule::OtherSigner`](crate::Rule::OtherSigner) means that another wallet made it, or that
    /// it is of another message.
    pub fn answer(&self, signature: Signature) -> Result<SignedLoginFlow, InvalidInput> {
        #[cfg(feature = "wallet")]
        if signature.signer(self.message())? != self.address {
            return Err(InvalidInput::new(Signature::FIELD, crate::Rule::OtherSigner));
        }
        Ok(SignedLoginFlow {
            login: DidLogin::new(self.address.clone(), self.challenge.clone(), signature),
            node: self.node.clone(),
            rate_limit: self.rate_limit.clone(),
            state: SignedState::Login,
        })
    }
}

/// Ends a login at an SDN node, from a signed [`Challenge`] to the token of a new session.
///
/// A login that may have arrived is not repeated. If its outcome is unknown, the node may have
/// created a session whose token is lost. Begin another login then.
#[derive(Debug, Clone)]
pub struct SignedLoginFlow {
    node: Node,
    login: DidLogin,
    rate_limit: RateLimit,
    state: SignedState,
}

#[derive(Debug, Clone)]
enum SignedState {
    Login,
    Done(Box<Result<Login, LoginError>>),
}

impl SignedLoginFlow {
    /// Adds a signature of the same message by the app's developer key.
    #[must_use]
    pub fn with_developer_signature(self, signature: Signature) -> Self {
        Self { login: self.login.with_developer_signature(signature), ..self }
    }

    /// Logs in as a device that the user already has. Its earlier token no longer works.
    #[must_use]
    pub fn with_device_id(self, device_id: impl Into<String>) -> Self {
        Self { login: self.login.with_device_id(device_id), ..self }
    }

    /// Sets the name of a new device, which the user sees in the list of devices.
    #[must_use]
    pub fn with_initial_device_display_name(self, name: impl Into<String>) -> Self {
        Self { login: self.login.with_initial_device_display_name(name), ..self }
    }
}

impl Flow for SignedLoginFlow {
    type Outcome = Result<Login, LoginError>;

    fn step(&self) -> Step<Self::Outcome> {
        if let Some(delay) = self.rate_limit.delay() {
            return Step::Wait(delay);
        }
        match &self.state {
            SignedState::Login => Step::Send(Outgoing::new(&self.login, &self.node)),
            SignedState::Done(outcome) => Step::Done((**outcome).clone()),
        }
    }

    fn received(&mut self, response: Result<Response<Bytes>, TransportError>) {
        let Step::Send(sent) = self.step() else { return };
        if let Some(outcome) = self.rate_limit.read::<DidLogin>(&sent, &response) {
            self.state = SignedState::Done(Box::new(outcome.map_err(LoginError::of_login)));
        }
    }

    fn waited(&mut self) {
        self.rate_limit.waited();
    }
}
