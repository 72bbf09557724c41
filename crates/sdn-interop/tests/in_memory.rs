//! All flows in the embedded world, without a transport and over both: the cases of
//! `real_servers.rs`, and cases that real servers cannot be brought into.

mod common;

use std::time::Duration;

use bytes::Bytes;
use common::{BOTH, Transport, Transports, accept};
use http::Response;
use sdn_proto::client::{GetInvites, JoinRoom, LeaveRoom, RequestOpenIdToken};
use sdn_proto::flow::{
    AcceptError, AcceptFlow, Arrival, Diagnosis, Flow, IdentityServerAt, InviteError, InviteFlow,
    RevokeFlow, Revoked, Step,
};
use sdn_proto::id::{InviteToken, KeyId, ValidationSessionId};
use sdn_proto::identity::{
    Bind, GetHashDetails, GetPublicKey, GetValidated3pid, Lookup, Register, RequestEmailToken,
    SubmitEmailToken, Unbind,
};
use sdn_proto::secret::{ClientSecret, InvitePrivateKey, ValidationToken};
use sdn_proto::signed::Association;
use sdn_proto::{
    AccessToken, ApiError, Call, Dialect, ErrorCode, IdAccessToken, IdentityServer,
    IdentitySession, Medium, Node, Outgoing, RoomId, ServerName, Session, ThirdPartyId,
    TransportError, TransportErrorKind, UserId,
};
use sdn_testkit::{Mail, Server, World};

const ID_SERVER: &str = "id.example:8090";
const ALICE: &str = "@alice:node.example";
const CAROL: &str = "@carol:node.example";
const ADDRESS: &str = "carol@example.com";

/// The way of requests to the world.
#[derive(Clone, Copy, Debug)]
enum Route {
    /// By a function call.
    Direct,
    Over(Transport),
}

const ALL: [Route; 3] = [Route::Direct, Route::Over(BOTH[0]), Route::Over(BOTH[1])];

/// A world on a port, and Alice's room there.
struct Stage {
    world: World,
    server: Server,
    route: Route,
    dialect: Dialect,
    alice: Session,
    carol: Session,
    room: RoomId,
}

impl Stage {
    fn set(route: Route, dialect: Dialect) -> Self {
        let world = World::new();
        world.add_identity_server(ID_SERVER);
        let server = world.serve().unwrap();
        let node = Node::new(server.base_url()).unwrap().with_dialect(dialect);
        let [alice, carol] = [ALICE, CAROL]
            .map(|user| node.session(AccessToken::new(world.add_user(user)).unwrap()));
        let room = RoomId::new(world.create_room(ALICE)).unwrap();
        Stage { world, server, route, dialect, alice, carol, room }
    }

    fn identity_server(&self) -> IdentityServer {
        IdentityServer::new(self.server.base_url()).unwrap().with_dialect(self.dialect)
    }

    fn send<C: Call>(&self, server: &C::Server, call: &C) -> C::Output {
        self.try_send(server, call).unwrap()
    }

    fn try_send<C: Call>(&self, server: &C::Server, call: &C) -> Result<C::Output, ApiError> {
        match self.route {
            Route::Direct => C::parse_response(&self.world.handle(call.to_request(server))),
            Route::Over(transport) => Transports::plain().send(transport, server, call),
        }
    }

    fn run<F: Flow>(&self, flow: F) -> F::Outcome {
        match self.route {
            Route::Direct => drive(flow, |outgoing| Ok(self.handle(outgoing))),
            Route::Over(transport) => Transports::plain().run(transport, flow),
        }
    }

    /// Passes a request to the world, without any I/O.
    fn handle(&self, outgoing: Outgoing) -> Response<Bytes> {
        self.world.handle(outgoing.into_request())
    }

    fn invite(&self, address: &str) -> InviteFlow {
        self.invite_to(ThirdPartyId::email(address).unwrap())
    }

    fn invite_to(&self, third_party_id: ThirdPartyId) -> InviteFlow {
        let name = ServerName::new(ID_SERVER).unwrap();
        let at = IdentityServerAt::Server { name, base: self.identity_server() };
        InviteFlow::new(self.alice.clone(), self.room.clone(), third_party_id, at)
    }

    fn mail(&self) -> Mail {
        let [mail] = self.world.mailbox(ID_SERVER, ADDRESS).try_into().expect("one mail");
        mail
    }

    /// Carol at the identity server.
    fn register(&self) -> IdentitySession {
        let call = RequestOpenIdToken::new(UserId::new(CAROL).unwrap());
        let open_id = self.send(&self.carol, &call);
        let server = self.identity_server();
        let token = self.send(&server, &Register::new(open_id));
        server.session(token)
    }

    /// Validates Carol's address and binds it.
    fn bind(&self, session: &IdentitySession) -> Association {
        let secret = ClientSecret::new("secret").unwrap();
        let sid = self.send(session, &RequestEmailToken::new(secret.clone(), ADDRESS, 1));
        let token = self.world.validation_tokens(ID_SERVER, "email", ADDRESS).remove(0);
        let token = ValidationToken::new(token).unwrap();
        self.send(session, &SubmitEmailToken::new(secret.clone(), sid.clone(), token));
        let validated = self.send(session, &GetValidated3pid::new(secret.clone(), sid.clone()));
        assert_eq!(validated.third_party_id.address(), ADDRESS);
        self.send(session, &Bind::new(secret, sid, UserId::new(CAROL).unwrap()))
    }

    /// Returns Carol's acceptance with her mail, which she signs.
    fn accept_with_mail(&self) -> AcceptFlow {
        let mail = self.mail();
        AcceptFlow::signed_locally(
            self.carol.clone(),
            ServerName::new(ID_SERVER).unwrap(),
            self.room.clone(),
            Some(UserId::new(mail.sender).unwrap()),
            InviteToken::new(mail.token).unwrap(),
            InvitePrivateKey::new(mail.private_key).unwrap(),
        )
    }

    /// Returns Carol's newest membership.
    fn membership(&self) -> Option<String> {
        let events = self.world.events(self.room.as_str());
        let of_carol = |event: &&sdn_testkit::Event| event.state_key.as_deref() == Some(CAROL);
        let event = events.iter().rfind(of_carol)?;
        Some(event.content["membership"].as_str()?.to_owned())
    }

    fn on_all(mut test: impl FnMut(Stage)) {
        for route in ALL {
            for dialect in [Dialect::Sdn, Dialect::Matrix] {
                test(Stage::set(route, dialect));
            }
        }
    }
}

/// Drives a flow without any I/O.
fn drive<F: Flow>(
    mut flow: F,
    mut execute: impl FnMut(Outgoing) -> Result<Response<Bytes>, TransportError>,
) -> F::Outcome {
    loop {
        match flow.step() {
            Step::Send(outgoing) => flow.received(execute(outgoing)),
            Step::Wait(_) => flow.waited(),
            Step::Done(outcome) => return outcome,
        }
    }
}

#[test]
fn bound_address_leads_to_the_join() {
    Stage::on_all(|stage| {
        let invited = stage.run(stage.invite(ADDRESS)).unwrap();
        assert_eq!(invited.id_server.as_str(), ID_SERVER);
        let token = stage.mail().token;
        let pending = stage.send(&stage.alice, &GetInvites::new(stage.room.clone())).pending;
        let pending = pending.iter().find(|invite| invite.token.as_str() == token).unwrap();

        let association = stage.bind(&stage.register());
        let key_id = KeyId::new("ed25519:0").unwrap();
        let key = stage.send(&stage.identity_server(), &GetPublicKey::new(key_id.clone()));
        association.verify(ID_SERVER, &key_id, &key).unwrap();
        let [waiting] = association.invites() else { panic!("{association:?}") };
        waiting.signed.verify(pending, &UserId::new(CAROL).unwrap()).unwrap();
        assert_eq!(stage.membership().as_deref(), Some("invite"));

        let accept = AcceptFlow::pending(stage.carol.clone(), waiting.clone());
        assert_eq!(stage.run(accept).unwrap(), stage.room);
        assert_eq!(stage.membership().as_deref(), Some("join"));
    });
}

#[test]
fn mail_alone_accepts() {
    Stage::on_all(|stage| {
        stage.run(stage.invite(ADDRESS)).unwrap();
        assert_eq!(stage.run(stage.accept_with_mail()).unwrap(), stage.room);
        assert_eq!(stage.membership().as_deref(), Some("join"));
    });
    Stage::on_all(|stage| {
        stage.run(stage.invite(ADDRESS)).unwrap();
        let mail = stage.mail();
        let accept = AcceptFlow::signed_by_server(
            stage.carol.clone(),
            stage.register(),
            stage.room.clone(),
            InviteToken::new(mail.token).unwrap(),
            InvitePrivateKey::new(mail.private_key).unwrap(),
        );
        assert_eq!(stage.run(accept).unwrap(), stage.room);
        assert_eq!(stage.membership().as_deref(), Some("join"));
    });
}

#[test]
fn invitation_is_declined_and_revoked() {
    Stage::on_all(|stage| {
        stage.run(stage.invite(ADDRESS)).unwrap();
        let token = InviteToken::new(stage.mail().token).unwrap();
        let pending =
            || stage.send(&stage.alice, &GetInvites::new(stage.room.clone())).pending.len();
        let revoke = |token| {
            stage.run(RevokeFlow::new(stage.alice.clone(), stage.room.clone(), token)).unwrap()
        };
        assert_eq!((pending(), revoke(token.clone()), pending()), (1, Revoked::Now, 0));
        assert_eq!(revoke(token), Revoked::Before);
        assert_eq!(revoke(InviteToken::new("other").unwrap()), Revoked::NotFound);
        let error = stage.run(stage.accept_with_mail()).unwrap_err();
        assert!(matches!(error, AcceptError::Refused(_)), "{error}");

        // The address is bound now, but the room does not accept the revoked invitation.
        stage.bind(&stage.register());
        assert_eq!(stage.membership(), None);
        let error = stage.try_send(&stage.carol, &JoinRoom::new(stage.room.clone())).unwrap_err();
        assert_eq!(error.code(), Some(&ErrorCode::Forbidden));

        // The address is bound, so the invitation is for her user ID, and she declines.
        stage.run(stage.invite(ADDRESS)).unwrap();
        assert_eq!(stage.membership().as_deref(), Some("invite"));
        stage.send(&stage.carol, &LeaveRoom::new(stage.room.clone()));
        assert_eq!(stage.membership().as_deref(), Some("leave"));
    });
}

#[test]
fn terms_end_the_flow_until_accepted() {
    Stage::on_all(|stage| {
        stage.world.add_policy(ID_SERVER, "terms_of_service", "https://id.example/terms");
        let error = stage.run(stage.invite(ADDRESS)).unwrap_err();
        let InviteError::Terms(pending) = error else { panic!("{error}") };
        assert!(stage.world.mailbox(ID_SERVER, ADDRESS).is_empty());
        stage.run(accept(pending)).unwrap();
        stage.mail();
    });
}

#[test]
fn lookup_survives_pepper_change_not_unbinding() {
    Stage::on_all(|stage| {
        let session = stage.register();
        stage.bind(&session);
        let look_up = || {
            let details = stage.send(&session, &GetHashDetails::new());
            let lookup =
                Lookup::new(vec![ThirdPartyId::email(ADDRESS).unwrap()], &details).unwrap();
            stage.world.set_pepper(ID_SERVER, "new");
            let mappings = stage.try_send(&session, &lookup)?;
            Ok::<_, ApiError>(lookup.found(&mappings).count())
        };
        assert_eq!(look_up().unwrap_err().code(), Some(&ErrorCode::InvalidPepper));
        assert_eq!(look_up().unwrap(), 1);
        let unbind = Unbind::new(
            UserId::new(CAROL).unwrap(),
            ThirdPartyId::email(ADDRESS).unwrap(),
            ClientSecret::new("secret").unwrap(),
            ValidationSessionId::new("1").unwrap(),
        );
        stage.send(&session, &unbind);
        assert_eq!(look_up().unwrap(), 0);
    });
}

#[test]
fn identity_server_explains_hidden_failures() {
    Stage::on_all(|stage| {
        let id_token = stage.world.register_identity(ID_SERVER, ALICE);
        let token = || IdAccessToken::new(&id_token).unwrap();
        let diagnosed = |flow: InviteFlow| match stage.run(flow) {
            Err(InviteError::Diagnosed(error, diagnosis)) => {
                assert_eq!(error.status().as_u16(), 500);
                diagnosis
            }
            other => panic!("{other:?}"),
        };
        stage.world.bind(ID_SERVER, "email", "bob@example.com", "@bob:node.example");
        let capitals = ThirdPartyId::verbatim(Medium::EMAIL, "BOB@example.com").unwrap();
        let found = diagnosed(stage.invite_to(capitals).with_id_access_token(token()));
        assert!(
            matches!(&found, Diagnosis::AlreadyBound(user) if user.as_str() == "@bob:node.example"),
            "{found}"
        );
        stage.world.limit_stored_invitations(ID_SERVER, 0);
        let found = diagnosed(stage.invite(ADDRESS).with_id_access_token(token()).with_probe());
        assert!(matches!(found, Diagnosis::RateLimited(_)), "{found}");
        let found = diagnosed(stage.invite(ADDRESS).with_id_access_token(token()));
        assert!(matches!(found, Diagnosis::Unknown), "not known without a probe: {found}");
        stage.world.limit_stored_invitations(ID_SERVER, usize::MAX);

        // The flow replaces a rejected token once, and sends the invitation again.
        let old = IdAccessToken::new("no_such_token").unwrap();
        stage.run(stage.invite(ADDRESS).with_id_access_token(old)).unwrap();
        stage.mail();
    });
}

#[test]
fn rate_limit_is_waited_within_budget() {
    Stage::on_all(|stage| {
        stage.world.limit_invitations(0, Duration::from_secs(400));
        let error = stage.run(stage.invite(ADDRESS)).unwrap_err();
        assert!(matches!(error, InviteError::RateLimited(_)), "{error}");
        assert!(stage.world.mailbox(ID_SERVER, ADDRESS).is_empty());
    });
    let stage = Stage::set(Route::Direct, Dialect::Sdn);
    stage.world.limit_invitations(0, Duration::from_secs(400));
    let mut flow = stage.invite(ADDRESS).with_wait_budget(Duration::from_secs(500));
    let mut waited = Vec::new();
    let outcome = loop {
        match flow.step() {
            Step::Send(outgoing) => flow.received(Ok(stage.handle(outgoing))),
            Step::Wait(duration) => {
                waited.push(duration);
                stage.world.limit_invitations(usize::MAX, Duration::ZERO);
                flow.waited();
            }
            Step::Done(outcome) => break outcome,
        }
    };
    outcome.unwrap();
    assert_eq!(waited, [Duration::from_secs(400)]);
    stage.mail();
}

/// An invitation whose response is lost is not sent again; the room shows whether it arrived.
#[test]
fn unknown_outcome_is_checked_in_room() {
    for arrives in [true, false] {
        let stage = Stage::set(Route::Direct, Dialect::Sdn);
        let mut invitations = 0;
        let outcome = drive(stage.invite(ADDRESS).with_room_check(), |outgoing| {
            if !outgoing.request().uri().path().ends_with("/invite") {
                return Ok(stage.handle(outgoing));
            }
            invitations += 1;
            if arrives {
                stage.handle(outgoing);
            }
            Err(TransportErrorKind::ConnectionLost.into())
        });
        assert_eq!(invitations, 1);
        assert_eq!(stage.world.mailbox(ID_SERVER, ADDRESS).len(), usize::from(arrives));
        let expected = if arrives { Arrival::Arrived } else { Arrival::NotSeen };
        assert!(
            matches!(&outcome, Err(InviteError::Unknown(arrival, _)) if *arrival == expected),
            "{outcome:?}"
        );
    }
}
