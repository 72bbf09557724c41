//! Checks quotation marks in a list, because the CSV reader accepts them anywhere.

/// Rejects a row in which text follows a quoted field. The reader may have read the next rows as a
/// part of this field, and they would be lost.
pub(super) fn check(row: &[u8], separator: u8) -> Result<(), String> {
    let mut rest = row;
    loop {
        let is_space = |byte: &u8| byte.is_ascii_whitespace() && *byte != separator;
        let spaces = rest.iter().take_while(|byte| is_space(byte)).count();
        let unindented = &rest[spaces..];
        if unindented.len() < rest.len() && unindented.starts_with(b"\"") {
            return Err("has a space before a quotation mark; remove it".to_owned());
        }
        if let Some(quoted) = rest.strip_prefix(b"\"") {
            rest = after_quoted(quoted, separator)
                .ok_or("has a quotation mark that is not closed properly; quote the whole field")?;
        }
        match rest.iter().position(|&byte| byte == separator) {
            Some(end) => rest = &rest[end + 1..],
            None => return Ok(()),
        }
    }
}

/// Returns the row from the separator or end that follows a quoted field. Returns `None` if the field
/// is not closed.
fn after_quoted(mut field: &[u8], separator: u8) -> Option<&[u8]> {
    loop {
        let quote = field.iter().position(|&byte| byte == b'"')?;
        field = &field[quote + 1..];
        match field.first() {
            Some(b'"') => field = &field[1..],
            None | Some(b'\r' | b'\n') => return Some(field),
            Some(byte) if *byte == separator => return Some(field),
            Some(_) => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_after_quoted_field_is_rejected() {
        for row in [
            "a@example.com,\"Bob\nb@example.com,\"Carol\n",
            "a@example.com,\"Bob\" Smith\n",
            "a@example.com,\"\"\"Bob\"\"\n",
        ] {
            let problem = check(row.as_bytes(), b',').unwrap_err();
            assert!(problem.starts_with("has a quotation mark"), "{problem}");
        }
        for row in ["a@example.com,\"\"\"Bob\"\"\"\r\n", "\"a, b\",5\" disk", ""] {
            assert_eq!(check(row.as_bytes(), b','), Ok(()), "{row}");
        }
    }

    #[test]
    fn space_before_quotation_mark_is_rejected() {
        for row in ["Alice, \"a@example.com\"\n", " \"a@example.com\"\n", "x,\t\"Bob, the\",a\n"] {
            let problem = check(row.as_bytes(), b',').unwrap_err();
            assert!(problem.starts_with("has a space before a quotation"), "{problem}");
        }
        assert_eq!(check(b"a@example.com , 5\" disk\n", b','), Ok(()));
        assert_eq!(check(b"a@example.com\t\"Bob\"\t\t\"x\"\n", b'\t'), Ok(()));
        assert!(check(b"a@example.com;\"Bob\" x;\n", b';').is_err());
    }
}
