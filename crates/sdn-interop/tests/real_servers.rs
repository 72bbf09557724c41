//! A third-party invitation at real servers, over both transports: from an access token to the
//! invitee's join.
//!
//! The verifier of `sdn-proto` checks every proof, and every failure gets a diagnosis.

mod common;

use std::thread;
use std::time::Duration;

use sdn_interop::{
    DEAD, ID_A, ID_A_API, ID_B, JUNK, Lab, NODE_A, NODE_A_API, PASSWORD, User, invitation_mail,
    mails_to, unique, unique_address, validation_token,
};
use sdn_proto::client::{
    CreateRoom, GetInvites, GetLoginFlows, JoinRoom, JoinedRooms, Kick, LogOut, PasswordLogin,
    PendingInvite, RequestOpenIdToken, ResolveAlias, WhoAmI,
};
use sdn_proto::flow::{
    AcceptError, AcceptFlow, Diagnosis, IdentityServerAt, InviteError, InviteFlow, RevokeFlow,
    Revoked,
};
use sdn_proto::id::{InviteToken, KeyId, RoomAlias};
use sdn_proto::identity::{
    Bind, GetHashDetails, GetPublicKey, HashDetails, Lookup, Register, RequestEmailToken,
    SubmitEmailToken,
};
use sdn_proto::secret::{ClientSecret, InvitePrivateKey, Password, ValidationToken};
use sdn_proto::signed::{Association, InvalidProof, SignedInvite};
use sdn_proto::{
    ApiErrorKind, Dialect, ErrorCode, IdAccessToken, IdentityServer, IdentitySession, Medium, Node,
    RoomId, ServerName, Session, ThirdPartyId, UserId,
};
use serde_json::{Value, json};

use crate::common::{BOTH, Transport, Transports, accept, session};

/// A node and an identity server of one dialect.
struct Place {
    node: &'static str,
    identity: String,
    dialect: Dialect,
}

fn places() -> [Place; 2] {
    [
        Place { node: NODE_A, identity: format!("https://{ID_A}"), dialect: Dialect::Matrix },
        Place { node: NODE_A_API, identity: format!("https://{ID_A_API}"), dialect: Dialect::Sdn },
    ]
}

impl Place {
    fn session(&self, user: &User) -> Session {
        session(self.node, self.dialect, user)
    }

    fn identity_server(&self) -> IdentityServer {
        IdentityServer::new(&self.identity).unwrap().with_dialect(self.dialect)
    }

    /// Returns an invitation that starts from the access token and the identity server's place.
    fn invite(&self, user: &User, room: &RoomId, address: &str) -> InviteFlow {
        let third_party_id = ThirdPartyId::email(address).unwrap();
        let name = ServerName::new(ID_A).unwrap();
        let at = IdentityServerAt::Server { name, base: self.identity_server() };
        InviteFlow::new(self.session(user), room.clone(), third_party_id, at)
    }
}

/// Registers a user at the identity server with the calls of `sdn-proto`.
fn register(
    transports: &Transports,
    transport: Transport,
    place: &Place,
    user: &User,
) -> IdentitySession {
    let call = RequestOpenIdToken::new(UserId::new(&user.id).unwrap());
    let open_id = transports.send(transport, &place.session(user), &call).unwrap();
    let server = place.identity_server();
    let token = transports.send(transport, &server, &Register::new(open_id)).unwrap();
    server.session(token)
}

/// Validates an address by its mail and binds it to the user, with the calls of `sdn-proto`.
fn bind(
    lab: &Lab,
    transports: &Transports,
    transport: Transport,
    session: &IdentitySession,
    user: &User,
    address: &str,
) -> Association {
    let secret = ClientSecret::new(unique("secret")).unwrap();
    let request = RequestEmailToken::new(secret.clone(), address, 1);
    let sid = transports.send(transport, session, &request).unwrap();
    let wrong = ValidationToken::new("wrong").unwrap();
    let submit = SubmitEmailToken::new(secret.clone(), sid.clone(), wrong);
    let error = transports.send(transport, session, &submit).unwrap_err();
    assert_eq!(error.kind(), ApiErrorKind::Unsuccessful, "{error}");
    let token = ValidationToken::new(validation_token(lab, address)).unwrap();
    let submit = SubmitEmailToken::new(secret.clone(), sid.clone(), token);
    transports.send(transport, session, &submit).unwrap();
    let bind = Bind::new(secret, sid, UserId::new(&user.id).unwrap());
    transports.send(transport, session, &bind).unwrap()
}

fn pending(
    transports: &Transports,
    transport: Transport,
    session: &Session,
    room: &RoomId,
    token: &str,
) -> PendingInvite {
    let invites = transports.send(transport, session, &GetInvites::new(room.clone())).unwrap();
    invites
        .pending
        .into_iter()
        .find(|invite| invite.token.as_str() == token)
        .expect("the invitation")
}

/// Waits for an invite, because the identity server notifies the node of a binding only after its
/// response.
fn member_event(lab: &Lab, alice: &User, room: &RoomId, user_id: &str) -> Value {
    for _ in 0..100 {
        if let Some(event) = lab.state_event(alice, room.as_str(), "m.room.member", user_id) {
            return event;
        }
        thread::sleep(Duration::from_millis(100));
    }
    panic!("no invite of {user_id} within ten seconds");
}

/// Checks that the verifier refuses every way to tamper with a proof, each with its reason.
fn assert_tampering_is_refused(proof: &SignedInvite, pending: &PendingInvite, mxid: &UserId) {
    let altered = |key: &str, value: &str| -> SignedInvite {
        let mut object = proof.object().clone();
        object.insert(key.to_owned(), value.into());
        serde_json::from_value(Value::Object(object)).unwrap()
    };
    let mallory = UserId::new("@mallory:node.example").unwrap();
    assert_eq!(
        altered("mxid", mallory.as_str()).verify(pending, &mallory),
        Err(InvalidProof::WrongSignature)
    );
    assert_eq!(altered("token", "other").verify(pending, mxid), Err(InvalidProof::OtherToken));
    assert_eq!(altered("extra", "member").verify(pending, mxid), Err(InvalidProof::WrongSignature));
    assert_eq!(proof.verify(pending, &mallory), Err(InvalidProof::OtherUser));
    let unsigned: SignedInvite = serde_json::from_value(
        serde_json::json!({"mxid": mxid, "token": pending.token, "signatures": {}}),
    )
    .unwrap();
    assert_eq!(unsigned.verify(pending, mxid), Err(InvalidProof::NotSigned));
}

#[test]
#[ignore = "needs the real servers: .ci/run interop"]
fn bound_address_leads_to_the_join() {
    let lab = Lab::start();
    let transports = Transports::new(lab);
    let alice = lab.register(NODE_A, "alice");
    for place in places() {
        for transport in BOTH {
            let room = RoomId::new(lab.create_room(&alice)).unwrap();
            let address = unique_address("carol");
            let invited = transports.run(transport, place.invite(&alice, &room, &address)).unwrap();
            assert_eq!(invited.id_server.as_str(), ID_A);
            let token = invitation_mail(lab, &address)["token"].clone();
            let alices = place.session(&alice);
            let pending = pending(&transports, transport, &alices, &room, &token);

            let carol = lab.register(NODE_A, "carol");
            let carols_id = UserId::new(&carol.id).unwrap();
            let id_session = register(&transports, transport, &place, &carol);
            let association = bind(lab, &transports, transport, &id_session, &carol, &address);
            let key_id = KeyId::new("ed25519:0").unwrap();
            let key = GetPublicKey::new(key_id.clone());
            let key = transports.send(transport, &place.identity_server(), &key).unwrap();
            association.verify(ID_A, &key_id, &key).expect("the identity server signed it");
            let [waiting] = association.invites() else { panic!("{association:?}") };
            waiting.signed.verify(&pending, &carols_id).expect("a proof");
            assert_tampering_is_refused(&waiting.signed, &pending, &carols_id);

            let event = member_event(lab, &alice, &room, &carol.id);
            let proof = &event["content"]["third_party_invite"]["signed"];
            let proof: SignedInvite = serde_json::from_value(proof.clone()).unwrap();
            assert_eq!(event["sender"], pending.sender.as_str());
            proof.verify(&pending, &carols_id).expect("the proof in the member event");

            let accept = AcceptFlow::pending(place.session(&carol), waiting.clone());
            assert_eq!(transports.run(transport, accept).expect("a join"), room);
            let event = lab.state_event(&alice, room.as_str(), "m.room.member", &carol.id).unwrap();
            assert_eq!(event["content"]["membership"], "join");
        }
    }
}

#[test]
#[ignore = "needs the real servers: .ci/run interop"]
fn mail_accepts_unless_revoked_or_tampered() {
    let lab = Lab::start();
    let transports = Transports::new(lab);
    let alice = lab.register(NODE_A, "alice");
    for place in places() {
        for transport in BOTH {
            let room = RoomId::new(lab.create_room(&alice)).unwrap();
            let invite = |name: &str| {
                let address = unique_address(name);
                transports.run(transport, place.invite(&alice, &room, &address)).unwrap();
                let mail = invitation_mail(lab, &address);
                let token = InviteToken::new(&mail["token"]).unwrap();
                let key = InvitePrivateKey::new(&mail["ephemeral_private_key"]).unwrap();
                (token, key, UserId::new(&mail["sender"]).unwrap())
            };
            let id_server = || ServerName::new(ID_A).unwrap();

            let (token, key, _) = invite("dave");
            let dave = lab.register(NODE_A, "dave");
            let id_session = register(&transports, transport, &place, &dave);
            let accept = AcceptFlow::signed_by_server(
                place.session(&dave),
                id_session,
                room.clone(),
                token,
                key,
            );
            assert_eq!(transports.run(transport, accept).expect("signed by the server"), room);

            let (token, key, sender) = invite("erin");
            let erin = lab.register(NODE_A, "erin");
            let accept = AcceptFlow::signed_locally(
                place.session(&erin),
                id_server(),
                room.clone(),
                Some(sender),
                token,
                key,
            );
            assert_eq!(transports.run(transport, accept).expect("signed locally"), room);

            let (token, key, sender) = invite("frank");
            let frank = lab.register(NODE_A, "frank");
            let franks_id = UserId::new(&frank.id).unwrap();
            let signed = SignedInvite::sign(
                franks_id.clone(),
                Some(sender.clone()),
                token.clone(),
                &id_server(),
                &key,
            );
            let mut object = signed.object().clone();
            object.insert("sender".to_owned(), frank.id.as_str().into());
            let tampered: SignedInvite = serde_json::from_value(Value::Object(object)).unwrap();
            let join = JoinRoom::new(room.clone()).with_third_party_signed(tampered);
            let error = transports.send(transport, &place.session(&frank), &join).unwrap_err();
            assert_eq!(
                error.code(),
                Some(&ErrorCode::Forbidden),
                "the node refuses it too: {error}"
            );

            let revoke = || RevokeFlow::new(place.session(&alice), room.clone(), token.clone());
            assert_eq!(transports.run(transport, revoke()).unwrap(), Revoked::Now);
            assert_eq!(transports.run(transport, revoke()).unwrap(), Revoked::Before);
            let nothing = RevokeFlow::new(
                place.session(&alice),
                room.clone(),
                InviteToken::new("nothing").unwrap(),
            );
            assert_eq!(transports.run(transport, nothing).unwrap(), Revoked::NotFound);
            let get = GetInvites::new(room.clone());
            let left = transports.send(transport, &place.session(&alice), &get).unwrap();
            assert!(left.pending.iter().all(|invite| invite.token != token));
            let accept = AcceptFlow::signed_locally(
                place.session(&frank),
                id_server(),
                room.clone(),
                Some(sender),
                token,
                key,
            );
            let error = transports.run(transport, accept).unwrap_err();
            assert!(matches!(error, AcceptError::Refused(_)), "{error}");
        }
    }
}

/// Returns an invitation with identity server `b`, which has terms.
fn invite_with_terms(alice: &User, room: &RoomId, address: &str) -> InviteFlow {
    InviteFlow::new(
        session(NODE_A, Dialect::Matrix, alice),
        room.clone(),
        ThirdPartyId::email(address).unwrap(),
        ServerName::new(ID_B).unwrap(),
    )
}

#[test]
#[ignore = "needs the real servers: .ci/run interop"]
fn terms_end_the_flow_until_accepted() {
    let lab = Lab::start();
    let transports = Transports::new(lab);
    for transport in BOTH {
        let alice = lab.register(NODE_A, "alice");
        let room = RoomId::new(lab.create_room(&alice)).unwrap();
        let address = unique_address("grace");
        let error =
            transports.run(transport, invite_with_terms(&alice, &room, &address)).unwrap_err();
        assert!(matches!(error, InviteError::Terms(_)), "{error}");
        // The user of this token has not accepted. The node fails without a reason, and the
        // diagnosis reports the reason.
        let id_token = IdAccessToken::new(lab.register_identity(&alice, ID_B)).unwrap();
        let flow = invite_with_terms(&alice, &room, &address).with_id_access_token(id_token);
        let error = transports.run(transport, flow).unwrap_err();
        let InviteError::Terms(pending) = error else { panic!("{error}") };
        assert!(mails_to(lab, &address).is_empty());
        transports.run(transport, accept(pending)).expect("terms accepted");
        invitation_mail(lab, &address);
    }
}

#[test]
#[ignore = "needs the real servers: .ci/run interop"]
fn lookup_finds_bound_user() {
    let lab = Lab::start();
    let transports = Transports::new(lab);
    let bob = lab.register(NODE_A, "bob");
    let address = unique_address("bob");
    lab.bind(&bob, ID_A, &address);
    for place in places() {
        for transport in BOTH {
            let id_session = register(&transports, transport, &place, &bob);
            let details = transports.send(transport, &id_session, &GetHashDetails::new()).unwrap();
            let ids = || {
                vec![
                    ThirdPartyId::email(&address).unwrap(),
                    ThirdPartyId::email("nobody@example.org").unwrap(),
                ]
            };
            let unhashed = Lookup::new_unhashed(ids(), &details).unwrap();
            for lookup in [Lookup::new(ids(), &details).unwrap(), unhashed] {
                let mappings = transports.send(transport, &id_session, &lookup).unwrap();
                let found: Vec<_> = lookup.found(&mappings).collect();
                assert_eq!(found.len(), 1);
                assert_eq!(
                    (found[0].0.address(), found[0].1.as_str()),
                    (address.as_str(), bob.id.as_str())
                );
            }
            let old = HashDetails::new(vec!["sha256".to_owned()], "an old pepper");
            let error = transports
                .send(transport, &id_session, &Lookup::new(ids(), &old).unwrap())
                .unwrap_err();
            assert_eq!(error.code(), Some(&ErrorCode::InvalidPepper), "{error}");
        }
    }
}

#[test]
#[ignore = "needs the real servers: .ci/run interop"]
fn identity_server_explains_hidden_failures() {
    let lab = Lab::start();
    let transports = Transports::new(lab);
    let alice = lab.register(NODE_A, "alice");
    let bob = lab.register(NODE_A, "bob");
    let bobs_address = unique_address("bob");
    lab.bind(&bob, ID_A, &bobs_address);
    let id_token = lab.register_identity(&alice, ID_A);
    let room = RoomId::new(lab.create_room(&alice)).unwrap();
    let flow = |third_party_id: ThirdPartyId, id_server: &str, token: &str| {
        let session = session(NODE_A, Dialect::Matrix, &alice);
        let at = ServerName::new(id_server).unwrap();
        InviteFlow::new(session, room.clone(), third_party_id, at)
            .with_id_access_token(IdAccessToken::new(token).unwrap())
    };
    let address = |name: &str| ThirdPartyId::email(unique_address(name)).unwrap();

    for transport in BOTH {
        let diagnose = |flow: InviteFlow| match transports.run(transport, flow) {
            Err(InviteError::Diagnosed(error, diagnosis)) => {
                assert_eq!(
                    (error.status().as_u16(), error.code()),
                    (500, Some(&ErrorCode::Unknown))
                );
                diagnosis
            }
            other => panic!("{transport:?}: {other:?}"),
        };
        let found = diagnose(flow(address("henry"), DEAD, &id_token));
        assert!(matches!(found, Diagnosis::Unreachable(_)), "{found}");
        let found = diagnose(flow(address("henry"), JUNK, &id_token));
        assert!(matches!(found, Diagnosis::NotAnIdentityServer(_)), "{found}");
        let capitals = ThirdPartyId::verbatim(Medium::EMAIL, bobs_address.to_uppercase()).unwrap();
        let found = diagnose(flow(capitals, ID_A, &id_token));
        assert!(
            matches!(&found, Diagnosis::AlreadyBound(user) if user.as_str() == bob.id),
            "{found}"
        );
        let found = diagnose(flow(address("reject"), ID_A, &id_token));
        assert!(matches!(found, Diagnosis::Unknown), "{found}");
        let found = diagnose(flow(address("reject"), ID_A, &id_token).with_probe());
        assert!(matches!(found, Diagnosis::AddressRefused(_)), "{found}");
        let phone = ThirdPartyId::msisdn("+1 800 555 2067").unwrap();
        let found = diagnose(flow(phone, ID_A, &id_token).with_probe());
        assert!(matches!(found, Diagnosis::AddressRefused(_)), "{found}");

        // The flow replaces a token that the identity server rejects, and sends the invitation
        // again.
        let ivan = unique_address("ivan");
        let third_party_id = ThirdPartyId::email(&ivan).unwrap();
        let invited =
            transports.run(transport, flow(third_party_id, ID_A, "no_such_token")).unwrap();
        assert_ne!(invited.id_access_token.expose(), "no_such_token");
        invitation_mail(lab, &ivan);
        assert_eq!(mails_to(lab, &ivan).len(), 1);
    }
}

#[test]
#[ignore = "needs the real servers: .ci/run interop"]
fn identity_server_rate_limit_is_diagnosed() {
    let lab = Lab::start();
    let transports = Transports::new(lab);
    for transport in BOTH {
        let alice = lab.register(NODE_A, "alice");
        let room = RoomId::new(lab.create_room(&alice)).unwrap();
        let mut outcome = None;
        for _ in 0..10 {
            let flow = invite_with_terms(&alice, &room, &unique_address("judy")).with_probe();
            let result = match transports.run(transport, flow) {
                Err(InviteError::Terms(pending)) => transports.run(transport, accept(pending)),
                result => result,
            };
            if let Err(error) = result {
                outcome = Some(error);
                break;
            }
        }
        let error = outcome.expect("stock limits allow five in a row");
        assert!(matches!(error, InviteError::Diagnosed(_, Diagnosis::RateLimited(_))), "{error}");
    }
}

#[test]
#[ignore = "needs the real servers: .ci/run interop"]
fn login_creates_a_room_and_ends() {
    let lab = Lab::start();
    let transports = Transports::new(lab);
    for (transport, place) in BOTH.into_iter().flat_map(|it| places().map(|place| (it, place))) {
        let (alice, bob) = (lab.register(NODE_A, "alice"), lab.register(NODE_A, "bob"));
        let node = Node::new(place.node).unwrap().with_dialect(place.dialect);
        let types = transports.send(transport, &node, &GetLoginFlows::new()).unwrap();
        assert!(types.iter().any(|it| it == "m.login.password"), "{types:?}");

        let login = |password| {
            let password = Password::new(password).unwrap();
            let call = PasswordLogin::new(&alice.id, password).with_device_id("PHONE");
            transports.send(transport, &node, &call)
        };
        assert_eq!(login("wrong").unwrap_err().code(), Some(&ErrorCode::Forbidden));
        let login = login(PASSWORD).unwrap();
        assert_eq!(
            (login.user_id.as_str(), login.device_id.as_deref()),
            (&*alice.id, Some("PHONE"))
        );

        let session = login.session(&node);
        let bob_id = UserId::new(&bob.id).unwrap();
        let carol = unique_address("carol");
        let call =
            CreateRoom::new().with_name("Lobby").with_invite(bob_id.clone()).with_invite_3pid(
                ThirdPartyId::email(&carol).unwrap(),
                ServerName::new(ID_A).unwrap(),
                IdAccessToken::new(lab.register_identity(&alice, ID_A)).unwrap(),
            );
        let room = transports.send(transport, &session, &call).unwrap();
        let joined = transports.send(transport, &session, &JoinedRooms::new()).unwrap();
        assert_eq!(joined, std::slice::from_ref(&room));
        let event = member_event(lab, &alice, &room, &bob.id);
        assert_eq!(event["content"]["membership"], "invite");
        invitation_mail(lab, &carol);
        transports.send(transport, &session, &Kick::new(room.clone(), bob_id)).unwrap();
        assert_eq!(member_event(lab, &alice, &room, &bob.id)["content"]["membership"], "leave");

        let name = unique("lobby");
        let alias = RoomAlias::new(format!("#{name}:{}", login.user_id.server_name())).unwrap();
        let resolve = ResolveAlias::new(alias);
        let error = transports.send(transport, &session, &resolve).unwrap_err();
        assert_eq!(error.code(), Some(&ErrorCode::NotFound));
        let url = format!("{NODE_A}/_matrix/client/v3/createRoom");
        let named = lab.http().post(&url, Some(&alice.token), &json!({"room_alias_name": name}));
        let found = transports.send(transport, &session, &resolve).unwrap();
        assert_eq!(found.as_str(), named["room_id"]);

        transports.send(transport, &session, &LogOut::new()).unwrap();
        let error = transports.send(transport, &session, &WhoAmI::new()).unwrap_err();
        assert_eq!(error.code(), Some(&ErrorCode::UnknownToken));
    }
}
