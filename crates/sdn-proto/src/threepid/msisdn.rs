use super::invisible;
use crate::error::Rule;

/// Spaces and dashes as people and address books write them, including those that do not break
/// lines.
const SEPARATORS: &[char] =
    &[' ', '\u{a0}', '\u{202f}', '-', '\u{2010}', '\u{2011}', '\u{2013}', '.', '(', ')', '/'];

/// Checks an international phone number and keeps its digits.
pub(super) fn digits(text: &str) -> Result<String, Rule> {
    if text.is_empty() {
        return Err(Rule::Empty);
    }
    if text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("tel:")) {
        return Err(Rule::IsTelLink);
    }
    if is_decimal(text.trim_end()) {
        return Err(Rule::IsDecimal);
    }
    let number = text.strip_prefix('+').unwrap_or(text);
    if let Some(wrong) = number.chars().find(|c| !c.is_ascii_digit() && !SEPARATORS.contains(c)) {
        return Err(match (wrong, invisible::name(wrong)) {
            (_, Some(name)) => Rule::InvisibleCharacter { name },
            _ if has_exponent(number) => Rule::HasExponent,
            _ if wrong.is_alphabetic() => Rule::HasLetters,
            _ if wrong.is_control() => Rule::ControlCharacter,
            _ => Rule::InvalidCharacter,
        });
    }
    if number.split_whitespace().collect::<String>().contains("(0)") {
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

/// Returns whether the number ends in `.0`, or in `.00` without another point, as in
/// `18005552067.00`.
///
/// A number may end in zeros after several points, or after separators: `+33.1.23.45.67.00`,
/// `+1 800 555.0000`.
fn is_decimal(text: &str) -> bool {
    let Some((whole, zeros)) = text.rsplit_once(['.', ',']) else { return false };
    let is_bare = || whole.bytes().all(|byte| byte.is_ascii_digit() || byte == b'+');
    !zeros.is_empty()
        && zeros.bytes().all(|byte| byte == b'0')
        && (zeros.len() == 1 || !whole.contains('.') && (zeros.len() == 2 || is_bare()))
}

/// Returns whether the number has an exponent, as `1.8005552067E+10` does, with any decimal
/// separator.
fn has_exponent(number: &str) -> bool {
    let is_number = |text: &str, others: &[char]| {
        text.starts_with(|c: char| c.is_ascii_digit())
            && text.chars().all(|c| c.is_ascii_digit() || others.contains(&c))
    };
    number.split_once(['E', 'e']).is_some_and(|(digits, exponent)| {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        is_number(digits, &['.', ',']) && is_number(exponent, &[])
    })
}
