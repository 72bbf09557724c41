//! Valid values at the edge of the rules, as `Hostile` describes.

use std::net::Ipv6Addr;

use arbitrary::{Arbitrary, Result, Unstructured};

use super::text::{fill, hostile};
use super::{pick, rarely, valid, word};
use crate::error::{InvalidInput, Rule};
use crate::id::{RoomAlias, RoomId, ServerName, UserId};
use crate::node::Node;
use crate::parts::Hostile;
use crate::secret::{AccessToken, IdAccessToken, Password};
use crate::threepid::{Medium, ThirdPartyId};

/// No `x`, because a name that begins with `xn--` must be Punycode.
const LABEL: &str = "abwz0189-ABWZ";

/// Draws a host of at most 40 bytes, of which URL libraries change only the case.
fn host(u: &mut Unstructured<'_>) -> Result<String> {
    const NAMES: &[&str] = &[
        "a",
        "localhost",
        "LOCALHOST",
        "example.",
        "-",
        "a--b.-c-",
        "xn--bcher-kva.example",
        "0.a",
        "0.0.0.0",
        "255.255.255.255",
        "127.255.0.1",
        "[::]",
        "[::1]",
        "[0:0:0:0:0:0:0:1]",
        "[::ffff:192.0.2.1]",
        "[2001:DB8::A]",
    ];
    Ok(match u.int_in_range(0..=4)? {
        0 | 1 => pick(u, NAMES)?.to_owned(),
        2 => format!("[{}]", Ipv6Addr::from(u.arbitrary::<[u8; 16]>()?)),
        _ => format!(
            "{}.{}.{}",
            word(u, LABEL, 1..=12)?,
            word(u, LABEL, 1..=12)?,
            pick(u, &["a", "example", "a.", "A-1"])?
        ),
    })
}

fn port(u: &mut Unstructured<'_>) -> Result<String> {
    Ok(match u.int_in_range(0..=3)? {
        0 => String::new(),
        1 => pick(u, &[":0", ":1", ":80", ":443", ":65535", ":00000", ":00443", ":08"])?.to_owned(),
        _ => format!(":{}", u.arbitrary::<u16>()?),
    })
}

impl<'a> Arbitrary<'a> for Hostile<ServerName> {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let port = port(u)?;
        let mut name = match u.int_in_range(0..=3)? {
            // Names in a server name that URL libraries parse as addresses, or reject.
            0 => pick(u, &["1.2.3", "256.0.0.1", "0x7f.1", "017.0.0.1", "1", "0.", "xn--"])?
                .to_owned(),
            _ => host(u)?,
        };
        if !name.starts_with('[') && rarely(u)? {
            fill(&mut name, 230 - port.len());
        }
        valid(ServerName::new(name + &port)).map(Self)
    }
}

impl<'a> Arbitrary<'a> for Hostile<RoomId> {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let mut text = format!("!{}", hostile(u, 254, |c| c != '\0')?);
        if text == "!" {
            text.push('/');
        }
        valid(RoomId::new(text)).map(Self)
    }
}

impl<'a> Arbitrary<'a> for Hostile<RoomAlias> {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let Hostile(server) = Hostile::<ServerName>::arbitrary(u)?;
        let localpart = hostile(u, 253 - server.as_str().len(), |c| !matches!(c, '\0' | ':'))?;
        valid(RoomAlias::new(format!("#{localpart}:{server}"))).map(Self)
    }
}

impl<'a> Arbitrary<'a> for Hostile<UserId> {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let Hostile(server) = Hostile::<ServerName>::arbitrary(u)?;
        let localpart = hostile(u, 253 - server.as_str().len(), |c| !matches!(c, '\0' | ':'))?;
        valid(UserId::new(format!("@{localpart}:{server}"))).map(Self)
    }
}

impl<'a> Arbitrary<'a> for Hostile<Medium> {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let name = match u.int_in_range(0..=3)? {
            0 => pick(u, &["email", "msisdn"])?.to_owned(),
            1 => pick(u, &["Email", "email ", "email\0", "e-mail", "tel"])?.to_owned(),
            _ => not_empty(hostile(u, 300, |_| true)?),
        };
        valid(Medium::new(name)).map(Self)
    }
}

impl<'a> Arbitrary<'a> for Hostile<ThirdPartyId> {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        valid(match u.int_in_range(0..=2)? {
            0 => ThirdPartyId::email(email_text(u)?),
            1 => ThirdPartyId::msisdn(phone_text(u)?),
            _ => ThirdPartyId::verbatim(
                Hostile::<Medium>::arbitrary(u)?.0,
                not_empty(hostile(u, 4096, |_| true)?),
            ),
        })
        .map(Self)
    }
}

/// Draws an e-mail address of at most 500 bytes, before and after its case is folded.
pub(super) fn email_text(u: &mut Unstructured<'_>) -> Result<String> {
    let allowed = |c: char| ThirdPartyId::email(format!("a{c}@a")).is_ok();
    let domain = email_domain(u)?;
    if rarely(u)? {
        let quoted = hostile(u, 70, |c| allowed(c) || "(),;[]".contains(c))?;
        return Ok(format!("\"{quoted}\\\"\\\\\"@{domain}"));
    }
    let start = pick(u, &["a", "'", "%", "..", "+", "/", "?", "ẞ", "\u{301}", "😀"])?;
    // Folding makes a character at most three times as long.
    let mut text = format!("{start}{}@{domain}", hostile(u, 70, allowed)?);
    // That would be a URL.
    if breaks(ThirdPartyId::email(&text), Rule::IsUrl) {
        text = text.replace('?', "!");
    }
    if rarely(u)? {
        let folded = valid(ThirdPartyId::email(&text))?.address().len();
        text.insert_str(0, &"a".repeat(500 - folded.max(text.len())));
    }
    Ok(text)
}

fn breaks(result: std::result::Result<ThirdPartyId, InvalidInput>, rule: Rule) -> bool {
    result.is_err_and(|error| error.rule() == rule)
}

/// Draws labels of at most 63 characters, before and after their case is folded.
fn email_domain(u: &mut Unstructured<'_>) -> Result<String> {
    const NAMES: &[&str] = &["b", "1.a", "localhost", "a--b.c", "xn--bcher-kva.example", "1-0.A-1"];
    let allowed = |c: char| c != '.' && ThirdPartyId::email(format!("a@a{c}a")).is_ok();
    let name = pick(u, NAMES)?.to_owned();
    Ok(match u.int_in_range(0..=3)? {
        0 => name,
        1 => format!("{}.{name}", word(u, "b", 63..=63)?),
        // A label has at most 63 bytes, and folding makes a character at most three times as long.
        _ => format!("a{}a.{name}", hostile(u, 20, allowed)?),
    })
}

/// Draws five to fifteen digits, in any spelling.
pub(super) fn phone_text(u: &mut Unstructured<'_>) -> Result<String> {
    const BETWEEN: &[&str] = &[
        "", "", " ", "-", ".", "/", "\u{a0}", "\u{202f}", "\u{2010}", "\u{2011}", "\u{2013}", "  ",
        ") ",
    ];
    let mut text = pick(u, &["", "+", "+ ", "+(", "("])?.to_owned();
    text.push_str(&word(u, "123456789", 1..=1)?);
    for _ in 0..u.int_in_range(4..=14)? {
        text.push_str(pick(u, BETWEEN)?);
        text.push_str(&word(u, "0123456789", 1..=1)?);
    }
    // That would be a number that a spreadsheet wrote.
    if breaks(ThirdPartyId::msisdn(&text), Rule::IsDecimal) {
        text.replace_range(text.len() - 1.., "1");
    }
    Ok(text)
}

pub(super) fn not_empty(text: String) -> String {
    if text.is_empty() { "a".to_owned() } else { text }
}

pub(super) fn token(u: &mut Unstructured<'_>) -> Result<String> {
    hostile(u, 8192, |c| c.is_ascii_graphic()).map(not_empty)
}

impl<'a> Arbitrary<'a> for Hostile<AccessToken> {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        valid(AccessToken::new(token(u)?)).map(Self)
    }
}

impl<'a> Arbitrary<'a> for Hostile<IdAccessToken> {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        valid(IdAccessToken::new(token(u)?)).map(Self)
    }
}

impl<'a> Arbitrary<'a> for Hostile<Password> {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        valid(Password::new(not_empty(hostile(u, 8192, |_| true)?))).map(Self)
    }
}

/// Draws any scheme, with a path that a URL library might change.
pub(super) fn url(u: &mut Unstructured<'_>) -> Result<String> {
    let scheme = pick(u, &["https", "http", "HTTPS", "hTTp"])?;
    let mut url = format!("{scheme}://{}{}", host(u)?, port(u)?);
    for index in 0..u.int_in_range(0..=4)? {
        url.push_str(if index == 0 { "/" } else { "" });
        url.push_str(&path_segment(u)?);
        url.push('/');
    }
    if url.ends_with('/') && rarely(u)? {
        fill(&mut url, 1023);
        url.push('/');
    }
    Ok(url)
}

/// Also plain `http` to other machines.
impl<'a> Arbitrary<'a> for Hostile<Node> {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Ok(Self(valid(Node::new_insecure(url(u)?))?.with_dialect(u.arbitrary()?)))
    }
}

/// Draws a segment. Its start ensures that it is not a dot segment.
fn path_segment(u: &mut Unstructured<'_>) -> Result<String> {
    let mut segment =
        pick(u, &["a", ".a", "...", "%2e%2E%2e", "%2F", "~", ":", "@", "%00"])?.to_owned();
    for _ in 0..u.int_in_range(0..=8)? {
        segment.push_str(pick(
            u,
            &[
                ".", "-", "_", "~", "!", "$", "&", "'", "(", ")", "*", "+", ",", ";", "=", ":",
                "@", "Z", "0", "%2e", "%2f", "%25", "%0D%0A", "%3F", "%c3%a9", "%FF",
            ],
        )?);
    }
    Ok(segment)
}
