//! Checks the invariants with values from the generators and `proptest`.
#![cfg(feature = "proptest")]

// Public for the fuzz targets, which share it.
#[allow(unreachable_pub)]
mod invariants;

use arbitrary::{Arbitrary, Unstructured};
use invariants::calls::Described;
use invariants::{build_request, calls, flow, node_url, parse_response, values};
use proptest::prelude::*;
use sdn_proto::client::OpenIdToken;
use sdn_proto::generate::{Hostile, HostileText, strategy};
use sdn_proto::id::{InviteToken, KeyId, RoomAlias, ValidationSessionId};
use sdn_proto::identity::HashDetails;
use sdn_proto::secret::{ClientSecret, InvitePrivateKey, Password, ValidationToken};
use sdn_proto::signed::{SignedInvite, SignedPendingInvite};
use sdn_proto::{
    AccessToken, Dialect, Did, IdAccessToken, IdentityServer, IdentitySession, LoginMessage,
    Medium, Node, PublicKey, RoomId, ServerName, Session, Signature, ThirdPartyId, UserId,
    WalletAddress,
};

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 0..1500)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn requests_reparse_to_the_same_values(data in bytes()) {
        build_request::check(&data);
    }

    #[test]
    fn any_response_is_parsed(data in bytes()) {
        parse_response::check(&data);
    }

    #[test]
    fn flows_end_and_keep_their_secrets(data in bytes()) {
        flow::check(&data);
    }

    #[test]
    fn node_url_equals_a_url_library(text in strategy::<HostileText>(), node in strategy::<Hostile<Node>>()) {
        node_url::check(&text.0);
        node_url::check(&node.0.to_string());
    }

    #[test]
    fn accepted_text_is_kept(text in strategy::<HostileText>(), other in any::<String>()) {
        values::check(&text.0);
        values::check(&other);
    }

    #[test]
    fn plausible_values_are_valid(data in bytes()) {
        let mut u = Unstructured::new(&data);
        values::check(RoomId::arbitrary(&mut u).unwrap().as_str());
        values::check(RoomAlias::arbitrary(&mut u).unwrap().as_str());
        values::check(UserId::arbitrary(&mut u).unwrap().as_str());
        values::check(ServerName::arbitrary(&mut u).unwrap().as_str());
        values::check(ThirdPartyId::arbitrary(&mut u).unwrap().address());
        values::check(WalletAddress::arbitrary(&mut u).unwrap().as_str());
        values::check(Did::arbitrary(&mut u).unwrap().as_str());
        values::check(Signature::arbitrary(&mut u).unwrap().expose());
        values::check(LoginMessage::arbitrary(&mut u).unwrap().as_str());
        let node = Node::arbitrary(&mut u).unwrap();
        prop_assert_eq!(Node::new(node.to_string()).unwrap().with_dialect(node.dialect()), node);
    }

    #[test]
    fn generators_build_calls_from_any_bytes(data in bytes()) {
        for which in 0..calls::COUNT {
            calls::visit(which, Makes(&data));
        }
    }

    #[test]
    fn generators_build_values_from_any_bytes(data in bytes()) {
        makes::<Dialect>(&data);
        makes_both::<RoomId>(&data);
        makes_both::<RoomAlias>(&data);
        makes_both::<UserId>(&data);
        makes_both::<ServerName>(&data);
        makes_both::<Medium>(&data);
        makes_both::<ThirdPartyId>(&data);
        makes_both::<AccessToken>(&data);
        makes_both::<IdAccessToken>(&data);
        makes_both::<Node>(&data);
        makes_both::<Session>(&data);
        makes_both::<IdentityServer>(&data);
        makes_both::<IdentitySession>(&data);
        makes_both::<PublicKey>(&data);
        makes_both::<InviteToken>(&data);
        makes_both::<KeyId>(&data);
        makes_both::<ValidationSessionId>(&data);
        makes_both::<ClientSecret>(&data);
        makes_both::<InvitePrivateKey>(&data);
        makes_both::<Password>(&data);
        makes_both::<ValidationToken>(&data);
        makes_both::<WalletAddress>(&data);
        makes_both::<Did>(&data);
        makes_both::<Signature>(&data);
        makes_both::<LoginMessage>(&data);
        makes_both::<OpenIdToken>(&data);
        makes_both::<HashDetails>(&data);
        makes_both::<SignedInvite>(&data);
        makes_both::<SignedPendingInvite>(&data);
        makes::<HostileText>(&data);
    }
}

struct Makes<'a>(&'a [u8]);

impl calls::Visitor for Makes<'_> {
    type Output = ();

    fn visit<C>(self, _: &Described)
    where
        C: for<'a> Arbitrary<'a>,
        Hostile<C>: for<'a> Arbitrary<'a>,
    {
        makes_both::<C>(self.0);
    }
}

fn makes<T: for<'a> Arbitrary<'a>>(data: &[u8]) {
    assert!(T::arbitrary(&mut Unstructured::new(data)).is_ok());
}

fn makes_both<T: for<'a> Arbitrary<'a>>(data: &[u8])
where
    Hostile<T>: for<'a> Arbitrary<'a>,
{
    makes::<T>(data);
    makes::<Hostile<T>>(data);
}

#[test]
fn hostile_values_reach_the_limits() {
    let mut longest = [0; 5];
    for seed in 0..=255_u8 {
        let data: Vec<u8> =
            (0..200_u8).map(|i| i.wrapping_mul(seed).rotate_left(3) ^ seed).collect();
        let mut u = Unstructured::new(&data);
        let lengths = [
            Hostile::<RoomId>::arbitrary(&mut u).unwrap().0.as_str().len(),
            Hostile::<UserId>::arbitrary(&mut u).unwrap().0.as_str().len(),
            Hostile::<ServerName>::arbitrary(&mut u).unwrap().0.as_str().len(),
            Hostile::<AccessToken>::arbitrary(&mut u).unwrap().0.expose().len(),
            Hostile::<Node>::arbitrary(&mut u).unwrap().0.to_string().len(),
        ];
        for (longest, length) in longest.iter_mut().zip(lengths) {
            *longest = length.max(*longest);
        }
    }
    assert_eq!(longest, [255, 255, 230, 8192, 1024]);
}
