//! The separator of a list's fields.

use crate::invitee::{Invitee, is_from_spreadsheet};

/// The separators that are detected, as bytes.
const USUAL: [u8; 3] = [b',', b';', b'\t'];

/// Parses `--delimiter`.
pub(super) fn parse(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        b"tab" | b"\\t" | b"\t" => Ok(b'\t'),
        [byte] if byte.is_ascii_punctuation() && *byte != b'"' => Ok(*byte),
        _ => Err("must be one punctuation character, such as ';', or the word tab".to_owned()),
    }
}

/// Detects the separator in a list's first row. It is a comma if the row has one field.
pub(super) fn detect(text: &str, column: Option<&str>) -> Result<u8, String> {
    let row = first_row(text);
    let found: Vec<u8> =
        USUAL.into_iter().filter(|byte| unquoted(row).any(|it| it == *byte)).collect();
    let fitting = || found.iter().filter(|byte| fits(row, **byte, column));
    match (&*found, fitting().next()) {
        ([], _) => Ok(b','),
        ([one], _) => Ok(*one),
        (_, Some(one)) if fitting().count() == 1 => Ok(*one),
        _ => {
            let found: Vec<_> = found.into_iter().map(name).collect();
            Err(format!(
                "the first row has {}; name the one that separates the fields with --delimiter",
                found.join(" and ")
            ))
        }
    }
}

/// Returns a separator's name for messages.
pub(super) fn name(separator: u8) -> String {
    match separator {
        b'\t' => "a tab".to_owned(),
        other => format!("'{}'", char::from(other)),
    }
}

/// Returns another usual separator in a text, if there is one.
pub(super) fn other_in(text: &str, separator: u8) -> Option<u8> {
    USUAL.into_iter().find(|byte| *byte != separator && text.bytes().any(|it| it == *byte))
}

/// Returns whether the separator fits: the row then has the column or, if no column is given, begins
/// with an invitee.
fn fits(row: &str, separator: u8, column: Option<&str>) -> bool {
    let mut fields = row.split(char::from(separator)).map(|field| field.trim().trim_matches('"'));
    match column {
        Some(column) => fields.any(|field| field.to_lowercase() == column.to_lowercase()),
        None => fields
            .next()
            .is_some_and(|field| Invitee::parse(field).is_ok() || is_from_spreadsheet(field)),
    }
}

fn first_row(text: &str) -> &str {
    let text = text.trim_start_matches(['\r', '\n']);
    let mut is_quoted = false;
    let end = text.find(|c| {
        is_quoted ^= c == '"';
        !is_quoted && matches!(c, '\r' | '\n')
    });
    &text[..end.unwrap_or(text.len())]
}

/// Returns the bytes that are not within quotation marks.
fn unquoted(row: &str) -> impl Iterator<Item = u8> {
    row.split('"').step_by(2).flat_map(str::bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separator_is_detected_in_first_row() {
        for (text, column, wanted) in [
            ("alice@example.com\nbob@example.com;Bob\n", None, b','),
            ("alice@example.com,Alice\n", None, b','),
            ("\r\n\nalice@example.com;Alice\n", None, b';'),
            ("\"Doe; Jane\"\tjane@example.com\n", None, b'\t'),
            ("\"Doe\n;Jane\",jane@example.com\n", None, b','),
            ("alice@example.com;Smith, Alice\n", None, b';'),
            ("alice@example.com,Alice; the boss\n", None, b','),
            ("Name, first;E-Mail\n", Some("e-mail"), b';'),
            ("Name\te-mail, other\n", Some("Name"), b'\t'),
            ("", None, b','),
        ] {
            assert_eq!(detect(text, column), Ok(wanted), "{text}");
        }
    }

    #[test]
    fn ambiguous_separator_is_an_error() {
        let wanted = "the first row has ',' and ';'; name the one that separates the fields with --delimiter";
        assert_eq!(detect("Doe, Jane;jane@example.com\n", None), Err(wanted.to_owned()));
        let problem = detect("a;b,c\td\n", Some("e")).unwrap_err();
        assert!(problem.contains("',' and ';' and a tab"), "{problem}");
        // The comma may stand before decimals.
        assert!(detect("18005552067,00;Ann\n", None).is_err());
        assert!(detect("1,8E+10;Ann\n", None).is_ok_and(|separator| separator == b';'));
        // Both have the column.
        assert!(detect("mail;name,mail\n", Some("mail")).is_err());
    }

    #[test]
    fn delimiter_is_one_character() {
        for (text, wanted) in
            [(";", b';'), ("|", b'|'), ("tab", b'\t'), ("\\t", b'\t'), ("\t", b'\t')]
        {
            assert_eq!(parse(text), Ok(wanted));
        }
        for text in ["", "\"", "a", " ", "\n", ";;", "§", "comma"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
