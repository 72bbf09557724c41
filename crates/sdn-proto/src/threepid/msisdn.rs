use crate::error::Rule;

/// Spaces and dashes as people and address books write them, among them those that do not break lines.
const SEPARATORS: &[char] =
    &[' ', '\u{a0}', '\u{202f}', '-', '\u{2010}', '\u{2011}', '\u{2013}', '.', '(', ')', '/'];

/// Checks an international phone number and keeps its digits.
pub(super) fn digits(text: &str) -> Result<String, Rule> {
    if text.is_empty() {
        return Err(Rule::Empty);
    }
    let number = text.strip_prefix('+').unwrap_or(text);
    if let Some(wrong) = number.chars().find(|c| !c.is_ascii_digit() && !SEPARATORS.contains(c)) {
        return Err(match wrong {
            _ if wrong.is_alphabetic() => Rule::HasLetters,
            _ if wrong.is_control() => Rule::ControlCharacter,
            _ => Rule::InvalidCharacter,
        });
    }
    if number.contains("(0)") {
        return Err(Rule::HasTrunkPrefix);
    }
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    match digits.len() {
        _ if digits.starts_with('0') => Err(Rule::MissingCountryCode),
        0..5 => Err(Rule::TooFewDigits),
        5..=15 => Ok(digits),
        _ => Err(Rule::TooManyDigits),
    }
}
