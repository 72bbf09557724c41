use unicase::UniCase;

use crate::error::Rule;

/// What Synapse and Sydent accept at the most.
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
    check_parts(text)?;
    let folded = UniCase::unicode(text).to_folded_case();
    if folded.len() > MAX_BYTES {
        return Err(Rule::TooLong { max: MAX_BYTES });
    }
    Ok(folded)
}

/// Refuses what people paste around an address.
fn check_bare(text: &str) -> Result<(), Rule> {
    if text.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("mailto:")) {
        return Err(Rule::IsMailto);
    }
    if text.chars().any(char::is_control) {
        return Err(Rule::ControlCharacter);
    }
    if let Some((before, _)) = text.split_once('<') {
        let is_named = !before.trim().is_empty();
        return Err(if is_named { Rule::HasDisplayName } else { Rule::HasAngleBrackets });
    }
    if text.contains('>') {
        return Err(Rule::HasAngleBrackets);
    }
    if text.chars().any(char::is_whitespace) {
        return Err(Rule::Whitespace);
    }
    Ok(())
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
    Ok(())
}
