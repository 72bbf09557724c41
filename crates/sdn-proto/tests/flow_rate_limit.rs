//! A rate limit at any call of any flow.

mod support;

use std::fmt::Debug;
use std::time::Duration;

use sdn_proto::flow::{
    AcceptFlow, DiscoverFlow, Flow, IdentityServerAt, InviteError, InviteFlow, LoginFlow,
    RegisterError, RegisterFlow, RevokeFlow,
};
use sdn_proto::http::Response;
use sdn_proto::id::InviteToken;
use sdn_proto::secret::InvitePrivateKey;
use sdn_proto::{IdentityServer, Node, Signature, ThirdPartyId, WalletAddress};
use support::*;

/// Enough for one wait of seven seconds.
const BUDGET: Duration = Duration::from_secs(13);

const SERVERS: Reply =
    Reply::Response(200, r#"{"m.identity_server":{"base_url":"https://id.example"}}"#);
const MOVED: Reply = Redirect(301, "https://example.com/moved");
const OPEN_ID_TOKEN: Reply = Reply::Response(
    200,
    r#"{"access_token":"oid","token_type":"Bearer","matrix_server_name":"node.example","expires_in":3600}"#,
);
const TOKEN: Reply = Reply::Response(200, r#"{"token":"new"}"#);
const UNEXPLAINED: Reply = Reply::Response(500, r#"{"errcode":"M_UNKNOWN","error":"no"}"#);
const DETAILS: Reply =
    Reply::Response(200, r#"{"algorithms":["sha256"],"lookup_pepper":"matrixrocks"}"#);
const NOT_BOUND: Reply = Reply::Response(200, r#"{"mappings":{}}"#);
const NO_STATE: Reply = Reply::Response(200, "[]");
const SIGNED: Reply = Reply::Response(
    200,
    r#"{"mxid":"@alice:node.example","sender":"@bob:node.example","token":"tok","signatures":{}}"#,
);
const JOINED: Reply = Reply::Response(200, r#"{"room_id":"!a:node.example"}"#);
const PENDING: Reply = Reply::Response(
    200,
    r#"{"display_name":"c","key_validity_url":"https://id.example/v","public_key":"8pgak8t7Ryft5xAuIlcHhereoJ7upIr5ku9i6nawnnM"}"#,
);
const NO_DID: Reply = Reply::Response(200, r#"{"data":null}"#);
const CHALLENGE: Reply = Reply::Response(
    200,
    r#"{"did":"did:sdn:7e5f4552091a69125d5dfcb7b8c2659029395bdf","message":"hello","updated":"u"}"#,
);
const LOGGED_IN: Reply =
    Reply::Response(200, r#"{"access_token":"LOGIN_SECRET","user_id":"@sdn_a:a"}"#);
const SIGNATURE: &str = "0xe5ddc160e4c8f92de507c7db9b982d4f9b7197bfa421864aeadc586bc96b09ae0ba0c5b131650ae4994cff1839341d00f3735ef5abc62ac8fe2cf50f65208e2a1b";

/// Runs a flow with the replies, and again with a rate limit before each of them. The flow waits,
/// sends the same request again, and ends as it did without the rate limit.
fn check<F: Flow + Clone>(flow: &F, replies: &[Reply])
where
    F::Outcome: Debug,
{
    let (plain, outcome) = drive(flow.clone(), replies);
    assert_eq!(plain.len(), replies.len(), "a step for each reply");
    for at in 0..replies.len() {
        let mut limited = replies.to_vec();
        limited.insert(at, Limited);
        let mut steps = plain.clone();
        steps.splice(at..at, [plain[at].clone(), WAIT.to_owned()]);
        let (sent, limited) = drive(flow.clone(), &limited);
        assert_eq!(sent, steps);
        assert_eq!(shown(&limited), shown(&outcome), "after {sent:?}");
    }
}

/// Returns an outcome without the budget that is left for the flow that continues.
fn shown(outcome: &impl Debug) -> String {
    let shown = format!("{outcome:?}");
    shown.split(", rate_limit: ").next().unwrap().to_owned()
}

/// Checks that all calls share one budget.
fn check_budget<F: Flow>(flow: F, replies: &[Reply])
where
    F::Outcome: Debug,
{
    let (steps, _) = drive(flow, replies);
    assert_eq!(steps.iter().filter(|step| *step == WAIT).count(), 1, "{steps:?}");
}

fn domain() -> Node {
    Node::new("https://example.com").unwrap()
}

fn register(at: impl Into<IdentityServerAt>) -> RegisterFlow {
    RegisterFlow::new(session(), at).with_wait_budget(BUDGET)
}

fn invite(at: impl Into<IdentityServerAt>) -> InviteFlow {
    let bob = ThirdPartyId::email("bob@example.com").unwrap();
    InviteFlow::new(session(), room_id(), bob, at).with_wait_budget(BUDGET)
}

fn accept() -> AcceptFlow {
    AcceptFlow::signed_by_server(
        session(),
        IdentityServer::at(&id_server()).session(id_token()),
        room_id(),
        InviteToken::new("tok").unwrap(),
        InvitePrivateKey::new("Dw9c7m9I2epmukp8VXMtQz9k7C23UzTTxI9kT8EtZ4E").unwrap(),
    )
}

fn revoke() -> RevokeFlow {
    RevokeFlow::new(session(), room_id(), InviteToken::new("tok").unwrap())
}

#[test]
fn discovery_waits_at_each_redirect() {
    let flow = DiscoverFlow::new(domain()).with_wait_budget(BUDGET);
    check(&flow, &[MOVED, SERVERS]);
    check_budget(flow, &[Limited, MOVED, Limited]);
}

#[test]
fn registration_waits_at_each_call() {
    let replies = [MOVED, SERVERS, ME, OPEN_ID_TOKEN, TOKEN, ME];
    check(&register(domain()), &replies);
    check(&register(id_server()).with_id_access_token(id_token()), &[REJECTED, ME, FORBIDDEN]);
    check_budget(register(id_server()), &[ME, Limited, OPEN_ID_TOKEN, Limited]);

    let unsigned = [ME, OPEN_ID_TOKEN, TOKEN, UNSIGNED, POLICIES];
    check(&register(id_server()), &unsigned);
    let (_, outcome) = drive(register(id_server()), &unsigned);
    let Err(RegisterError::Terms(pending)) = outcome else { panic!("{outcome:?}") };
    check(&pending.accept(vec!["https://id.example/p".to_owned()]), &[DONE, ME]);
}

#[test]
fn invitation_waits_at_each_call() {
    let replies = [SERVERS, ME, OPEN_ID_TOKEN, TOKEN, ME, DONE];
    check(&invite(domain()), &replies);
    let with_token = invite(id_server()).with_id_access_token(id_token());
    check(&with_token.clone().with_room_check(), &[ME, NO_STATE, UNKNOWN, NO_STATE]);
    check(&with_token.clone().with_room_check(), &[ME, NO_STATE, DONE]);
    check(&with_token.clone().with_probe(), &[UNEXPLAINED, ME, DETAILS, NOT_BOUND, FORBIDDEN]);
    check(&with_token.clone(), &[UNEXPLAINED, REJECTED, ME, OPEN_ID_TOKEN, TOKEN, ME, DONE]);
    // One wait in the registration uses the budget of the invitation.
    check_budget(invite(id_server()), &[ME, OPEN_ID_TOKEN, Limited, TOKEN, ME, Limited]);

    let unsigned = [UNEXPLAINED, UNSIGNED, POLICIES];
    check(&with_token, &unsigned);
    let (_, outcome) = drive(with_token, &unsigned);
    let Err(InviteError::Terms(pending)) = outcome else { panic!("{outcome:?}") };
    check(&pending.accept(vec!["https://id.example/p".to_owned()]), &[DONE, ME, DONE]);
}

#[test]
fn acceptance_waits_at_each_call() {
    let flow = accept().with_wait_budget(BUDGET);
    check(&flow, &[ME, SIGNED, JOINED]);
    check_budget(flow, &[Limited, ME, Limited]);
}

#[test]
fn revocation_waits_at_each_call() {
    let flow = revoke().with_wait_budget(BUDGET);
    check(&flow, &[PENDING, UNKNOWN, DONE]);
    check_budget(flow, &[Limited, PENDING, Limited]);
}

#[test]
fn login_waits_at_each_call() {
    let address = WalletAddress::new("0x7e5f4552091a69125d5dfcb7b8c2659029395bdf").unwrap();
    let flow = LoginFlow::new(domain(), address).with_wait_budget(BUDGET);
    check(&flow, &[NO_DID, CHALLENGE]);
    let (_, outcome) = drive(flow, &[NO_DID, CHALLENGE]);
    let signed = outcome.unwrap().answer(Signature::new(SIGNATURE).unwrap()).unwrap();
    check(&signed, &[LOGGED_IN]);
    check_budget(signed, &[Limited, Limited]);
}

#[test]
fn default_budget_allows_no_wait() {
    assert!(drive(DiscoverFlow::new(domain()), &[Limited]).1.is_err());
    assert!(drive(RegisterFlow::new(session(), id_server()), &[Limited]).1.is_err());
    assert!(drive(accept(), &[Limited]).1.is_err());
    assert!(drive(revoke(), &[Limited]).1.is_err());
}

#[test]
fn waiting_flow_ignores_responses() {
    let mut flow = register(id_server());
    Limited.pass_to(&mut flow);
    let waiting = format!("{:?}", flow.step());
    assert!(waiting.starts_with("Wait(7s"), "{waiting}");
    flow.received(Ok(Response::new(r#"{"user_id":"@eve:node.example"}"#.into())));
    assert_eq!(format!("{:?}", flow.step()), waiting);
    flow.waited();
    assert_eq!(drive(flow, &[FORBIDDEN]).0, [WHOAMI]);
}
