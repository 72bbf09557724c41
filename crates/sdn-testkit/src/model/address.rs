//! Addresses: how they are compared, checked and shown.

use unicase::UniCase;

/// The longest address that is accepted.
const MAX_BYTES: usize = 500;

/// Returns the form in which addresses are stored and compared.
pub(crate) fn fold(address: &str) -> String {
    UniCase::unicode(address).to_folded_case()
}

/// Returns whether a mail could be sent to the address.
pub(crate) fn is_email(address: &str) -> bool {
    let refused = |c: char| c.is_whitespace() || c.is_control() || "<>,;\"".contains(c);
    let mut parts = address.split('@');
    let two_parts = matches!(
        (parts.next(), parts.next(), parts.next()),
        (Some(local), Some(domain), None) if !local.is_empty() && !domain.is_empty()
    );
    two_parts && address.len() <= MAX_BYTES && !address.contains(refused)
}

/// Redacts `carol@example.org` to `car...@exa...`, from which a room's members can guess the invitee.
pub(crate) fn redact(address: &str) -> String {
    let (local, domain) = address.split_once('@').unwrap_or((address, ""));
    format!("{}@{}", redact_part(local), redact_part(domain))
}

fn redact_part(part: &str) -> String {
    let revealed = match part.chars().count() {
        0 | 1 => 0,
        2 | 3 => 1,
        _ => 3,
    };
    part.chars().take(revealed).chain("...".chars()).collect()
}

/// Returns a phone number as digits, with the calling code of one of the few supported countries.
pub(crate) fn msisdn(number: &str, country: &str) -> Option<String> {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let is_formatting = |c: char| c.is_ascii_digit() || " +-.()".contains(c);
    if !(5..=15).contains(&digits.len()) || !number.chars().all(is_formatting) {
        return None;
    }
    if number.starts_with('+') {
        return Some(digits);
    }
    let calling_code = match country {
        "CA" | "US" => "1",
        "DE" => "49",
        "FR" => "33",
        "GB" => "44",
        _ => return None,
    };
    match digits.strip_prefix('0') {
        Some(national) => Some(format!("{calling_code}{national}")),
        None if digits.starts_with(calling_code) => Some(digits),
        None => Some(format!("{calling_code}{digits}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redacts_as_real_servers_do() {
        assert_eq!(redact("carol.ef6a84@example.org"), "car...@exa...");
        assert_eq!(redact("si.12f2f4@example.org"), "si....@exa...");
        assert_eq!(redact("bob@a.b"), "b...@a...");
        assert_eq!(redact("x@äöüß.example"), "...@äöü...");
    }

    #[test]
    fn tells_what_can_be_mailed() {
        assert!(is_email("alice@example.com"));
        for bad in ["", "alice", "@example.com", "alice@", "a@b@c", "X <x@example.org>", "a\r\n@b"]
        {
            assert!(!is_email(bad), "{bad:?}");
        }
        assert!(!is_email(&format!("{}@example.org", "a".repeat(600))));
    }

    #[test]
    fn reads_phone_numbers() {
        for (number, country, msisdn) in [
            ("07700 900001", "GB", Some("447700900001")),
            ("+1 (800) 555-2067", "GB", Some("18005552067")),
            ("800 555 2067", "US", Some("18005552067")),
            ("1 800 555 2067", "US", Some("18005552067")),
            ("07700 900001", "ZZ", None),
            ("0800 CALL ME", "GB", None),
            ("", "GB", None),
        ] {
            assert_eq!(super::msisdn(number, country).as_deref(), msisdn, "{number}");
        }
    }

    #[test]
    fn folds_all_of_unicode() {
        assert_eq!(fold("Strauß@Example.com"), "strauss@example.com");
    }
}
