//! Values of wallets and their logins, both realistic and at the edge of the rules.

use arbitrary::{Arbitrary, Result, Unstructured};

use super::text::{fill, hostile};
use super::{Hostile, pick, rarely, valid, word};
use crate::wallet::{Did, LoginMessage, Signature, WalletAddress};

const HEX: &str = "0123456789abcdef";

/// Draws the 40 digits of an address, which are also in user IDs and room IDs.
pub(super) fn digits(u: &mut Unstructured<'_>) -> Result<String> {
    word(u, HEX, 40..=40)
}

/// Draws hex digits in different spellings.
fn spelled(u: &mut Unstructured<'_>, digits: &str) -> Result<String> {
    let digits = if u.arbitrary()? { digits.to_uppercase() } else { digits.to_owned() };
    Ok(pick(u, &["0x", "0X"])?.to_owned() + &digits)
}

impl<'a> Arbitrary<'a> for WalletAddress {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        valid(Self::new(format!("0x{}", digits(u)?)))
    }
}

impl<'a> Arbitrary<'a> for Hostile<WalletAddress> {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let digits = digits(u)?;
        valid(WalletAddress::new(spelled(u, &digits)?)).map(Self)
    }
}

/// The DID of a wallet that has logged in, or of one that never did.
impl<'a> Arbitrary<'a> for Did {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let start = if rarely(u)? { "did:pkh:eip155:1:0x" } else { "did:sdn:" };
        valid(Self::new(format!("{start}{}", digits(u)?)))
    }
}

impl<'a> Arbitrary<'a> for Hostile<Did> {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        if u.arbitrary()? {
            return valid(Did::new(format!("did:sdn:{}", digits(u)?.to_uppercase()))).map(Self);
        }
        let method = pick(u, &["0", "sdn2", "pkh", "web", "s"])?;
        let mut text = format!("did:{method}:{}", word(u, "0xA.:%-_f", 1..=40)?);
        if rarely(u)? {
            fill(&mut text, 255);
        }
        valid(Did::new(text)).map(Self)
    }
}

impl<'a> Arbitrary<'a> for Signature {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        // The first digits keep both numbers in their range.
        let r = word(u, "123456789abcde", 1..=1)? + &word(u, HEX, 63..=63)?;
        let s = word(u, "123456", 1..=1)? + &word(u, HEX, 63..=63)?;
        valid(Self::new(format!("0x{r}{s}{}", pick(u, &["1b", "1c"])?)))
    }
}

impl<'a> Arbitrary<'a> for Hostile<Signature> {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        const ONE: &str = "0000000000000000000000000000000000000000000000000000000000000001";
        const MAX_R: &str = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140";
        const MAX_S: &str = "7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0";
        let r = pick(u, &[ONE, MAX_R])?;
        let s = pick(u, &[ONE, MAX_S])?;
        let v = pick(u, &["00", "01", "1b", "1c"])?;
        let text = spelled(u, &format!("{r}{s}{v}"))?;
        let has_prefix = u.arbitrary()?;
        valid(Signature::new(if has_prefix { &text } else { &text["0x".len()..] })).map(Self)
    }
}

impl<'a> Arbitrary<'a> for LoginMessage {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let (digits, nonce) = (digits(u)?, word(u, HEX, 16..=16)?);
        valid(Self::new(format!(
            "node.example wants you to sign in with your account:\n0x{digits}\n\nNonce: {nonce}"
        )))
    }
}

impl<'a> Arbitrary<'a> for Hostile<LoginMessage> {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        valid(LoginMessage::new(hostile(u, 4096, |_| true)?)).map(Self)
    }
}
