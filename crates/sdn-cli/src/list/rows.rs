//! The rows of a list. Every row is read, even after an invalid row.

use std::ops::Range;

use csv::{Position, Reader, ReaderBuilder, StringRecord, Trim};

use super::{quotes, text};

/// A row and its position.
#[derive(Debug)]
pub(super) struct Row {
    /// The number of its first line.
    pub(super) line: usize,
    /// Its bytes in the list's text.
    pub(super) range: Range<usize>,
    pub(super) fields: StringRecord,
    /// What is wrong with its quotation marks. The row then has no fields.
    pub(super) problem: Option<String>,
}

impl Row {
    /// Returns whether all of its fields are empty, as in the rows that spreadsheets add at the
    /// end.
    pub(super) fn is_blank(&self) -> bool {
        self.problem.is_none() && self.fields.iter().all(str::is_empty)
    }
}

/// Reads CSV according to RFC 4180, but also rows of any length. Empty lines are skipped.
#[derive(Debug)]
pub(super) struct Rows<'a> {
    text: &'a str,
    separator: u8,
    reader: Reader<&'a [u8]>,
    /// The byte at which the reader began.
    base: usize,
    /// The number of the line that contains byte `counted`.
    line: usize,
    counted: usize,
}

impl<'a> Rows<'a> {
    /// Reads the rows of a text, starting at a byte.
    pub(super) fn of(text: &'a str, from: usize, separator: u8) -> Self {
        let reader = reader(&text[from..], separator);
        Self { text, separator, reader, base: from, line: 1, counted: 0 }
    }

    /// Returns the first byte of a row, after the line breaks that the reader has not skipped.
    fn first_of_row(&self, position: Option<&Position>) -> usize {
        let start = self.base + position.map_or(0, byte);
        let is_break = |byte: &u8| matches!(byte, b'\r' | b'\n');
        start + self.text.as_bytes()[start..].iter().take_while(|byte| is_break(byte)).count()
    }
}

impl Iterator for Rows<'_> {
    type Item = Row;

    fn next(&mut self) -> Option<Row> {
        let mut fields = StringRecord::new();
        // The text is UTF-8 and in memory, so reading it does not fail.
        if !self.reader.read_record(&mut fields).ok()? {
            return None;
        }
        let start = self.first_of_row(fields.position());
        let mut end = self.base + byte(self.reader.position());
        self.line += text::breaks(&self.text[self.counted..start]);
        self.counted = start;
        let problem = quotes::check(&self.text.as_bytes()[start..end], self.separator).err();
        if problem.is_some() {
            // The reader may have read the next rows as a part of this one.
            let rest = &self.text[start..];
            end = start + rest.find(['\r', '\n']).unwrap_or(rest.len());
            self.base = end;
            self.reader = reader(&self.text[end..], self.separator);
            fields.clear();
        }
        Some(Row { line: self.line, range: start..end, fields, problem })
    }
}

fn reader(text: &str, separator: u8) -> Reader<&[u8]> {
    ReaderBuilder::new()
        .delimiter(separator)
        .has_headers(false)
        .flexible(true)
        .trim(Trim::All)
        .from_reader(text.as_bytes())
}

fn byte(position: &Position) -> usize {
    usize::try_from(position.byte()).unwrap_or(usize::MAX)
}
