//! Tests of both transports in addition to `sdn_testkit::suite`, against scripted servers.

mod answers;
mod broken;
mod client_certificate;
mod connections;
mod cryptography;
mod native_roots;
mod proxy;
mod secrets;
mod settings;
mod tls;

use std::time::{Duration, Instant};

use sdn_proto::{
    AccessToken, ApiError, CallError, Delivery, IdAccessToken, InviteBy3pid, Node, RoomId,
    ServerName, Session, ThirdPartyId, TransportError,
};

use crate::{Client, send};

pub(crate) const ACCESS_TOKEN: &str = "syt_secret_of_the_node";
pub(crate) const ID_ACCESS_TOKEN: &str = "secret_of_the_identity_server";

pub(crate) fn session(base_url: &str) -> Session {
    Node::new(base_url).unwrap().session(AccessToken::new(ACCESS_TOKEN).unwrap())
}

pub(crate) fn invite() -> InviteBy3pid {
    InviteBy3pid::new(
        RoomId::new("!room:node.example").unwrap(),
        ThirdPartyId::email("alice@example.com").unwrap(),
        ServerName::new("id.example").unwrap(),
        IdAccessToken::new(ID_ACCESS_TOKEN).unwrap(),
    )
}

/// Sends an invitation.
pub(crate) fn try_to_invite(client: &Client, base_url: &str) -> Result<(), CallError> {
    send(client, &session(base_url), &invite())
}

/// Sends an invitation that must fail with the server's error, and returns it.
pub(crate) fn api_error(client: &Client, base_url: &str) -> ApiError {
    match try_to_invite(client, base_url).unwrap_err() {
        CallError::Api(error) => error,
        CallError::Transport(error) => panic!("no response: {}", describe(&error)),
    }
}

/// Sends an invitation that must fail with a transport's error, checks its text, and returns it.
pub(crate) fn transport_error(client: &Client, base_url: &str) -> TransportError {
    match try_to_invite(client, base_url) {
        Err(CallError::Transport(error)) => {
            check_text(&error);
            error
        }
        Err(CallError::Api(error)) => panic!("a response: {error}"),
        Ok(()) => panic!("a success"),
    }
}

#[track_caller]
pub(crate) fn assert_delivery(error: &TransportError, delivery: Delivery) {
    assert_eq!(error.delivery(), delivery, "{}", describe(error));
}

/// Returns an error and its causes, on one line.
pub(crate) fn describe(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |error| error.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

/// Checks that the text is one line that does not repeat its cause, and that it shows no token.
fn check_text(error: &TransportError) {
    let text = error.to_string();
    assert!(!text.is_empty() && !text.contains('\n'), "{text}");
    if let Some(cause) = std::error::Error::source(error) {
        assert!(!text.contains(&cause.to_string()), "{text} repeats {cause}");
    }
    let all = format!("{error:?} {error:#?} {}", describe(error));
    assert!(!all.contains(ACCESS_TOKEN) && !all.contains(ID_ACCESS_TOKEN), "{all}");
}

/// Waits until a client has put a connection back: hyper does that in a task, after the response.
pub(crate) fn pause() {
    std::thread::sleep(Duration::from_millis(50));
}

/// Runs something that must take at least `at_least`, and at most two seconds more.
pub(crate) fn timed<T>(at_least: Duration, run: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let value = run();
    let taken = start.elapsed();
    // Timers count whole milliseconds.
    assert!(taken + Duration::from_millis(20) >= at_least, "only {taken:?}");
    assert!(taken < at_least + Duration::from_secs(2), "{taken:?}");
    value
}
