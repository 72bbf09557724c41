//! The conformance data of values and invitations, over no transport at all. `conformance/README.md` says what the files mean.

mod common;

use common::{cases, response, show_error, show_request, text};
use sdn_proto::error::InvalidInput;
use sdn_proto::{
    AccessToken, Dialect, IdAccessToken, InviteBy3pid, InviteUser, Node, RoomId, ServerName,
    Session, ThirdPartyId, UserId,
};
use serde_json::{Value, json};

fn check_values(subject: &str, parse: impl Fn(&str) -> Result<String, InvalidInput>) {
    for case in cases(subject, "cases") {
        let input = text(&case, "input");
        match parse(input) {
            Ok(value) => assert_eq!(case["value"], value, "{subject}: {case}"),
            Err(error) => {
                assert_eq!(case["error"], error.rule().name(), "{subject}: {case}");
                let shown = error.to_string();
                assert!(shown.starts_with(error.field()) && shown.contains(": "), "{shown}");
                assert!(input.len() < 4 || !shown.contains(input), "{shown} echoes its value");
            }
        }
    }
}

#[test]
fn values() {
    check_values("room_id", |text| RoomId::new(text).map(|id| id.to_string()));
    check_values("user_id", |text| UserId::new(text).map(|id| id.to_string()));
    check_values("server_name", |text| ServerName::new(text).map(|name| name.to_string()));
    check_values("email", |text| ThirdPartyId::email(text).map(|id| id.to_string()));
    check_values("msisdn", |text| ThirdPartyId::msisdn(text).map(|id| id.to_string()));
    check_values("node_url", |text| Node::new(text).map(|node| node.to_string()));
    check_values("token", |text| AccessToken::new(text).map(|token| token.expose().to_owned()));
    check_values("token", |text| IdAccessToken::new(text).map(|token| token.expose().to_owned()));
}

#[test]
fn only_plain_http_is_what_the_insecure_constructor_takes_more() {
    for case in cases("node_url", "cases") {
        let (strict, insecure) =
            (Node::new(text(&case, "input")), Node::new_insecure(text(&case, "input")));
        match strict {
            Err(error) if error.rule().name() == "insecure_http" => {
                assert!(insecure.is_ok(), "{case}");
            }
            _ => assert_eq!(strict, insecure, "{case}"),
        }
    }
}

fn session(case: &Value) -> Result<Session, InvalidInput> {
    let dialect: Dialect = text(case, "dialect").parse()?;
    let node = Node::new(text(case, "node"))?.with_dialect(dialect);
    Ok(node.session(AccessToken::new(text(case, "access_token"))?))
}

fn check_requests(
    subject: &str,
    build: impl Fn(&Value) -> Result<http::Request<bytes::Bytes>, InvalidInput>,
) {
    for case in cases(subject, "cases") {
        match build(&case) {
            Ok(request) => {
                assert!(request.headers().contains_key("authorization"));
                assert_eq!(show_request(&request), case["request"], "{subject}: {}", case["name"]);
            }
            Err(error) => {
                let found = json!({"field": error.field(), "rule": error.rule().name()});
                assert_eq!(found, case["error"], "{subject}: {}", case["name"]);
            }
        }
    }
}

#[test]
fn requests() {
    check_requests("invite_by_3pid", |case| {
        let invite = InviteBy3pid::from_strings(
            text(case, "room_id"),
            text(case, "address"),
            text(case, "id_access_token"),
            text(case, "id_server"),
            text(case, "medium"),
        )?;
        Ok(invite.to_request(&session(case)?))
    });
    check_requests("invite_user", |case| {
        let (room_id, user_id) =
            (RoomId::new(text(case, "room_id"))?, UserId::new(text(case, "user_id"))?);
        let mut invite = InviteUser::new(room_id, user_id);
        if case.get("reason").is_some() {
            invite = invite.with_reason(text(case, "reason"));
        }
        Ok(invite.to_request(&session(case)?))
    });
}

#[test]
fn responses() {
    for case in cases("invite_response", "cases") {
        let response = response(&case);
        match InviteBy3pid::parse_response(&response) {
            Ok(()) => assert_eq!(case["ok"], true, "{}", case["name"]),
            Err(error) => {
                assert_eq!(show_error(&error, &response), case["error"], "{}", case["name"]);
            }
        }
        let both = [InviteBy3pid::parse_response(&response), InviteUser::parse_response(&response)];
        let [one, other] = both.map(|result| format!("{result:?}"));
        assert_eq!(one, other);
    }
}
