use std::sync::Arc;

use super::hex;
use crate::error::{InvalidInput, Rule};
use crate::secret::secret;

secret! {
    /// A wallet's signature of a login message, as `personal_sign` ([EIP-191]) returns it.
    ///
    /// It is 65 bytes in hex: *r* (32), *s* (32) and *v* (1). The text may begin with `0x` or not,
    /// and may have digits of either case and 0, 1, 27 or 28 as *v*. It is stored and sent with
    /// `0x`, in lower case, and with 27 or 28.
    ///
    /// Both *r* and *s* have to be more than 0 and less than the order of the curve. An *s* in the
    /// upper half is rejected ([EIP-2]), because otherwise every signature would have two forms.
    /// Wallets write the form with the low *s*.
    ///
    /// Together with the message it works like a token until the login has ended, so `Debug` prints
    /// `[redacted]`.
    ///
    /// ```
    /// use sdn_proto::{Signature, Rule};
    ///
    /// let r = "e5ddc160e4c8f92de507c7db9b982d4f9b7197bfa421864aeadc586bc96b09ae";
    /// let s = "0ba0c5b131650ae4994cff1839341d00f3735ef5abc62ac8fe2cf50f65208e2a";
    /// let signature = Signature::new(format!("{r}{s}00"))?;
    /// assert_eq!(signature.expose(), format!("0x{r}{s}1b"));
    /// assert_eq!(format!("{signature:?}"), "Signature([redacted])");
    ///
    /// let high_s = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140";
    /// assert_eq!(Signature::new(format!("0x{r}{high_s}1b")).unwrap_err().rule(), Rule::HighS);
    /// # Ok::<(), sdn_proto::InvalidInput>(())
    /// ```
    ///
    /// [EIP-2]: https://eips.ethereum.org/EIPS/eip-2
    /// [EIP-191]: https://eips.ethereum.org/EIPS/eip-191
    Signature, "signature", check
}

/// The order of secp256k1, and half of it.
const ORDER: &str = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
const HALF_ORDER: &str = "7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0";
const ZERO: &str = "0000000000000000000000000000000000000000000000000000000000000000";

fn check(field: &'static str, text: &str) -> Result<Arc<str>, InvalidInput> {
    canonical(text).map(Arc::from).map_err(|rule| InvalidInput::new(field, rule))
}

fn canonical(text: &str) -> Result<String, Rule> {
    if text.is_empty() {
        return Err(Rule::Empty);
    }
    let digits = hex::without_prefix(text).unwrap_or(text);
    hex::check_digits(digits, 130)?;
    let digits = digits.to_ascii_lowercase();
    let (r, (s, v)) = (&digits[..64], digits[64..].split_at(64));
    // Digits of the same length and case sort like their numbers.
    let is_number = |number: &str| ZERO < number && number < ORDER;
    if !is_number(r) || !is_number(s) {
        return Err(Rule::OutOfRange);
    }
    if s > HALF_ORDER {
        return Err(Rule::HighS);
    }
    let v = match v {
        "00" | "1b" => "1b",
        "01" | "1c" => "1c",
        _ => return Err(Rule::UnknownRecoveryId),
    };
    Ok(format!("0x{r}{s}{v}"))
}

#[cfg(feature = "wallet")]
impl Signature {
    pub(crate) const FIELD: &'static str = "signature";

    /// Returns the 130 digits.
    pub(super) fn digits(&self) -> &str {
        &self.0["0x".len()..]
    }
}
