//! Realistic values that do not depend on the dialect.

use arbitrary::{Arbitrary, Result, Unstructured};

use super::{pick, rarely, valid, word};
use crate::id::ServerName;
use crate::node::Node;
use crate::secret::{IdAccessToken, Password};
use crate::threepid::{Medium, ThirdPartyId};

pub(super) const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
pub(super) const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
pub(super) const BASE64_URL: &str =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
pub(super) const DIGITS: &str = "0123456789";
pub(super) const NAMES: &[&str] =
    &["alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi"];

/// Draws a name that is reserved for examples, so that no real server is called by mistake.
fn domain(u: &mut Unstructured<'_>) -> Result<String> {
    let suffix = pick(u, &["example", "example.org", "example.com", "test"])?;
    let label = pick(u, &["node", "matrix", "chat", "id", "mail", "xn--bcher-kva"])?;
    Ok(if rarely(u)? {
        format!("n{}.{label}.{suffix}", word(u, DIGITS, 1..=2)?)
    } else {
        format!("{label}.{suffix}")
    })
}

fn host(u: &mut Unstructured<'_>) -> Result<String> {
    Ok(match u.int_in_range(0..=9)? {
        0..=7 => domain(u)?,
        8 => format!("192.0.2.{}", u.arbitrary::<u8>()?),
        _ => format!("[2001:db8::{:x}]", u.int_in_range(1..=0xffff)?),
    })
}

fn port(u: &mut Unstructured<'_>) -> Result<&'static str> {
    pick(u, &["", "", "", ":8448", ":8008", ":8090", ":443"])
}

impl<'a> Arbitrary<'a> for ServerName {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        valid(Self::new(format!("{}{}", host(u)?, port(u)?)))
    }
}

impl<'a> Arbitrary<'a> for Medium {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        match u.int_in_range(0..=7)? {
            0..=3 => Ok(Self::EMAIL),
            4..=6 => Ok(Self::MSISDN),
            _ => valid(Self::new(pick(
                u,
                &["org.example.pager", "org.example.fax", "im.example.handle"],
            )?)),
        }
    }
}

/// E-mail addresses and phone numbers as people write them. An address in another medium is sent
/// unchanged.
impl<'a> Arbitrary<'a> for ThirdPartyId {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let medium = Medium::arbitrary(u)?;
        valid(if medium == Medium::EMAIL {
            Self::email(email(u)?)
        } else if medium == Medium::MSISDN {
            Self::msisdn(phone(u)?)
        } else {
            Self::verbatim(medium, format!("Unit {}", u.arbitrary::<u8>()?))
        })
    }
}

fn email(u: &mut Unstructured<'_>) -> Result<String> {
    let name = pick(u, NAMES)?;
    let localpart = match u.int_in_range(0..=4)? {
        0 => name.to_owned(),
        1 => format!("{name}.{}", word(u, LOWER, 1..=12)?),
        2 => format!("{name}+{}", word(u, LOWER, 1..=8)?),
        3 => name.to_uppercase(),
        _ => pick(u, &["strauß", "o'hara", "josé", "иван", "用户"])?.to_owned(),
    };
    Ok(format!("{localpart}@{}", domain(u)?))
}

fn phone(u: &mut Unstructured<'_>) -> Result<String> {
    let digits = word(u, DIGITS, 7..=7)?;
    let (area, line) = digits.split_at(3);
    Ok(match u.int_in_range(0..=3)? {
        0 => format!("+1 (800) {area}-{line}"),
        1 => format!("+44 20 {area} {line}"),
        2 => format!("+49 30/{digits}"),
        _ => format!("1800{digits}"),
    })
}

/// Draws Synapse's token with its three parts, an older server's long one, and tokens of other
/// servers.
pub(super) fn token(u: &mut Unstructured<'_>) -> Result<String> {
    Ok(match u.int_in_range(0..=3)? {
        0 => {
            let (user, secret, check) =
                (word(u, LETTERS, 4..=12)?, word(u, LETTERS, 20..=20)?, word(u, LETTERS, 6..=6)?);
            format!("syt_{user}_{secret}_{check}")
        }
        1 => word(u, BASE64_URL, 32..=43)?,
        2 => word(u, "0123456789abcdef", 64..=64)?,
        _ => format!("mct_{}=", word(u, BASE64_URL, 30..=30)?),
    })
}

impl<'a> Arbitrary<'a> for IdAccessToken {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        valid(Self::new(token(u)?))
    }
}

impl<'a> Arbitrary<'a> for Password {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let phrase = pick(u, &["correct horse", "pässwörd", "hunter", "\"<&>'"])?;
        valid(Self::new(format!("{phrase}{}", word(u, BASE64_URL, 8..=20)?)))
    }
}

/// `https`, or `http` on this machine.
pub(super) fn url(u: &mut Unstructured<'_>) -> Result<String> {
    let path = pick(u, &["", "/", "", "/sub/", "/chat/node/"])?;
    Ok(if rarely(u)? {
        let host = pick(u, &["localhost", "127.0.0.1", "[::1]"])?;
        format!("http://{host}:{}{path}", u.int_in_range(1024..=65535)?)
    } else {
        format!("https://{}{}{path}", host(u)?, port(u)?)
    })
}

/// In either dialect.
impl<'a> Arbitrary<'a> for Node {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Ok(valid(Self::new(url(u)?))?.with_dialect(u.arbitrary()?))
    }
}
