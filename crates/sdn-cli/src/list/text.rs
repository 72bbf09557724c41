//! The encodings and line ends of a list.

/// Decodes a list: UTF-8, or UTF-16 that begins with a byte order mark.
pub(super) fn decode(bytes: &[u8]) -> Result<String, String> {
    if SPREADSHEETS.iter().any(|start| bytes.starts_with(start)) {
        return Err("a spreadsheet, not CSV; save it as CSV UTF-8".to_owned());
    }
    let text = match bytes {
        [0xff, 0xfe, units @ ..] => utf16(units, u16::from_le_bytes),
        [0xfe, 0xff, units @ ..] => utf16(units, u16::from_be_bytes),
        _ => utf8(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)),
    };
    let text = text.map_err(|(before, name)| wrong(&before, name))?;
    match text.split_once('\0') {
        // UTF-16 without its mark, or UTF-32.
        Some((before, _)) => Err(wrong(before, "UTF-8")),
        None => Ok(text),
    }
}

/// The first bytes of .xlsx and .ods, which are ZIP archives, and of .xls.
const SPREADSHEETS: [&[u8]; 2] = [b"PK\x03\x04", b"\xd0\xcf\x11\xe0"];

/// The text before the first encoding error, and the expected encoding.
type Mistake = (String, &'static str);

fn utf8(bytes: &[u8]) -> Result<String, Mistake> {
    std::str::from_utf8(bytes).map(str::to_owned).map_err(|error| {
        let before = &bytes[..error.valid_up_to()];
        (String::from_utf8_lossy(before).into_owned(), "UTF-8")
    })
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, Mistake> {
    let units = bytes.chunks(2).map(|pair| match pair {
        [one, other] => unit([*one, *other]),
        // Half of a unit at the end is an error, as is an unpaired surrogate.
        _ => 0xd800,
    });
    let mut text = String::with_capacity(bytes.len() / 2);
    for c in char::decode_utf16(units) {
        match c {
            Ok(c) => text.push(c),
            Err(_) => return Err((text, "UTF-16")),
        }
    }
    Ok(text)
}

fn wrong(before: &str, name: &str) -> String {
    format!("not {name} (line {}); save it as CSV UTF-8", breaks(before) + 1)
}

/// Counts the line breaks, which are `\n`, `\r\n` or `\r`.
pub(super) fn breaks(text: &str) -> usize {
    let bytes = text.as_bytes();
    let is_break = |&(index, byte): &(usize, &u8)| match byte {
        b'\n' => true,
        b'\r' => bytes.get(index + 1) != Some(&b'\n'),
        _ => false,
    };
    bytes.iter().enumerate().filter(is_break).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        format!("\u{feff}{text}").encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn marked_encodings_are_decoded() {
        let text = "jürgen@example.com\r\n😀\n";
        let marked = format!("\u{feff}{text}");
        for bytes in [
            text.as_bytes().to_vec(),
            marked.into_bytes(),
            utf16(text, u16::to_le_bytes),
            utf16(text, u16::to_be_bytes),
        ] {
            assert_eq!(decode(&bytes).as_deref(), Ok(text));
        }
        assert_eq!(decode(b"").as_deref(), Ok(""));
    }

    #[test]
    fn other_encoding_is_rejected_with_line() {
        let without_mark = utf16("a\r\nb", u16::to_le_bytes).split_off(2);
        let mut cut = utf16("a\nb\nc", u16::to_be_bytes);
        cut.pop();
        for (bytes, wanted) in [
            (b"a@example.com\r\nJ\xfcrgen\r\n".to_vec(), "not UTF-8 (line 2)"),
            (b"a\rb\rJ\xfcrgen".to_vec(), "not UTF-8 (line 3)"),
            (without_mark, "not UTF-8 (line 1)"),
            (cut, "not UTF-16 (line 3)"),
            (vec![0xff, 0xfe, 0, 0xd8, b'a', 0], "not UTF-16 (line 1)"),
            (vec![0xff, 0xfe, 0, 0, b'a', 0, 0, 0], "not UTF-8 (line 1)"),
        ] {
            let problem = decode(&bytes).unwrap_err();
            assert_eq!(problem, format!("{wanted}; save it as CSV UTF-8"));
        }
    }

    #[test]
    fn spreadsheet_is_not_csv() {
        for bytes in [&b"PK\x03\x04\x14\0[Content_Types].xml"[..], b"\xd0\xcf\x11\xe0\xa1"] {
            let wanted = "a spreadsheet, not CSV; save it as CSV UTF-8";
            assert_eq!(decode(bytes).unwrap_err(), wanted);
        }
    }

    #[test]
    fn line_breaks_of_all_kinds_count() {
        assert_eq!(breaks("a\nb\r\nc\rd\n\n\r\r"), 7);
        assert_eq!(breaks("\r"), 1);
    }
}
