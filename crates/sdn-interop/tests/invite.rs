//! Invitations over both transports, at real servers: under `/_api/` and `/_matrix/`, plain and over TLS.

mod common;

use std::time::{Duration, Instant};

use sdn_interop::{
    DEAD, ID_A, Lab, NODE_A, NODE_A_API, NODE_A_API_TLS, NODE_B, NODE_B_API, User, invitation_mail,
    mails_to, unique_address,
};
use sdn_proto::{
    ApiError, ApiErrorKind, Delivery, Dialect, ErrorCode, IdAccessToken, InviteBy3pid, InviteUser,
    RetryAfter, RoomId, ServerName, Session, ThirdPartyId, UserId,
};
use serde_json::json;

use crate::common::{BOTH, Transports, session};

fn invite(room: &str, address: &str, id_server: &str, id_token: &str) -> InviteBy3pid {
    InviteBy3pid::new(
        RoomId::new(room).unwrap(),
        ThirdPartyId::email(address).unwrap(),
        ServerName::new(id_server).unwrap(),
        IdAccessToken::new(id_token).unwrap(),
    )
}

#[test]
#[ignore = "needs the real servers: .ci/run interop"]
fn invitation_arrives_over_both_transports() {
    let lab = Lab::start();
    let transports = Transports::new(lab);
    let alice = lab.register(NODE_A, "alice");
    let bob = lab.register(NODE_A, "bob");
    let id_token = lab.register_identity(&alice, ID_A);
    let bobs_address = unique_address("bob");
    lab.bind(&bob, ID_A, &bobs_address);

    for (url, dialect) in
        [(NODE_A, Dialect::Matrix), (NODE_A_API, Dialect::Sdn), (NODE_A_API_TLS, Dialect::Sdn)]
    {
        for transport in BOTH {
            let case = format!("{transport:?} at {url}");
            let session = session(url, dialect, &alice);

            let room = lab.create_room(&alice);
            let address = unique_address("carol");
            transports
                .send(transport, &session, &invite(&room, &address, ID_A, &id_token))
                .expect(&case);
            let mail = invitation_mail(lab, &address);
            assert_eq!((&mail["room_id"], &mail["sender"]), (&room, &alice.id), "{case}");
            let event = lab.state_event(&alice, &room, "m.room.third_party_invite", &mail["token"]);
            assert!(event.is_some(), "{case}");

            transports
                .send(transport, &session, &invite(&room, &bobs_address, ID_A, &id_token))
                .expect(&case);
            let event = lab.state_event(&alice, &room, "m.room.member", &bob.id).expect(&case);
            assert_eq!(event["content"]["membership"], "invite", "{case}");

            let room = lab.create_room(&alice);
            let by_id = InviteUser::new(RoomId::new(&room).unwrap(), UserId::new(&bob.id).unwrap());
            transports
                .send(transport, &session, &by_id.with_reason("come \"in\" 🦀"))
                .expect(&case);
            let event = lab.state_event(&alice, &room, "m.room.member", &bob.id).expect(&case);
            assert_eq!(event["content"]["membership"], "invite", "{case}");
            assert_eq!(event["content"]["reason"], "come \"in\" 🦀", "{case}");
        }
    }
}

fn assert_refused(error: &ApiError, status: u16, code: ErrorCode, case: &str) {
    assert_eq!(error.kind(), ApiErrorKind::Refused, "{case}: {error}");
    assert_eq!((error.status().as_u16(), error.code()), (status, Some(&code)), "{case}: {error}");
    assert!(error.message().is_some_and(|message| !message.is_empty()), "{case}");
}

#[test]
#[ignore = "needs the real servers: .ci/run interop"]
fn refusals_keep_status_and_code() {
    let lab = Lab::start();
    let transports = Transports::new(lab);
    let alice = lab.register(NODE_A, "alice");
    let bob = lab.register(NODE_A, "bob");
    let carol = lab.register(NODE_A, "carol");
    let erin = lab.register(NODE_A, "erin");
    let id_token = lab.register_identity(&alice, ID_A);
    let bobs_id_token = lab.register_identity(&bob, ID_A);
    let room = lab.create_room(&alice);
    lab.in_room(&alice, &room, "ban", &json!({"user_id": carol.id}));

    for transport in BOTH {
        let session_of = |user: &User| session(NODE_A_API, Dialect::Sdn, user);
        let by_mail = |session: &Session, id_server: &str, id_token: &str| {
            let invite = invite(&room, &unique_address("dave"), id_server, id_token);
            transports.send(transport, session, &invite).unwrap_err()
        };
        let by_id = |session: &Session, user: &User| {
            let invite =
                InviteUser::new(RoomId::new(&room).unwrap(), UserId::new(&user.id).unwrap());
            transports.send(transport, session, &invite).unwrap_err()
        };
        let alices = session_of(&alice);

        let error = by_mail(&session_of(&bob), ID_A, &bobs_id_token);
        assert_refused(&error, 403, ErrorCode::Forbidden, "not a member");
        let error = by_id(&session_of(&bob), &erin);
        assert_refused(&error, 403, ErrorCode::Forbidden, "not a member, by user ID");
        let nobody = User { token: "no_such_token".to_owned(), ..alice.clone() };
        let error = by_mail(&session_of(&nobody), ID_A, &id_token);
        assert_refused(&error, 401, ErrorCode::UnknownToken, "wrong token");
        let error = by_mail(&alices, ID_A, "no_such_token");
        assert_refused(&error, 500, ErrorCode::Unknown, "bad id_access_token");
        let error = by_mail(&alices, DEAD, &id_token);
        assert_refused(&error, 500, ErrorCode::Unknown, "unreachable identity server");
        let error = by_id(&alices, &carol);
        assert_refused(&error, 403, ErrorCode::BadState, "banned");
        let error = by_id(&alices, &alice);
        assert_refused(&error, 403, ErrorCode::Forbidden, "already joined");
    }
}

#[test]
#[ignore = "needs the real servers: .ci/run interop"]
fn rate_limit_has_its_delay() {
    let lab = Lab::start();
    let transports = Transports::new(lab);
    for transport in BOTH {
        let alice = lab.register(NODE_B, "alice");
        let room = lab.create_room(&alice);
        let id_token = lab.register_identity(&alice, ID_A);
        let session = session(NODE_B_API, Dialect::Sdn, &alice);
        let mut refused = None;
        for _ in 0..10 {
            let invite = invite(&room, &unique_address("erin"), ID_A, &id_token);
            if let Err(error) = transports.send(transport, &session, &invite) {
                refused = Some(error);
                break;
            }
        }
        let error = refused.expect("stock limits allow five in a row");
        assert_refused(&error, 429, ErrorCode::LimitExceeded, "rate limit");
        let Some(RetryAfter::Delay(delay)) = error.retry_after() else { panic!("{error:?}") };
        assert!((Duration::from_secs(60)..Duration::from_secs(600)).contains(&delay), "{delay:?}");
    }
}

#[test]
#[ignore = "needs the real servers: .ci/run interop"]
fn missing_node_is_not_sent() {
    let lab = Lab::start();
    let transports = Transports::new(lab);
    let alice = User { node: NODE_A, id: "@alice:localhost".to_owned(), token: "t".to_owned() };
    let session = session(&format!("http://{DEAD}"), Dialect::Sdn, &alice);
    let address = unique_address("frank");
    let call = invite("!a:b", &address, ID_A, "id_token");
    let start = Instant::now();
    let hyper = transports.runtime.block_on(transports.hyper.send(&session, &call)).unwrap_err();
    assert_eq!(hyper.delivery(), Delivery::NotSent, "{hyper}");
    let blocking = transports.blocking.send(&session, &call).unwrap_err();
    assert_eq!(blocking.delivery(), Delivery::NotSent, "{blocking}");
    assert!(start.elapsed() < Duration::from_secs(5));
    assert!(mails_to(lab, &address).is_empty());
}
