//! Quotation marks in a list, which the reader accepts anywhere.

/// Rejects a row with a quoted field that does not end where a field does. The reader may have taken
/// the next rows as a part of it, and they would be forgotten.
pub(super) fn check(line: usize, row: &[u8]) -> Result<(), String> {
    let mut rest = row;
    loop {
        let unindented = rest.trim_ascii_start();
        if unindented.len() < rest.len() && unindented.starts_with(b"\"") {
            return Err(format!("line {line} has a space before a quotation mark; remove it"));
        }
        if let Some(quoted) = rest.strip_prefix(b"\"") {
            rest = after_quoted(quoted).ok_or_else(|| {
                format!(
                    "line {line} has a quotation mark that is not closed properly; quote the whole \
                     field"
                )
            })?;
        }
        match rest.iter().position(|&byte| byte == b',') {
            Some(comma) => rest = &rest[comma + 1..],
            None => return Ok(()),
        }
    }
}

/// Returns what follows a quoted field: a comma or the row's end. Otherwise it is not closed.
fn after_quoted(mut field: &[u8]) -> Option<&[u8]> {
    loop {
        let quote = field.iter().position(|&byte| byte == b'"')?;
        field = &field[quote + 1..];
        match field.first() {
            Some(b'"') => field = &field[1..],
            None | Some(b',' | b'\r' | b'\n') => return Some(field),
            Some(_) => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_field_ends_where_fields_do() {
        for row in [
            "a@example.com,\"Bob\nb@example.com,\"Carol\n",
            "a@example.com,\"Bob\" Smith\n",
            "a@example.com,\"\"\"Bob\"\"\n",
        ] {
            let problem = check(7, row.as_bytes()).unwrap_err();
            assert!(problem.starts_with("line 7 has a quotation mark"), "{problem}");
        }
        for row in ["a@example.com,\"\"\"Bob\"\"\"\r\n", "\"a, b\",5\" disk", ""] {
            assert_eq!(check(7, row.as_bytes()), Ok(()), "{row}");
        }
    }

    #[test]
    fn space_before_quotation_mark_is_rejected() {
        for row in ["Alice, \"a@example.com\"\n", " \"a@example.com\"\n", "x,\t\"Bob, the\",a\n"] {
            let problem = check(7, row.as_bytes()).unwrap_err();
            assert!(problem.starts_with("line 7 has a space before a quotation"), "{problem}");
        }
        assert_eq!(check(7, b"a@example.com , 5\" disk\n"), Ok(()));
    }
}
