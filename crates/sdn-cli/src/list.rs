//! The given invitees: the arguments, then the rows of a list.

mod column;
mod invalid;
mod quotes;
mod rows;
mod separator;
mod shape;
mod text;

use std::fs::File;
use std::io::{self, Read};
use std::mem;
use std::ops::Range;
use std::path::Path;

use csv::StringRecord;

pub(crate) use self::invalid::Invalid;
use self::rows::Rows;
use self::shape::Shape;
use crate::args::{InviteArgs, ListArgs};
use crate::input::Problems;
use crate::invitee::{Invitee, Kind, place};
use crate::output::printable;

/// An invitee as it was given, and where.
#[derive(Debug)]
pub(crate) struct Given {
    pub(crate) stand: String,
    pub(crate) text: String,
    /// The invitee, or what is wrong with the text or its row.
    pub(crate) invitee: Result<Invitee, String>,
    /// The bytes of its row in the list.
    row: Option<Range<usize>>,
}

/// Far more than a list that anybody invites.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// Reads all invitees. With `--skip-invalid`, the invalid rows of a list are returned separately.
pub(crate) fn read(args: &InviteArgs, problems: &mut Problems) -> (Vec<Given>, Option<Invalid>) {
    let stand = |index| format!("INVITEE {}", index + 1);
    let arguments = args.invitees.iter().enumerate();
    let mut given: Vec<_> = arguments
        .map(|(index, text)| Given {
            stand: stand(index),
            text: text.clone(),
            invitee: Invitee::parse(text).map_err(|problem| match Path::new(text).is_file() {
                true => IS_FILE.to_owned(),
                false => problem,
            }),
            row: None,
        })
        .collect();
    let mut invalid = None;
    if let Some(path) = &args.list.from {
        if let Some(mut list) = problems.keep("--from", List::open(path)) {
            list.read(&args.list, problems);
            if args.list.skip_invalid && path == Path::new("-") {
                problems.add("--skip-invalid", UNNAMED);
            } else if args.list.skip_invalid {
                invalid = Some(list.take_invalid(path)).filter(|them| !them.problems().is_empty());
            } else if problems.is_empty() {
                list.count_invalid(problems);
            }
            given.append(&mut list.given);
        }
    }
    (given, invalid)
}

/// Reads the valid invitees of a list, or returns what is wrong with the list as a whole.
pub(crate) fn valid(args: &ListArgs, path: &Path) -> Result<Vec<Invitee>, String> {
    let mut list = List::open(path)?;
    let mut problems = Problems::default();
    list.read(args, &mut problems);
    match problems.first() {
        Some(problem) => Err(problem.trim_start_matches("--from: ").to_owned()),
        None => Ok(list.given.into_iter().filter_map(|given| given.invitee.ok()).collect()),
    }
}

/// The list of `--from`.
#[derive(Debug)]
struct List {
    name: String,
    text: String,
    header: Option<Range<usize>>,
    given: Vec<Given>,
}

impl List {
    fn open(path: &Path) -> Result<Self, String> {
        if path == Path::new("-") {
            return Self::of(io::stdin().lock(), "standard input");
        }
        let file = File::open(path)
            .map_err(|error| format!("cannot read the file ({error}); give a CSV file"))?;
        Self::of(file, &printable(&path.to_string_lossy()))
    }

    fn of(source: impl Read, name: &str) -> Result<Self, String> {
        let text = text::decode(&read_bytes(source)?)?;
        Ok(Self { name: name.to_owned(), text, header: None, given: Vec::new() })
    }

    /// Reads the rows, and reports what is wrong with the list as a whole.
    fn read(&mut self, args: &ListArgs, problems: &mut Problems) {
        let column = args.column.as_deref();
        let (named, start) = self.named_separator();
        let separator = match (&args.delimiter, named) {
            (Some(text), _) => problems.keep("--delimiter", separator::parse(text)),
            (None, Some(named)) => Some(named),
            (None, None) => problems.keep("--from", separator::detect(&self.text, column)),
        };
        let Some(separator) = separator else { return };
        let mut rows =
            Rows::of(&self.text, start, separator).filter(|row| !row.is_blank()).peekable();
        let mut shape = Shape { separator, column: None, index: 0, width: 0 };
        if let Some(column) = column {
            let Some(header) = rows.next() else {
                problems.add("--from", EMPTY);
                return;
            };
            let index = match header.problem {
                Some(problem) => Err(format!("the header {problem}")),
                None => column::find(column, &header.fields),
            };
            let Some(index) = problems.keep("--column", index) else { return };
            shape = Shape {
                column: header.fields.get(index).map(printable),
                index,
                width: header.fields.len(),
                ..shape
            };
            self.header = Some(header.range);
        }
        let Some(first) = rows.peek().map(|row| row.fields.clone()) else {
            problems.add("--from", EMPTY);
            return;
        };
        let mut given = Vec::new();
        for row in rows {
            if column.is_none() && shape.width == 0 {
                shape.width = row.fields.len();
            }
            given.push(Given {
                stand: shape.stand(&self.name, &row),
                text: shape.text(&row).to_owned(),
                invitee: shape.invitee(&row),
                row: Some(row.range),
            });
        }
        self.given = given;
        if column.is_none() {
            self.check_for_header(&first, problems);
        }
    }

    /// Returns the separator that a first line `sep=;` names, as spreadsheets write it, and where
    /// the rows begin.
    fn named_separator(&self) -> (Option<u8>, usize) {
        let end = self.text.find(['\r', '\n']).unwrap_or(self.text.len());
        match self.text[..end].strip_prefix("sep=") {
            Some(named) if named.len() == 1 => (separator::parse(named).ok(), end),
            _ => (None, 0),
        }
    }

    /// Reports a list that seems to have a header, and removes the rows like the first: its error
    /// would be repeated for each.
    fn check_for_header(&mut self, first: &StringRecord, problems: &mut Problems) {
        let is_unclear = |row: &Given| Kind::of(&row.text) == Kind::Unclear && !row.text.is_empty();
        if self.given.first().is_none_or(|row| !is_unclear(row)) {
            return;
        }
        // A single field may be a misplaced token.
        let names = match first.len() {
            0 | 1 => String::new(),
            _ => format!(" ({})", column::names(first)),
        };
        problems.add(
            "--column",
            format_args!(
                "not given; if the list begins with a header, name the column of the invitees{names}"
            ),
        );
        let others = self.given.split_off(1);
        self.given.extend(others.into_iter().filter(|row| !is_unclear(row)));
    }

    /// Reports the number of invalid rows, before each of them is reported.
    fn count_invalid(&self, problems: &mut Problems) {
        let invalid = self.given.iter().filter(|given| given.invitee.is_err()).count();
        let rows = if invalid == 1 { "row" } else { "rows" };
        if invalid > 0 && invalid < self.given.len() {
            problems.add(
                &self.name,
                format_args!(
                    "{invalid} invalid {rows}; correct them, or invite the others with --skip-invalid"
                ),
            );
        }
    }

    /// Removes and returns the invalid rows.
    fn take_invalid(&mut self, path: &Path) -> Invalid {
        let (invalid, valid): (Vec<_>, _) =
            mem::take(&mut self.given).into_iter().partition(|given| given.invitee.is_err());
        self.given = valid;
        let rows = self.header.clone().into_iter();
        let rows = rows.chain(invalid.iter().filter_map(|given| given.row.clone()));
        let problems = invalid.iter().filter_map(|Given { stand, text, invitee, .. }| {
            let problem = invitee.as_ref().err()?;
            Some(format!("{}: {problem}", place(stand, text)))
        });
        Invalid::of(path, &self.text, rows, problems.collect())
    }
}

const IS_FILE: &str = "the name of a file; to invite the people in it, use --from";

const UNNAMED: &str =
    "needs a file, because the file of the invalid rows is named after it; save the list as a file";

const EMPTY: &str = "the list is empty; put one invitee on each line";

fn read_bytes(source: impl Read) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    source.take(MAX_BYTES).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    match bytes.len() as u64 {
        MAX_BYTES => Err(format!("has {MAX_BYTES} bytes or more; divide the list")),
        _ => Ok(bytes),
    }
}

#[cfg(test)]
mod tests;
