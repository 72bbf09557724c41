//! The whole journey against the embedded world, over no transport and over both: what `journey.rs` shows at real servers, and
//! what those cannot be made to do.

mod common;

use std::time::Duration;

use bytes::Bytes;
use common::{BOTH, Transport, Transports, urls};
use http::{Request, Response};
use sdn_proto::client::{GetInvites, JoinRoom, LeaveRoom, RequestOpenIdToken};
use sdn_proto::flow::{
    Accept, AcceptFailure, Arrival, Diagnosis, Flow, Invite, InviteFailure, PendingInvitations,
    Revoke, Revoked, Step,
};
use sdn_proto::id::{InviteToken, KeyId, ValidationSessionId};
use sdn_proto::identity::{
    Bind, GetHashDetails, GetPublicKey, GetValidated3pid, Lookup, Register, RequestEmailToken,
    SubmitEmailToken, Unbind,
};
use sdn_proto::secret::{ClientSecret, InvitePrivateKey, ValidationToken};
use sdn_proto::signed::Association;
use sdn_proto::{
    AccessToken, ApiError, Call, Delivery, Dialect, ErrorCode, IdAccessToken, IdentityServer,
    IdentitySession, Medium, Node, RoomId, ServerName, Session, ThirdPartyId, UserId,
};
use sdn_testkit::{Mail, Server, World};

const ID_SERVER: &str = "id.example:8090";
const ALICE: &str = "@alice:node.example";
const CAROL: &str = "@carol:node.example";
const ADDRESS: &str = "carol@example.com";

/// What carries requests to the world.
#[derive(Clone, Copy, Debug)]
enum Carrier {
    /// Nothing: the world is called.
    Direct,
    Over(Transport),
}

const ALL: [Carrier; 3] = [Carrier::Direct, Carrier::Over(BOTH[0]), Carrier::Over(BOTH[1])];

/// A world on a port, and Alice's room there.
struct Stage {
    world: World,
    server: Server,
    carrier: Carrier,
    dialect: Dialect,
    alice: Session,
    carol: Session,
    room: RoomId,
}

impl Stage {
    fn set(carrier: Carrier, dialect: Dialect) -> Self {
        let world = World::new();
        world.add_identity_server(ID_SERVER);
        let server = world.serve().unwrap();
        let node = Node::new(server.base_url()).unwrap().with_dialect(dialect);
        let [alice, carol] = [ALICE, CAROL]
            .map(|user| node.session(AccessToken::new(world.add_user(user)).unwrap()));
        let room = RoomId::new(world.create_room(ALICE)).unwrap();
        Stage { world, server, carrier, dialect, alice, carol, room }
    }

    fn identity_server(&self) -> IdentityServer {
        IdentityServer::new(self.server.base_url()).unwrap().with_dialect(self.dialect)
    }

    fn send<C: Call>(&self, server: &C::Server, call: &C) -> C::Output {
        self.try_send(server, call).unwrap()
    }

    fn try_send<C: Call>(&self, server: &C::Server, call: &C) -> Result<C::Output, ApiError> {
        match self.carrier {
            Carrier::Direct => C::parse_response(&self.world.handle(call.to_request(server))),
            Carrier::Over(transport) => Transports::plain().send(transport, server, call),
        }
    }

    fn run<F: Flow>(&self, flow: F, accept_terms: bool) -> F::Outcome {
        match self.carrier {
            Carrier::Direct => drive(flow, accept_terms, |request| self.world.handle(request)),
            Carrier::Over(transport) => Transports::plain().run(transport, flow, accept_terms),
        }
    }

    fn invite(&self, address: &str) -> Invite {
        let third_party_id = ThirdPartyId::email(address).unwrap();
        Invite::new(self.alice.clone(), self.room.clone(), third_party_id)
            .at_base(ServerName::new(ID_SERVER).unwrap(), self.identity_server())
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

    /// Carol's acceptance with her mail, signed by herself.
    fn accept_with_mail(&self) -> Accept {
        let mail = self.mail();
        Accept::signed_locally(
            self.carol.clone(),
            ServerName::new(ID_SERVER).unwrap(),
            self.room.clone(),
            Some(UserId::new(mail.sender).unwrap()),
            InviteToken::new(mail.token).unwrap(),
            InvitePrivateKey::new(mail.private_key).unwrap(),
        )
    }

    /// Carol's newest membership.
    fn membership(&self) -> Option<String> {
        let events = self.world.events(self.room.as_str());
        let of_carol = |event: &&sdn_testkit::Event| event.state_key.as_deref() == Some(CAROL);
        let event = events.iter().rfind(of_carol)?;
        Some(event.content["membership"].as_str()?.to_owned())
    }

    fn on_all(mut test: impl FnMut(Stage)) {
        for carrier in ALL {
            for dialect in [Dialect::Sdn, Dialect::Matrix] {
                test(Stage::set(carrier, dialect));
            }
        }
    }
}

/// Drives a flow without any I/O.
fn drive<F: Flow>(
    mut flow: F,
    accept_terms: bool,
    mut carry: impl FnMut(Request<Bytes>) -> Response<Bytes>,
) -> F::Outcome {
    loop {
        match flow.step() {
            Step::Send(outgoing) => flow.response(&carry(outgoing.request().clone())),
            Step::Wait(_) => flow.waited(),
            Step::AcceptTerms(terms) if accept_terms => flow.accept(urls(&terms)),
            Step::AcceptTerms(_) => flow.decline(),
            Step::Done(outcome) => return outcome,
        }
    }
}

#[test]
fn from_an_access_token_to_the_join_by_binding_the_address() {
    Stage::on_all(|stage| {
        let invited = stage.run(stage.invite(ADDRESS), false).unwrap();
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

        let accept = Accept::pending(stage.carol.clone(), waiting.clone());
        assert_eq!(stage.run(accept, false).unwrap(), stage.room);
        assert_eq!(stage.membership().as_deref(), Some("join"));
    });
}

#[test]
fn accepted_with_the_mail_alone() {
    Stage::on_all(|stage| {
        stage.run(stage.invite(ADDRESS), false).unwrap();
        assert_eq!(stage.run(stage.accept_with_mail(), false).unwrap(), stage.room);
        assert_eq!(stage.membership().as_deref(), Some("join"));
    });
    Stage::on_all(|stage| {
        stage.run(stage.invite(ADDRESS), false).unwrap();
        let mail = stage.mail();
        let accept = Accept::signed_by_server(
            stage.carol.clone(),
            stage.register(),
            stage.room.clone(),
            InviteToken::new(mail.token).unwrap(),
            InvitePrivateKey::new(mail.private_key).unwrap(),
        );
        assert_eq!(stage.run(accept, false).unwrap(), stage.room);
        assert_eq!(stage.membership().as_deref(), Some("join"));
    });
}

#[test]
fn declined_and_revoked() {
    Stage::on_all(|stage| {
        stage.run(stage.invite(ADDRESS), false).unwrap();
        let token = InviteToken::new(stage.mail().token).unwrap();
        let pending = || {
            let flow = PendingInvitations::new(stage.alice.clone(), stage.room.clone());
            stage.run(flow, false).unwrap().pending.len()
        };
        let revoke = |token| {
            stage.run(Revoke::new(stage.alice.clone(), stage.room.clone(), token), false).unwrap()
        };
        assert_eq!((pending(), revoke(token.clone()), pending()), (1, Revoked::Now, 0));
        assert_eq!(revoke(token), Revoked::Before);
        assert_eq!(revoke(InviteToken::new("other").unwrap()), Revoked::NotFound);
        let failure = stage.run(stage.accept_with_mail(), false).unwrap_err();
        assert!(matches!(failure, AcceptFailure::Refused(_)), "{failure}");

        // Bound after all: the room does not take what was revoked.
        stage.bind(&stage.register());
        assert_eq!(stage.membership(), None);
        let error = stage.try_send(&stage.carol, &JoinRoom::new(stage.room.clone())).unwrap_err();
        assert_eq!(error.code(), Some(&ErrorCode::Forbidden));

        // Now that it is bound, she is invited herself, and declines.
        stage.run(stage.invite(ADDRESS), false).unwrap();
        assert_eq!(stage.membership().as_deref(), Some("invite"));
        stage.send(&stage.carol, &LeaveRoom::new(stage.room.clone()));
        assert_eq!(stage.membership().as_deref(), Some("leave"));
    });
}

#[test]
fn terms_stand_before_the_invitation() {
    Stage::on_all(|stage| {
        stage.world.add_policy(ID_SERVER, "terms_of_service", "https://id.example/terms");
        let declined = stage.run(stage.invite(ADDRESS), false).unwrap_err();
        assert!(matches!(declined, InviteFailure::TermsDeclined), "{declined}");
        assert!(stage.world.mailbox(ID_SERVER, ADDRESS).is_empty());
        stage.run(stage.invite(ADDRESS), true).unwrap();
        stage.mail();
    });
}

#[test]
fn a_lookup_survives_one_change_of_pepper_and_unbinding_ends_it() {
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
fn what_the_node_hides_the_identity_server_tells() {
    Stage::on_all(|stage| {
        let id_token = stage.world.register_identity(ID_SERVER, ALICE);
        let token = || IdAccessToken::new(&id_token).unwrap();
        let diagnosed = |flow: Invite| match stage.run(flow, false) {
            Err(InviteFailure::Diagnosed(error, diagnosis)) => {
                assert_eq!(error.status().as_u16(), 500);
                diagnosis
            }
            other => panic!("{other:?}"),
        };
        stage.world.bind(ID_SERVER, "email", "bob@example.com", "@bob:node.example");
        let capitals = ThirdPartyId::verbatim(Medium::EMAIL, "BOB@example.com").unwrap();
        let flow = Invite::new(stage.alice.clone(), stage.room.clone(), capitals)
            .at_base(ServerName::new(ID_SERVER).unwrap(), stage.identity_server())
            .with_id_access_token(token());
        let found = diagnosed(flow);
        assert!(
            matches!(&found, Diagnosis::AlreadyBound(user) if user.as_str() == "@bob:node.example"),
            "{found}"
        );
        stage.world.limit_stored_invitations(ID_SERVER, 0);
        let found = diagnosed(stage.invite(ADDRESS).with_id_access_token(token()).probing());
        assert!(matches!(found, Diagnosis::RateLimited(_)), "{found}");
        let found = diagnosed(stage.invite(ADDRESS).with_id_access_token(token()));
        assert!(matches!(found, Diagnosis::Unknown), "without a probe nobody can tell: {found}");
        stage.world.limit_stored_invitations(ID_SERVER, usize::MAX);

        // A token that is not taken is replaced once, and the invitation sent once more.
        let old = IdAccessToken::new("no_such_token").unwrap();
        stage.run(stage.invite(ADDRESS).with_id_access_token(old), false).unwrap();
        stage.mail();
    });
}

#[test]
fn a_rate_limit_is_waited_for_within_the_budget() {
    Stage::on_all(|stage| {
        stage.world.limit_invitations(0, Duration::from_secs(400));
        let failure = stage.run(stage.invite(ADDRESS), false).unwrap_err();
        assert!(matches!(failure, InviteFailure::RateLimited(_)), "{failure}");
        assert!(stage.world.mailbox(ID_SERVER, ADDRESS).is_empty());
    });
    let stage = Stage::set(Carrier::Direct, Dialect::Sdn);
    stage.world.limit_invitations(0, Duration::from_secs(400));
    let mut flow = stage.invite(ADDRESS).with_wait_budget(Duration::from_secs(500));
    let mut waited = Vec::new();
    let outcome = loop {
        match flow.step() {
            Step::Send(outgoing) => {
                flow.response(&stage.world.handle(outgoing.request().clone()));
            }
            Step::Wait(duration) => {
                waited.push(duration);
                stage.world.limit_invitations(usize::MAX, Duration::ZERO);
                flow.waited();
            }
            Step::Done(outcome) => break outcome,
            step => panic!("{step:?}"),
        }
    };
    outcome.unwrap();
    assert_eq!(waited, [Duration::from_secs(400)]);
    stage.mail();
}

/// An invitation whose answer is lost is not sent again; the room tells whether it arrived.
#[test]
fn after_an_unknown_outcome_the_room_is_looked_at() {
    for arrives in [true, false] {
        let stage = Stage::set(Carrier::Direct, Dialect::Sdn);
        let mut flow = stage.invite(ADDRESS).looking();
        let mut invitations = 0;
        let outcome = loop {
            match flow.step() {
                Step::Send(outgoing) if outgoing.request().uri().path().ends_with("/invite") => {
                    invitations += 1;
                    if arrives {
                        stage.world.handle(outgoing.request().clone());
                    }
                    flow.failed(Delivery::Unknown);
                }
                Step::Send(outgoing) => {
                    flow.response(&stage.world.handle(outgoing.request().clone()));
                }
                Step::Done(outcome) => break outcome,
                step => panic!("{step:?}"),
            }
        };
        assert_eq!(invitations, 1);
        assert_eq!(stage.world.mailbox(ID_SERVER, ADDRESS).len(), usize::from(arrives));
        let expected = if arrives { Arrival::Arrived } else { Arrival::NotSeen };
        assert!(
            matches!(&outcome, Err(InviteFailure::Unknown(arrival, _)) if *arrival == expected),
            "{outcome:?}"
        );
    }
}
