//! Who is to be invited, as given: the arguments, then the rows of a list.

mod quotes;

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use csv::{Position, Reader, ReaderBuilder, StringRecord, Trim};

use crate::args::InviteArgs;
use crate::input::Problems;
use crate::invitee::Kind;
use crate::output::printable;

/// An invitee as it was given, and where.
#[derive(Debug)]
pub(super) struct Given {
    pub(super) stand: String,
    pub(super) text: String,
}

/// Far more rows than anybody invites.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

pub(super) fn read(args: &InviteArgs, problems: &mut Problems) -> Vec<Given> {
    let stand = |index| format!("INVITEE {}", index + 1);
    let arguments = args.invitees.iter().enumerate();
    let mut given: Vec<_> =
        arguments.map(|(index, text)| Given { stand: stand(index), text: text.clone() }).collect();
    if let Some(path) = &args.list.from {
        let column = args.list.column.as_deref();
        let mut rows = problems.keep("--from", rows_of(path, column)).unwrap_or_default();
        if column.is_none() {
            check_for_header(&mut rows, problems);
        }
        given.extend(rows);
    }
    given
}

/// Reports a list that seems to have a header, and removes the rows like the first: its error would
/// be repeated for each.
fn check_for_header(rows: &mut Vec<Given>, problems: &mut Problems) {
    let is_unclear = |row: &Given| Kind::of(&row.text) == Kind::Unclear;
    if rows.first().is_some_and(is_unclear) {
        problems.add(
            "--column",
            "not given; if the list begins with a header, name the invitees' column",
        );
        let others = rows.split_off(1);
        rows.extend(others.into_iter().filter(|row| !is_unclear(row)));
    }
}

fn rows_of(path: &Path, column: Option<&str>) -> Result<Vec<Given>, String> {
    if path == Path::new("-") {
        return rows(io::stdin().lock(), "standard input", column);
    }
    let file = File::open(path)
        .map_err(|error| format!("the file cannot be read ({error}); give a CSV file"))?;
    rows(file, &printable(&path.to_string_lossy()), column)
}

/// Reads CSV as RFC 4180 has it, and as lists are found: rows of any length, and empty lines, which are
/// skipped.
fn rows(source: impl Read, name: &str, column: Option<&str>) -> Result<Vec<Given>, String> {
    let bytes = read_bytes(source)?;
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let mut reader = ReaderBuilder::new()
        .has_headers(column.is_some())
        .flexible(true)
        .trim(Trim::All)
        .from_reader(bytes);
    let index = column.map_or(Ok(0), |column| index_of(column, bytes, &mut reader))?;
    let mut given = Vec::new();
    let (mut line, mut counted) = (1, 0);
    let mut records = reader.records();
    while let Some(row) = records.next() {
        let row = row.map_err(|error| unreadable(&error))?;
        let start = first_of_row(bytes, row.position().map_or(0, byte));
        line += bytes[counted..start].iter().filter(|&&byte| byte == b'\n').count();
        counted = start;
        quotes::check(line, &bytes[start..byte(records.reader().position())])?;
        // A row without the field is reported like one whose field is empty.
        let text = row.get(index).unwrap_or_default();
        check_row(line, text, &row, column.is_some())?;
        given.push(Given { stand: format!("{name} line {line}"), text: text.to_owned() });
    }
    match given.is_empty() {
        true => Err("the list is empty; put one invitee on each line".to_owned()),
        false => Ok(given),
    }
}

fn read_bytes(source: impl Read) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    source.take(MAX_BYTES).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    match bytes.len() as u64 {
        MAX_BYTES => Err(format!("{MAX_BYTES} bytes or more; divide it")),
        _ => Ok(bytes),
    }
}

/// Returns where the header has a column.
fn index_of(column: &str, bytes: &[u8], reader: &mut Reader<&[u8]>) -> Result<usize, String> {
    let header = reader.headers().map_err(|error| unreadable(&error))?.clone();
    quotes::check(1, &bytes[..byte(reader.position())])?;
    header.iter().position(|field| field == column).ok_or_else(|| {
        format!("the header has no column of that name; it has: {}", fields(&header))
    })
}

/// Rejects a row whose invitee could be read in two ways.
fn check_row(line: usize, text: &str, row: &StringRecord, has_header: bool) -> Result<(), String> {
    if text.contains([';', '\t']) {
        return Err(format!("line {line} has a ; or a tab; separate the fields with commas"));
    }
    // A number may be any: a phone number is meant for sure with its `+`, or where it stands alone.
    let is_number = Kind::of(text) == Kind::Phone && !text.starts_with('+');
    if !has_header && is_number && row.iter().skip(1).any(|field| field.contains('@')) {
        return Err(format!(
            "line {line} begins with a number, and has an address behind it; put invitees into the \
             first field, or name their column with --column"
        ));
    }
    Ok(())
}

/// Where a row really begins: the reader leaves line breaks for the next row to skip.
fn first_of_row(bytes: &[u8], start: usize) -> usize {
    let is_break = |byte: &u8| matches!(byte, b'\r' | b'\n');
    start + bytes[start..].iter().take_while(|byte| is_break(byte)).count()
}

fn byte(position: &Position) -> usize {
    usize::try_from(position.byte()).unwrap_or(usize::MAX)
}

fn unreadable(error: &csv::Error) -> String {
    format!("it is no CSV: {error}")
}

fn fields(header: &StringRecord) -> String {
    printable(&header.iter().collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(source: &str, column: Option<&str>) -> Result<Vec<(String, String)>, String> {
        let rows = rows(source.as_bytes(), "list", column)?;
        Ok(rows.into_iter().map(|given| (given.stand, given.text)).collect())
    }

    #[test]
    fn a_list_is_read_as_lists_are_found() {
        let source = "\u{feff}alice@example.com,Alice\r\n\r\n\n\"+1 800 555 2067\"\r\n \
                      @bob:node.example ,\"Bob, the\nbuilder\"\r\n,nobody\r\nlast@example.com";
        let rows = texts(source, None).unwrap();
        let row = |line, text: &str| (format!("list line {line}"), text.to_owned());
        assert_eq!(
            rows,
            [
                row(1, "alice@example.com"),
                row(4, "+1 800 555 2067"),
                row(5, "@bob:node.example"),
                row(7, ""),
                row(8, "last@example.com")
            ]
        );
    }

    #[test]
    fn a_column_is_found_by_its_name() {
        let source = "Name, E-Mail\nAlice,alice@example.com\nBob\n";
        let rows = texts(source, Some("E-Mail")).unwrap();
        assert_eq!(rows[0], ("list line 2".to_owned(), "alice@example.com".to_owned()));
        assert_eq!(rows[1], ("list line 3".to_owned(), String::new()));
        let problem = texts(source, Some("mail")).unwrap_err();
        assert!(problem.contains("it has: Name, E-Mail"), "{problem}");
    }

    #[test]
    fn quotation_mark_is_reported_with_its_line() {
        for (source, line) in [
            ("a@example.com,\"Bob\nb@example.com,Carol\n", 1),
            ("a@example.com\nb@example.com,x,\"Bob\nc@example.com,\"Carol\"\n", 2),
            ("\"a@example.com\nb@example.com\n", 1),
        ] {
            for source in [source, &format!("\u{feff}{source}")] {
                let problem = texts(source, None).unwrap_err();
                assert!(problem.starts_with(&format!("line {line} has a quotation")), "{problem}");
            }
        }
        let problem = texts("who,\"name\na@example.com,\"Bob\"\n", Some("who")).unwrap_err();
        assert!(problem.starts_with("line 1 has a quotation"), "{problem}");
        let fine = "a@example.com,5\" disk,\"a \"\"b\"\"\",\"\",x\nb@example.com,\"Bob,\nthe\"";
        assert_eq!(texts(fine, None).unwrap().len(), 2);
    }

    #[test]
    fn a_number_before_an_address_is_not_taken_for_a_phone_number() {
        for source in ["100234,a@example.com\n", "2024-01-15,Alice,@a:node.example\n"] {
            let problem = texts(source, None).unwrap_err();
            assert!(problem.starts_with("line 1 begins with a number"), "{problem}");
        }
        assert_eq!(texts("+18005552067,a@example.com\n18005552067,Bob\n", None).unwrap().len(), 2);
        assert_eq!(texts("tel,mail\n18005552067,a@b.example\n", Some("tel")).unwrap().len(), 1);
    }

    #[test]
    fn other_separators_are_told() {
        for source in ["a@example.com\nb@example.com;Bob\n", "a@example.com\nb@example.com\tBob\n"]
        {
            let problem = texts(source, None).unwrap_err();
            assert!(problem.starts_with("line 2 has a ; or a tab"), "{problem}");
        }
    }

    #[test]
    fn what_is_no_list_is_refused() {
        assert!(texts("", None).unwrap_err().contains("empty"));
        assert!(texts("\r\n\n", None).unwrap_err().contains("empty"));
        assert!(texts("mail\n", Some("mail")).unwrap_err().contains("empty"));
        let problem = rows(&b"\xff\xfe\n"[..], "list", None).unwrap_err();
        assert!(problem.contains("no CSV"), "{problem}");
        let endless = rows(io::repeat(b'\n'), "list", None).unwrap_err();
        assert!(endless.contains("divide it"), "{endless}");
    }
}
