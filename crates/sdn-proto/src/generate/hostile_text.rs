//! Text that a constructor may or may not accept.

use arbitrary::{Arbitrary, Result, Unstructured};

use super::hostile::{email_text, phone_text};
use super::pick;
use super::text::{PIECES, boundary, hostile};
use crate::id::{InviteToken, KeyId, RoomId, ServerName, UserId};
use crate::node::Node;
use crate::parts::Hostile;
use crate::public_key::PublicKey;
use crate::secret::AccessToken;
use crate::wallet::{Did, Signature, WalletAddress};

/// Text near the edges of the rules, which a constructor may or may not accept.
///
/// Often it is a value of some type with one mistake. Pass it to any constructor, or to
/// [`InviteBy3pid::from_strings`](crate::InviteBy3pid::from_strings).
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

impl<'a> Arbitrary<'a> for HostileText {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let mut text = near_miss(u)?;
        for _ in 0..u.int_in_range(0..=2)? {
            spoil(u, &mut text)?;
        }
        Ok(Self(text))
    }
}

/// Draws a text that a constructor accepts, or might accept.
fn near_miss(u: &mut Unstructured<'_>) -> Result<String> {
    Ok(match u.int_in_range(0..=16)? {
        0 => hostile(u, 600, |_| true)?,
        1 => Hostile::<RoomId>::arbitrary(u)?.0.to_string(),
        2 => Hostile::<UserId>::arbitrary(u)?.0.to_string(),
        3 => Hostile::<ServerName>::arbitrary(u)?.0.to_string(),
        4 => Hostile::<Node>::arbitrary(u)?.0.to_string(),
        5 => Hostile::<AccessToken>::arbitrary(u)?.0.expose().to_owned(),
        6 => email_text(u)?,
        7 => phone_text(u)?,
        8 => KeyId::arbitrary(u)?.to_string(),
        9 => PublicKey::arbitrary(u)?.to_string(),
        10 => InviteToken::arbitrary(u)?.to_string(),
        11 => WalletAddress::arbitrary(u)?.to_string(),
        12 => Hostile::<Did>::arbitrary(u)?.0.to_string(),
        13 => Signature::arbitrary(u)?.expose().to_owned(),
        14 => UserId::arbitrary(u)?.to_string(),
        15 => RoomId::arbitrary(u)?.to_string(),
        _ => u.arbitrary()?,
    })
}

/// Makes one change, like those of copy and paste.
fn spoil(u: &mut Unstructured<'_>, text: &mut String) -> Result<()> {
    let at = boundary(text, u.int_in_range(0..=text.len())?);
    match u.int_in_range(0..=5)? {
        0 => text.insert_str(at, pick(u, PIECES)?),
        1 => text.truncate(at),
        2 => drop(text.drain(..at)),
        3 => *text = text.to_uppercase(),
        4 => text.insert_str(
            0,
            pick(
                u,
                &[
                    "#", "!", "@", "https://", "http://", "mailto:", "tel:", "+", "0", "0x", "<",
                    " ",
                ],
            )?,
        ),
        _ => text.push_str(pick(
            u,
            &[
                "/", ":", ":65536", ":0", ".", "@", ">", "\n", "?x=1", "#x", "/..", "(0)", ",",
                ".0", "E+10",
            ],
        )?),
    }
    Ok(())
}
