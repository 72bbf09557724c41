//! Strict checks of Ed25519 signatures that cost no more than plain ones.

use ed25519_dalek::{Signature, Verifier, VerifyingKey};

/// Returns the point that a public key encodes, unless it is unfit for signatures.
///
/// A point has one encoding. With another, no private key can have created a signature. Signatures
/// by a point of small order prove nothing.
pub(super) fn point(key: &[u8; 32]) -> Option<VerifyingKey> {
    if !is_reduced(key) || has_small_order(key) {
        return None;
    }
    VerifyingKey::from_bytes(key).ok()
}

/// Returns whether a signature is that of the key, which [`point`] returned, over the message.
///
/// It decides as [`VerifyingKey::verify_strict`] does, which also refuses a nonce of small order.
/// That function computes the nonce's point to get its order. This one gets the order from the
/// nonce's bytes, because the check compares them with the only correct encoding.
pub(super) fn is_signed(message: &[u8], signature: &[u8; 64], key: &VerifyingKey) -> bool {
    let signature = Signature::from_bytes(signature);
    !has_small_order(signature.r_bytes()) && key.verify(message, &signature).is_ok()
}

/// Returns whether the coordinate is below the field's prime, 2²⁵⁵ − 19.
///
/// The bytes are little-endian. The highest bit is the sign of the other coordinate. It has no
/// meaning where the other is 0, but those points have a small order.
fn is_reduced(key: &[u8; 32]) -> bool {
    key[0] < 0xed || key[1..31].iter().any(|&byte| byte < 0xff) || key[31] & !SIGN < 0x7f
}

/// Returns whether a reduced encoding is that of one of the eight points of small order.
fn has_small_order(encoding: &[u8; 32]) -> bool {
    let mut coordinate = *encoding;
    coordinate[31] &= !SIGN;
    SMALL_ORDER.contains(&coordinate)
}

const SIGN: u8 = 0x80;

/// The coordinates of the points of small order: 0, 1, −1, and two of order eight.
const SMALL_ORDER: [[u8; 32]; 5] = [
    [0; 32],
    with_ends([0; 32], 0x01, 0),
    with_ends([0xff; 32], 0xec, 0x7f),
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67,
        0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac,
        0x03, 0x7a,
    ],
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98,
        0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53,
        0xfc, 0x05,
    ],
];

const fn with_ends(mut bytes: [u8; 32], first: u8, last: u8) -> [u8; 32] {
    bytes[0] = first;
    bytes[31] = last;
    bytes
}

#[cfg(test)]
mod tests {
    use curve25519_dalek::constants::EIGHT_TORSION;
    use curve25519_dalek::{EdwardsPoint, Scalar};
    use proptest::prelude::*;
    use sha2::{Digest, Sha512};

    use super::*;

    /// Encodes the point again, which takes 36,000 instructions.
    fn point_plainly(key: &[u8; 32]) -> Option<VerifyingKey> {
        let point = VerifyingKey::from_bytes(key).ok()?;
        let encoded = point.to_edwards().compress().to_bytes();
        (encoded == *key && !point.is_weak()).then_some(point)
    }

    fn is_signed_plainly(message: &[u8], signature: &[u8; 64], key: &[u8; 32]) -> bool {
        let point = point_plainly(key);
        point.is_some_and(|point| {
            point.verify_strict(message, &Signature::from_bytes(signature)).is_ok()
        })
    }

    fn is_signed_by(message: &[u8], signature: &[u8; 64], key: &[u8; 32]) -> bool {
        point(key).is_some_and(|point| is_signed(message, signature, &point))
    }

    /// Counts the results of crafted signatures, and compares the two checks.
    #[derive(Debug, Default)]
    struct Verdicts {
        compared: usize,
        accepted: usize,
        /// Signatures that only the plain check accepts.
        lax: usize,
    }

    impl Verdicts {
        fn compare(&mut self, message: &[u8], signature: &[u8; 64], key: &[u8; 32]) {
            let is_accepted = is_signed_by(message, signature, key);
            assert_eq!(
                is_accepted,
                is_signed_plainly(message, signature, key),
                "{message:?} {signature:?} {key:?}"
            );
            let is_lax = VerifyingKey::from_bytes(key).is_ok_and(|point| {
                point.verify(message, &Signature::from_bytes(signature)).is_ok()
            });
            self.compared += 1;
            self.accepted += usize::from(is_accepted);
            self.lax += usize::from(is_lax && !is_accepted);
        }
    }

    fn hash(parts: &[&[u8]]) -> Scalar {
        let hash = parts.iter().fold(Sha512::new(), |hash, part| hash.chain_update(part));
        Scalar::from_bytes_mod_order_wide(&hash.finalize().into())
    }

    /// Signs with a key and a nonce to which points of small order were added.
    fn craft(
        message: &[u8],
        secret: Scalar,
        nonce: Scalar,
        added: [EdwardsPoint; 2],
    ) -> ([u8; 64], [u8; 32]) {
        let [key, nonce_point] = [(secret, added[0]), (nonce, added[1])]
            .map(|(scalar, added)| (EdwardsPoint::mul_base(&scalar) + added).compress().to_bytes());
        let response = nonce + hash(&[&nonce_point, &key, message]) * secret;
        let mut signature = [0; 64];
        signature[..32].copy_from_slice(&nonce_point);
        signature[32..].copy_from_slice(&response.to_bytes());
        (signature, key)
    }

    #[test]
    fn table_has_every_small_order_point() {
        let mut coordinates = EIGHT_TORSION.map(|point| {
            let mut bytes = point.compress().to_bytes();
            assert!(has_small_order(&bytes));
            bytes[31] &= !SIGN;
            bytes
        });
        coordinates.sort_unstable();
        let mut table = SMALL_ORDER;
        table.sort_unstable();
        assert_eq!(
            coordinates.chunk_by(|one, next| one == next).map(|same| same[0]).collect::<Vec<_>>(),
            table
        );
    }

    #[test]
    fn crafted_signatures_get_strict_result() {
        let mut verdicts = Verdicts::default();
        for number in 0..40_u64 {
            let message = number.to_le_bytes();
            let (secret, nonce) = (hash(&[b"secret", &message]), hash(&[b"nonce", &message]));
            for added in
                EIGHT_TORSION.iter().flat_map(|&key| EIGHT_TORSION.map(|nonce| [key, nonce]))
            {
                for nonce in [nonce, Scalar::ZERO] {
                    let (signature, key) = craft(&message, secret, nonce, added);
                    verdicts.compare(&message, &signature, &key);
                }
            }
        }
        assert_eq!(verdicts.compared, 5120);
        assert!(verdicts.accepted >= 40, "{verdicts:?}");
        assert!(verdicts.lax >= 40, "some are wrong only strictly: {verdicts:?}");
    }

    #[test]
    fn flipped_bits_are_noticed() {
        let mut verdicts = Verdicts::default();
        let none = EIGHT_TORSION[0];
        let (signature, key) = craft(b"", hash(&[b"secret"]), hash(&[b"nonce"]), [none, none]);
        assert!(is_signed_by(b"", &signature, &key));
        for bit in 0..512 {
            let mut flipped = signature;
            flipped[bit / 8] ^= 1 << (bit % 8);
            verdicts.compare(b"", &flipped, &key);
            if let Some(byte) = key.get(bit / 8) {
                let mut flipped = key;
                flipped[bit / 8] = byte ^ (1 << (bit % 8));
                verdicts.compare(b"", &signature, &flipped);
            }
        }
        assert_eq!((verdicts.compared, verdicts.accepted), (768, 0));
    }

    #[test]
    fn other_encodings_get_strict_result() {
        let mut verdicts = Verdicts::default();
        for least in 0..=0xff {
            for most in [0x7f, 0xff] {
                let encoding = with_ends([0xff; 32], least, most);
                for known in EIGHT_TORSION.map(|point| point.compress().to_bytes()) {
                    for (nonce, key) in [(encoding, known), (known, encoding), (encoding, encoding)]
                    {
                        let mut signature = [0; 64];
                        signature[..32].copy_from_slice(&nonce);
                        verdicts.compare(b"", &signature, &key);
                    }
                }
            }
        }
        assert_eq!((verdicts.compared, verdicts.accepted), (12_288, 0));
        assert!(verdicts.lax > 0, "{verdicts:?}");
    }

    #[test]
    fn coordinate_beyond_the_prime_is_rejected() {
        for least in 0..=0xff {
            for second in [0, 0xfe, 0xff] {
                for most in [0x7e, 0x7f, 0xfe, 0xff] {
                    let mut key = with_ends([0xff; 32], least, most);
                    key[1] = second;
                    assert_eq!(point(&key), point_plainly(&key), "{key:?}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn point_has_one_encoding(key: [u8; 32]) {
            prop_assert_eq!(point(&key), point_plainly(&key));
        }
    }
}
