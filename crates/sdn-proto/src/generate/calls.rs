//! Every call, of parts that are plausible or hostile: a line each.

use arbitrary::{Arbitrary, Error, Result, Unstructured};

use super::text::hostile;
use super::{Hostile, pick};
use crate::client;
use crate::client::*;
use crate::identity::{self, *};

/// What the parts of a call are drawn from.
struct Parts<'u, 'a> {
    u: &'u mut Unstructured<'a>,
    are_hostile: bool,
}

impl<'a> Parts<'_, 'a> {
    fn draw<T>(&mut self) -> Result<T>
    where
        T: Arbitrary<'a>,
        Hostile<T>: Arbitrary<'a>,
    {
        if self.are_hostile { Ok(self.u.arbitrary::<Hostile<T>>()?.0) } else { self.u.arbitrary() }
    }

    fn list<T>(&mut self) -> Result<Vec<T>>
    where
        T: Arbitrary<'a>,
        Hostile<T>: Arbitrary<'a>,
    {
        (0..self.u.int_in_range(0..=3)?).map(|_| self.draw()).collect()
    }

    /// Text that goes into the request as it is.
    fn text(&mut self, plausible: &[&str]) -> Result<String> {
        if self.are_hostile {
            hostile(self.u, 2048, |_| true)
        } else {
            pick(self.u, plausible).map(str::to_owned)
        }
    }

    /// The call, or with such a text.
    fn maybe<C>(&mut self, call: C, with: fn(C, String) -> C, plausible: &[&str]) -> Result<C> {
        Ok(if self.u.arbitrary()? { with(call, self.text(plausible)?) } else { call })
    }
}

macro_rules! calls {
    ($($call:ty: |$parts:ident| $made:expr),* $(,)?) => {$(
        impl<'a> Arbitrary<'a> for $call {
            fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
                #[allow(unused_mut, unused_variables)]
                let mut $parts = Parts { u, are_hostile: false };
                Ok($made)
            }
        }

        impl<'a> Arbitrary<'a> for Hostile<$call> {
            fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
                #[allow(unused_mut, unused_variables)]
                let mut $parts = Parts { u, are_hostile: true };
                Ok(Self($made))
            }
        }
    )*};
}

const REASONS: &[&str] = &["You asked to join", "Kommst du dazu? 😀"];
const LINKS: &[&str] = &["https://app.example/done?a=b&c=d"];

calls! {
    Discover: |parts| Discover::new(),
    GetInvites: |parts| GetInvites::new(parts.draw()?),
    GetThirdPartyInvite: |parts| GetThirdPartyInvite::new(parts.draw()?, parts.draw()?),
    client::GetVersions: |parts| client::GetVersions::new(),
    InviteBy3pid: |parts| InviteBy3pid::new(parts.draw()?, parts.draw()?, parts.draw()?, parts.draw()?),
    InviteUser: |parts| {
        let call = InviteUser::new(parts.draw()?, parts.draw()?);
        parts.maybe(call, InviteUser::with_reason, REASONS)?
    },
    JoinRoom: |parts| {
        let call = JoinRoom::new(parts.draw()?);
        let call = if parts.u.arbitrary()? { call.with_third_party_signed(parts.draw()?) } else { call };
        parts.maybe(call, JoinRoom::with_reason, REASONS)?
    },
    LeaveRoom: |parts| {
        let call = LeaveRoom::new(parts.draw()?);
        parts.maybe(call, LeaveRoom::with_reason, REASONS)?
    },
    RequestOpenIdToken: |parts| RequestOpenIdToken::new(parts.draw()?),
    RevokeThirdPartyInvite: |parts| RevokeThirdPartyInvite::new(parts.draw()?, parts.draw()?),
    WhoAmI: |parts| WhoAmI::new(),
    AcceptTerms: |parts| AcceptTerms::new([parts.text(LINKS)?, parts.text(LINKS)?]),
    Bind: |parts| Bind::new(parts.draw()?, parts.draw()?, parts.draw()?),
    GetAccount: |parts| GetAccount::new(),
    GetHashDetails: |parts| GetHashDetails::new(),
    GetPublicKey: |parts| GetPublicKey::new(parts.draw()?),
    GetStatus: |parts| GetStatus::new(),
    GetTerms: |parts| GetTerms::new(),
    GetValidated3pid: |parts| GetValidated3pid::new(parts.draw()?, parts.draw()?),
    identity::GetVersions: |parts| identity::GetVersions::new(),
    IsEphemeralKeyValid: |parts| IsEphemeralKeyValid::new(parts.draw()?),
    IsKeyValid: |parts| IsKeyValid::new(parts.draw()?),
    LogOut: |parts| LogOut::new(),
    Lookup: |parts| {
        let make = if parts.u.arbitrary()? { Lookup::new } else { Lookup::new_unhashed };
        make(parts.list()?, &parts.draw()?).map_err(|_| Error::IncorrectFormat)?
    },
    OnBind: |parts| OnBind::new(parts.draw()?, parts.draw()?, parts.list()?),
    Register: |parts| Register::new(parts.draw()?),
    RequestEmailToken: |parts| {
        let call = RequestEmailToken::new(parts.draw()?, parts.text(&["alice@example.com"])?, parts.u.arbitrary()?);
        parts.maybe(call, RequestEmailToken::with_next_link, LINKS)?
    },
    RequestMsisdnToken: |parts| {
        let (country, number) = (parts.text(&["GB", "US"])?, parts.text(&["07700900001", "+1 800 555 2067"])?);
        let call = RequestMsisdnToken::new(parts.draw()?, country, number, parts.u.arbitrary()?);
        parts.maybe(call, RequestMsisdnToken::with_next_link, LINKS)?
    },
    SignInvite: |parts| SignInvite::new(parts.draw()?, parts.draw()?, parts.draw()?),
    StoreInvite: |parts| StoreInvite::new(parts.draw()?, parts.draw()?, parts.draw()?),
    SubmitEmailToken: |parts| SubmitEmailToken::new(parts.draw()?, parts.draw()?, parts.draw()?),
    SubmitMsisdnToken: |parts| SubmitMsisdnToken::new(parts.draw()?, parts.draw()?, parts.draw()?),
    Unbind: |parts| Unbind::new(parts.draw()?, parts.draw()?, parts.draw()?, parts.draw()?),
}
