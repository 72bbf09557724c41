//! The check value at the end of a line: the CRC-32C of everything before it, in eight hex digits.
//!
//! ```text
//! {"invitee":"alice@example.com","outcome":"sending","check":"89be63d5"}
//! ```
//!
//! It is the last member of the line's JSON object, so people and JSON tools can still read the
//! line. JSON escapes the quotation marks of a text, so `,"check":"` occurs only once in a line.

use crc::{CRC_32_ISCSI, Crc};

const CRC_32C: Crc<u32> = Crc::<u32>::new(&CRC_32_ISCSI);

const MARK: &str = r#","check":""#;

/// The length of a check value with its key and the characters around it.
const LENGTH: usize = MARK.len() + 8 + r#""}"#.len();

/// Adds the check value to a JSON object that has members.
pub(super) fn add(object: &str) -> String {
    let checked = object.strip_suffix('}').unwrap_or(object);
    format!("{checked}{}", suffix(checked.as_bytes()))
}

/// Returns whether a line ends with the right check value.
pub(super) fn is_right(line: &[u8]) -> bool {
    let split = line.len().checked_sub(LENGTH).and_then(|at| line.split_at_checked(at));
    split.is_some_and(|(checked, end)| suffix(checked).as_bytes() == end)
}

/// Returns whether a line ends before the end of its check value.
pub(super) fn is_incomplete(line: &[u8]) -> bool {
    let mark = line.windows(MARK.len()).position(|window| window == MARK.as_bytes());
    mark.is_none_or(|at| line.len() < at + LENGTH)
}

fn suffix(checked: &[u8]) -> String {
    format!(r#"{MARK}{:08x}"}}"#, CRC_32C.checksum(checked))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_value_is_the_published_one() {
        // From the catalogue of CRC algorithms, and for 32 zeros from RFC 3720, B.4.
        assert_eq!(CRC_32C.checksum(b"123456789"), 0xe306_9283);
        assert_eq!(CRC_32C.checksum(&[0; 32]), 0x8a91_36aa);
    }

    #[test]
    fn line_is_right_only_unchanged() {
        let line = add(r#"{"invitee":"alice@example.com","outcome":"sending"}"#);
        assert_eq!(
            line,
            r#"{"invitee":"alice@example.com","outcome":"sending","check":"89be63d5"}"#
        );
        assert!(is_right(line.as_bytes()) && !is_incomplete(line.as_bytes()));
        for end in 0..line.len() {
            assert!(!is_right(&line.as_bytes()[..end]), "{end}");
            assert!(is_incomplete(&line.as_bytes()[..end]), "{end}");
        }
        assert!(!is_right(line.to_uppercase().as_bytes()));
        assert!(!is_right(format!("{line} ").as_bytes()));
    }
}
