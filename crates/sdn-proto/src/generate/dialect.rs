//! Identifiers and tokens in the shapes of each dialect's nodes.

use arbitrary::{Arbitrary, Result, Unstructured};

use super::plausible::{BASE64_URL, DIGITS, LETTERS, LOWER, NAMES, token};
use super::wallet::digits;
use super::{pick, rarely, valid, word};
use crate::dialect::Dialect;
use crate::id::{RoomAlias, RoomId, ServerName, UserId};
use crate::secret::AccessToken;

/// A value with different shapes at SDN's and Matrix's nodes. `Arbitrary` draws both.
pub(super) trait OfDialect: Sized {
    fn draw(u: &mut Unstructured<'_>, dialect: Dialect) -> Result<Self>;
}

macro_rules! any_dialect {
    ($($type:ty),* $(,)?) => {$(
        impl<'a> arbitrary::Arbitrary<'a> for $type {
            fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
                let dialect = u.arbitrary()?;
                Self::draw(u, dialect)
            }
        }
    )*};
}
pub(super) use any_dialect;

any_dialect!(AccessToken, RoomAlias, RoomId, UserId);

impl<'a> Arbitrary<'a> for Dialect {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        pick(u, &[Self::Sdn, Self::Matrix])
    }
}

/// Returns a user ID with a wallet in both parts.
fn wallet_user(u: &mut Unstructured<'_>) -> Result<String> {
    let digits = digits(u)?;
    Ok(format!("@sdn_{digits}:{digits}"))
}

/// SDN's have sixteen letters and digits, and a user ID. Matrix's have eighteen letters and a
/// server or, since room version 12, only a hash.
impl OfDialect for RoomId {
    fn draw(u: &mut Unstructured<'_>, dialect: Dialect) -> Result<Self> {
        const LETTERS_AND_DIGITS: &str =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        valid(Self::new(match dialect {
            Dialect::Sdn => {
                format!("!{}-{}", word(u, LETTERS_AND_DIGITS, 16..=16)?, wallet_user(u)?)
            }
            Dialect::Matrix if u.arbitrary()? => format!("!{}", word(u, BASE64_URL, 43..=43)?),
            Dialect::Matrix => {
                format!("!{}:{}", word(u, LETTERS, 18..=18)?, ServerName::arbitrary(u)?)
            }
        }))
    }
}

impl OfDialect for RoomAlias {
    fn draw(u: &mut Unstructured<'_>, dialect: Dialect) -> Result<Self> {
        let localpart = pick(u, &["lobby", "general", "rust-users", "Café", "c++"])?;
        let server = match dialect {
            Dialect::Sdn => digits(u)?,
            Dialect::Matrix => ServerName::arbitrary(u)?.to_string(),
        };
        valid(Self::new(format!("#{localpart}:{server}")))
    }
}

/// SDN's had another shape until 2023.
impl OfDialect for UserId {
    fn draw(u: &mut Unstructured<'_>, dialect: Dialect) -> Result<Self> {
        valid(Self::new(match dialect {
            Dialect::Sdn if rarely(u)? => format!("@0x{}:hs.sending.me", digits(u)?),
            Dialect::Sdn => wallet_user(u)?,
            Dialect::Matrix => format!("@{}:{}", localpart(u)?, ServerName::arbitrary(u)?),
        }))
    }
}

fn localpart(u: &mut Unstructured<'_>) -> Result<String> {
    Ok(match u.int_in_range(0..=3)? {
        0 => pick(u, NAMES)?.to_owned(),
        1 => format!("{}.{}", pick(u, NAMES)?, word(u, LOWER, 1..=12)?),
        2 => format!("{}_{}", pick(u, NAMES)?, word(u, DIGITS, 1..=4)?),
        _ => word(u, "abcdefghijklmnopqrstuvwxyz0123456789._=-/+", 1..=30)?,
    })
}

/// SDN's are 32 bytes in URL-safe Base64.
impl OfDialect for AccessToken {
    fn draw(u: &mut Unstructured<'_>, dialect: Dialect) -> Result<Self> {
        valid(Self::new(match dialect {
            Dialect::Sdn => word(u, BASE64_URL, 43..=43)?,
            Dialect::Matrix => token(u)?,
        }))
    }
}
