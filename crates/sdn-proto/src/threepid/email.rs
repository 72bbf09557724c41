use unicase::UniCase;

use super::{domain, invisible};
use crate::error::Rule;

/// The maximum that Synapse and Sydent accept.
const MAX_BYTES: usize = 500;

/// Checks an e-mail address and case-folds it.
pub(super) fn fold(text: &str) -> Result<String, Rule> {
    if text.is_empty() {
        return Err(Rule::Empty);
    }
    if text.len() > MAX_BYTES {
        return Err(Rule::TooLong { max: MAX_BYTES });
    }
    check_bare(text)?;
    let folded = UniCase::unicode(text).to_folded_case();
    if folded.len() > MAX_BYTES {
        return Err(Rule::TooLong { max: MAX_BYTES });
    }
    check_parts(&folded)?;
    Ok(folded)
}

/// Refuses text that people paste around an address.
fn check_bare(text: &str) -> Result<(), Rule> {
    if text.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("mailto:")) {
        return Err(Rule::IsMailto);
    }
    if text.chars().any(char::is_control) {
        return Err(Rule::ControlCharacter);
    }
    if let Some(name) = text.chars().find_map(invisible::name) {
        return Err(Rule::InvisibleCharacter { name });
    }
    // A decoder wrote this character instead of bytes that it could not decode.
    if text.contains(char::REPLACEMENT_CHARACTER) || text.starts_with(OPENING) {
        return Err(Rule::InvalidCharacter);
    }
    if text.contains("://") || is_url_without_scheme(text) {
        return Err(Rule::IsUrl);
    }
    if let Some((before, inside)) = text.split_once('<') {
        let is_named = !before.trim().is_empty() && inside.contains('@');
        return Err(if is_named { Rule::HasDisplayName } else { Rule::HasAngleBrackets });
    }
    if text.contains('>') {
        return Err(Rule::HasAngleBrackets);
    }
    if text.chars().any(char::is_whitespace) {
        let are_several = text.matches('@').count() > 1;
        return Err(if are_several { Rule::SeveralAts } else { Rule::Whitespace });
    }
    Ok(())
}

/// Characters before an address: quotation marks, and the bullet of a list.
const OPENING: &[char] = &['“', '„', '‟', '‘', '‚', '«', '»', '‹', '›', '•'];

/// Returns whether the text begins with a host and a path, as in
/// `example.com/?m=alice@example.com`.
///
/// A local part may contain a slash, and a dot before that. Only a query or `www.` shows that the
/// text is a URL.
fn is_url_without_scheme(text: &str) -> bool {
    let localpart = text.split_once('@').map_or(text, |(before, _)| before);
    localpart.split_once('/').is_some_and(|(host, path)| {
        let is_page = path.contains('?') || host.to_ascii_lowercase().starts_with("www.");
        is_page && host.contains('.') && domain::check(host).is_ok()
    })
}

/// Identity servers split an address at its only `@`.
fn check_parts(text: &str) -> Result<(), Rule> {
    let (localpart, domain) = text.split_once('@').ok_or(Rule::MissingAt)?;
    if localpart.is_empty() && domain.contains(':') {
        return Err(Rule::IsUserId);
    }
    if domain.contains('@') {
        return Err(Rule::SeveralAts);
    }
    if localpart.is_empty() {
        return Err(Rule::MissingLocalpart);
    }
    if domain.is_empty() {
        return Err(Rule::MissingDomain);
    }
    if localpart.contains(SPECIAL) && !is_quoted(localpart) {
        return Err(Rule::SpecialCharacter);
    }
    domain::check(domain)
}

/// Characters that are allowed before the `@` only within quotation marks. Dots are allowed
/// anywhere, because such addresses exist.
const SPECIAL: &[char] = &['(', ')', ',', ':', ';', '[', '\\', ']', '"'];

/// Returns whether the text is in quotation marks, and each one within it follows a backslash.
fn is_quoted(localpart: &str) -> bool {
    let inner = localpart.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let Some(inner) = inner else { return false };
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        let is_whole = if c == '\\' { chars.next().is_some() } else { c != '"' };
        if !is_whole {
            return false;
        }
    }
    true
}
