//! How identity servers redact the addresses that a room shows.

/// Returns an e-mail address as Sydent redacts it by default, in lower case.
///
/// It shows three characters of the name and of the domain. Of two or three characters it shows
/// one, and of a single character nothing.
pub(super) fn form(address: &str) -> Option<String> {
    let (name, domain) = address.split_once('@')?;
    let part = |text: &str| {
        let shown = match text.chars().count() {
            0 | 1 => 0,
            2 | 3 => 1,
            _ => 3,
        };
        text.chars().take(shown).chain("...".chars()).collect::<String>()
    };
    Some(format!("{}@{}", part(name), part(domain)).to_lowercase())
}

/// Returns whether another server may show an address like this. Dots and asterisks stand for any
/// text.
pub(super) fn may_show(display_name: &str, address: &str) -> bool {
    let mut shown = display_name.trim_start_matches('+').split(['.', '…', '*']);
    let (first, last) = (shown.next().unwrap_or_default(), shown.next_back());
    let Some(mut rest) = address.strip_prefix(first) else { return false };
    for part in shown {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    let is_end = last.map_or(rest.is_empty(), |last| rest.ends_with(last));
    // A name without letters and digits fits every address.
    is_end && display_name.contains(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn form_shows_at_most_three_characters() {
        for (address, wanted) in [
            ("carol@example.com", "car...@exa..."),
            ("carl@example.com", "car...@exa..."),
            ("bob@a.b", "b...@a..."),
            ("ab@abcd", "a...@abc..."),
            ("x@äöüß.example", "...@äöü..."),
            ("si.1@example.com", "si....@exa..."),
            ("a@b@example.com", "...@b@e..."),
        ] {
            assert_eq!(form(address).as_deref(), Some(wanted), "{address}");
        }
        assert_eq!(form("18005552067"), None);
    }

    #[test]
    fn other_rules_may_show_the_address() {
        for (name, address) in [
            ("c...@example.com", "carol@example.com"),
            ("carol@example.com", "carol@example.com"),
            ("ca…@ex…", "carol@example.com"),
            ("c***l@e*****e.com", "carol@example.com"),
            ("c*l@e*.com", "carol@example.com"),
            ("b...@exa...", "bobby@example.com"),
            ("...67", "18005552067"),
            ("+1800...", "18005552067"),
            ("a...m", "amm"),
        ] {
            assert!(may_show(name, address), "{name} {address}");
        }
        for (name, address) in [
            ("", "carol@example.com"),
            ("...", "carol@example.com"),
            ("...@...", "carol@example.com"),
            ("car", "carol@example.com"),
            ("Carol", "carol@example.com"),
            ("d...@exa...", "carol@example.com"),
            ("car...@exb...", "carol@example.com"),
            ("carolin...@exa...", "carol@example.com"),
            ("c...@example.org", "carol@example.com"),
            ("1800...9", "18005552067"),
        ] {
            assert!(!may_show(name, address), "{name} {address}");
        }
    }
}
