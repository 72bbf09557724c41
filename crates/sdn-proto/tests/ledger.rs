//! Every state of an invitation with every step.

use sdn_proto::InviteStatus::{Invited, NotSent, Refused, Unknown};
use sdn_proto::ledger::{Decision, NotAllowed, State};
use sdn_proto::{InviteStatus, Rule};

const STATUSES: [InviteStatus; 4] = [Invited, Refused, NotSent, Unknown];

#[test]
fn state_is_its_word_everywhere() {
    let words = ["new", "sending", "invited", "refused", "not_sent", "unknown", "settled", "retry"];
    assert_eq!(State::ALL.map(State::as_str), words);
    for state in State::ALL {
        let word = state.as_str();
        assert_eq!(state.to_string(), word);
        assert_eq!(word.parse(), Ok(state));
        let json = serde_json::to_string(&state).unwrap();
        assert_eq!(json, format!("{word:?}"));
        assert_eq!(serde_json::from_str::<State>(&json).unwrap(), state);
        assert_eq!(serde_json::from_value::<State>(word.into()).unwrap(), state);
    }
    for other in ["Sending", "ended", "notsent", " new", ""] {
        let error = other.parse::<State>().unwrap_err();
        assert_eq!((error.field(), error.rule()), ("state", Rule::UnknownWord), "{other}");
        assert!(serde_json::from_str::<State>(&format!("{other:?}")).is_err(), "{other}");
    }
    for other in ["0", "null", "[]", "{}"] {
        assert!(serde_json::from_str::<State>(other).is_err(), "{other}");
    }
}

#[test]
fn decision_is_a_word_of_json() {
    for (decision, json) in [(Decision::Settle, r#""settle""#), (Decision::Retry, r#""retry""#)] {
        assert_eq!(serde_json::to_string(&decision).unwrap(), json);
        assert_eq!(serde_json::from_str::<Decision>(json).unwrap(), decision);
    }
}

#[test]
fn every_step_has_its_result() {
    let settled = Ok(State::Settled);
    let retry = Ok(State::Retry);
    let begun = Ok(State::Sending);
    for (state, begin, settle, again, status) in [
        (State::New, begun, settled, Err(NotAllowed::New), Some(NotSent)),
        (
            State::Sending,
            Err(NotAllowed::Sending),
            Err(NotAllowed::Sending),
            Err(NotAllowed::Sending),
            Some(Unknown),
        ),
        (
            State::Ended(Invited),
            Err(NotAllowed::Invited),
            Err(NotAllowed::Invited),
            Err(NotAllowed::Invited),
            Some(Invited),
        ),
        (State::Ended(Refused), Err(NotAllowed::Refused), settled, retry, Some(Refused)),
        (State::Ended(NotSent), begun, settled, retry, Some(NotSent)),
        (State::Ended(Unknown), Err(NotAllowed::Unknown), settled, retry, Some(Unknown)),
        (State::Settled, Err(NotAllowed::Settled), settled, retry, None),
        (State::Retry, begun, settled, retry, Some(NotSent)),
    ] {
        assert_eq!(state.begin(), begin, "{state}");
        assert_eq!(state.may_be_sent(), begin.is_ok(), "{state}");
        assert_eq!(state.decide(Decision::Settle), settle, "{state}");
        assert_eq!(state.decide(Decision::Retry), again, "{state}");
        assert_eq!(state.status(), status, "{state}");
    }
}

#[test]
fn outcome_needs_a_request_under_way() {
    for state in State::ALL {
        for status in STATUSES {
            let expected = match state {
                State::Sending | State::Ended(Unknown) => Ok(State::Ended(status)),
                _ => Err(NotAllowed::NotSending),
            };
            assert_eq!(state.finish(status), expected, "{state} {status}");
        }
    }
}

#[test]
fn resume_makes_only_sending_unknown() {
    for state in State::ALL {
        let expected = if state == State::Sending { State::Ended(Unknown) } else { state };
        assert_eq!(state.resume(), expected);
        assert_eq!(state.resume().status(), state.status());
    }
}

#[test]
fn person_decides_what_program_cannot() {
    let open: Vec<_> = State::ALL.into_iter().filter(|state| state.needs_decision()).collect();
    assert_eq!(open, [State::Ended(Refused), State::Ended(Unknown)]);
    // Everything else is sent, is being sent, or has ended.
    for state in State::ALL {
        let is_over = matches!(state, State::Ended(Invited) | State::Settled);
        let is_next =
            [state.may_be_sent(), state.needs_decision(), state == State::Sending, is_over];
        assert_eq!(is_next.into_iter().filter(|&is| is).count(), 1, "{state}");
    }
}

#[test]
fn reason_says_what_to_do() {
    for (reason, text) in [
        (NotAllowed::Sending, "being sent; wait for the outcome"),
        (NotAllowed::Invited, "invited already; do not send a second invitation"),
        (NotAllowed::Refused, "refused before, perhaps after a mail; look at the room and decide"),
        (NotAllowed::Unknown, "perhaps invited already; look at the room and decide"),
        (NotAllowed::Settled, "settled by a person; decide to retry it before it is sent"),
        (NotAllowed::New, "not sent before; send it without a decision"),
        (NotAllowed::NotSending, "no request is under way; keep the recorded state"),
    ] {
        assert_eq!(reason.to_string(), text);
    }
}
