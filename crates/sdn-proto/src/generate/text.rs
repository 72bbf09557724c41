//! Text made of what encoders, parsers, logs and terminals get wrong.

use arbitrary::{Arbitrary, Result, Unstructured};

use super::{Hostile, pick, rarely};
use crate::id::{InviteToken, KeyId, RoomId, ServerName, UserId};
use crate::node::Node;
use crate::public_key::PublicKey;
use crate::secret::AccessToken;

/// Text near the edges of the rules, which a constructor may or may not accept.
///
/// Often it is a value of some type with one thing wrong. Feed it to any constructor, or to
/// [`InviteBy3pid::from_parts`](crate::InviteBy3pid::from_parts).
///
/// ```
/// use arbitrary::{Arbitrary, Unstructured};
/// use sdn_proto::{RoomId, generate::HostileText};
///
/// let text = HostileText::arbitrary(&mut Unstructured::new(b"any bytes at all"))?.0;
/// match RoomId::new(&text) {
///     Ok(room_id) => assert_eq!(room_id.as_str(), text),
///     Err(error) => assert_eq!(error.field(), "room ID"),
/// }
/// # Ok::<(), arbitrary::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct HostileText(pub String);

#[rustfmt::skip]
const PIECES: &[&str] = &[
    "/", "%", "?", "#", "\"", "\\", ":", "@", "&", "=", "+", " ", ".", "..", "'", "<", ">", "[", "]", "{", "}", "|",
    "^", "`", ";", ",", "$", "~", "*", "(", ")", "!", "-", "_", "0", "A", "Z", "//", "/../", "%2F", "%2e%2e", "%25",
    "%00", "%0d%0a", "%zz", "\\u0000", "\r\n", "\n", "\t", "\0", "\u{7f}", "\u{85}", "\u{a0}", "\u{1b}[31m",
    "\r\nX-Injected: 1\r\n\r\n", "\",\"id_server\":\"evil.example", "https://evil.example/", "\u{feff}", "\u{200b}",
    "\u{200d}", "\u{2028}", "\u{202e}", "\u{2066}", "\u{301}", "é", "ß", "ẞ", "İ", "ΐ", "ﬃ", "K", "\u{d7ff}", "\u{e000}",
    "\u{fffd}", "\u{ffff}", "👩‍👧", "😀", "\u{10ffff}",
];

/// At most `max` bytes of characters that are `allowed`, as `a` must be; now and then exactly `max`.
pub(super) fn hostile(
    u: &mut Unstructured<'_>,
    max: usize,
    allowed: impl Fn(char) -> bool,
) -> Result<String> {
    let mut text = String::new();
    for _ in 0..u.int_in_range(0..=12)? {
        match u.int_in_range(0..=3)? {
            0 | 1 => text.push_str(pick(u, PIECES)?),
            2 => text.push(char::from(u.int_in_range(0..=0x7f)?)),
            _ => text.push(u.arbitrary()?),
        }
    }
    text.retain(allowed);
    cut(&mut text, max);
    if rarely(u)? {
        fill(&mut text, max);
    }
    Ok(text)
}

pub(super) fn fill(text: &mut String, to: usize) {
    text.extend(std::iter::repeat_n('a', to.saturating_sub(text.len())));
}

fn cut(text: &mut String, max: usize) {
    text.truncate(boundary(text, max));
}

/// The greatest character boundary that is not after `at`.
fn boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

impl<'a> Arbitrary<'a> for HostileText {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let mut text = near_miss(u)?;
        for _ in 0..u.int_in_range(0..=2)? {
            spoil(u, &mut text)?;
        }
        Ok(Self(text))
    }
}

/// Something that one of the constructors takes, or might.
fn near_miss(u: &mut Unstructured<'_>) -> Result<String> {
    Ok(match u.int_in_range(0..=11)? {
        0 => hostile(u, 600, |_| true)?,
        1 => Hostile::<RoomId>::arbitrary(u)?.0.to_string(),
        2 => Hostile::<UserId>::arbitrary(u)?.0.to_string(),
        3 => Hostile::<ServerName>::arbitrary(u)?.0.to_string(),
        4 => Hostile::<Node>::arbitrary(u)?.0.to_string(),
        5 => Hostile::<AccessToken>::arbitrary(u)?.0.expose().to_owned(),
        6 => super::hostile::email_text(u)?,
        7 => super::hostile::phone_text(u)?,
        8 => KeyId::arbitrary(u)?.to_string(),
        9 => PublicKey::arbitrary(u)?.to_string(),
        10 => InviteToken::arbitrary(u)?.to_string(),
        _ => u.arbitrary()?,
    })
}

/// One change, of the kind that people make when they copy and paste.
fn spoil(u: &mut Unstructured<'_>, text: &mut String) -> Result<()> {
    let at = boundary(text, u.int_in_range(0..=text.len())?);
    match u.int_in_range(0..=5)? {
        0 => text.insert_str(at, pick(u, PIECES)?),
        1 => text.truncate(at),
        2 => drop(text.drain(..at)),
        3 => *text = text.to_uppercase(),
        4 => text.insert_str(
            0,
            pick(u, &["#", "!", "@", "https://", "http://", "mailto:", "+", "0", "<", " "])?,
        ),
        _ => text.push_str(pick(
            u,
            &["/", ":", ":65536", ":0", ".", "@", ">", "\n", "?x=1", "#x", "/..", "(0)"],
        )?),
    }
    Ok(())
}
