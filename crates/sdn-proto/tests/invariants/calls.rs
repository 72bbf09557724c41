//! All calls, so that a check of any call need not name them: a line each.

use std::fmt::Debug;

use arbitrary::Arbitrary;
use sdn_proto::generate::Hostile;
use sdn_proto::{Call, client, identity};

use super::place::Peer;

/// A check of any call.
pub trait Visitor {
    type Output;

    fn visit<C>(self) -> Self::Output
    where
        C: Call + for<'a> Arbitrary<'a>,
        C::Output: Debug,
        C::Server: Peer,
        Hostile<C>: for<'a> Arbitrary<'a>;
}

macro_rules! calls {
    ($($call:ty),* $(,)?) => {
        /// How many calls there are.
        pub const COUNT: usize = [$(stringify!($call)),*].len();

        /// Checks the call of that number.
        pub fn visit<V: Visitor>(which: usize, visitor: V) -> V::Output {
            let mut number = 0..;
            $(if Some(which) == number.next() {
                return visitor.visit::<$call>();
            })*
            panic!("there is no call {which}")
        }
    };
}

calls! {
    client::Discover,
    client::GetInvites,
    client::GetThirdPartyInvite,
    client::GetVersions,
    client::InviteBy3pid,
    client::InviteUser,
    client::JoinRoom,
    client::LeaveRoom,
    client::RequestOpenIdToken,
    client::RevokeThirdPartyInvite,
    client::WhoAmI,
    identity::AcceptTerms,
    identity::Bind,
    identity::GetAccount,
    identity::GetHashDetails,
    identity::GetPublicKey,
    identity::GetStatus,
    identity::GetTerms,
    identity::GetValidated3pid,
    identity::GetVersions,
    identity::IsEphemeralKeyValid,
    identity::IsKeyValid,
    identity::LogOut,
    identity::Lookup,
    identity::OnBind,
    identity::Register,
    identity::RequestEmailToken,
    identity::RequestMsisdnToken,
    identity::SignInvite,
    identity::StoreInvite,
    identity::SubmitEmailToken,
    identity::SubmitMsisdnToken,
    identity::Unbind,
}
