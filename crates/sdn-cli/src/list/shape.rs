//! The position of the invitee in each row, and the checks of a row.

use std::ops::{Range, RangeInclusive};

use crate::invitee::{Invitee, Kind, is_from_spreadsheet};

use super::rows::Row;
use super::separator;

/// How the rows of a list are read.
#[derive(Debug)]
pub(super) struct Shape {
    pub(super) separator: u8,
    /// The name of the invitees' column, if the list has a header.
    pub(super) column: Option<String>,
    /// The position of that column.
    pub(super) index: usize,
    /// How many fields the header has, or else the first row.
    pub(super) width: usize,
}

impl Shape {
    /// Describes the position of a row's invitee.
    pub(super) fn stand(&self, list: &str, row: &Row) -> String {
        match &self.column {
            Some(column) => format!("{list} line {}, column {column}", row.line),
            None => format!("{list} line {}", row.line),
        }
    }

    /// Returns the text of a row's invitee. It is empty if the row is too short.
    pub(super) fn text<'a>(&self, row: &'a Row) -> &'a str {
        row.fields.get(self.index).unwrap_or_default()
    }

    /// Parses a row's invitee, or returns what is wrong with the row or the text.
    pub(super) fn invitee(&self, row: &Row) -> Result<Invitee, String> {
        if let Some(problem) = &row.problem {
            return Err(problem.clone());
        }
        let text = self.text(row);
        let is_filled =
            |index: &usize| row.fields.get(*index).is_some_and(|field| !field.is_empty());
        let filled = (0..row.fields.len()).rfind(is_filled).map_or(0, |last| last + 1);
        let separator = separator::name(self.separator);
        if filled > self.width {
            let first = if self.column.is_some() { "the header" } else { "the first row" };
            return Err(format!(
                "the row has {filled} fields, and {first} has {}; quote each field that contains {separator}",
                self.width
            ));
        }
        if text.is_empty() {
            return Err("the cell is empty; add an invitee, or remove the row".to_owned());
        }
        let invitee = Invitee::parse(text);
        let is_cut_wrongly = invitee.is_err() && !is_from_spreadsheet(text);
        let other = separator::other_in(text, self.separator).filter(|_| is_cut_wrongly);
        if let Some(other) = other.map(separator::name) {
            return Err(format!(
                "contains {other}, but {separator} separates the fields; use one separator in all rows, \
                 or name it with --delimiter"
            ));
        }
        self.check_number(text, row, invitee.is_ok())?;
        if self.is_cut_at_comma(text, row) {
            return Err(CUT.to_owned());
        }
        if self.has_decimals_after_comma(text, row) {
            return Err(DECIMALS.to_owned());
        }
        if self.column.is_none() && invitee.is_ok() && has_another(Kind::of(text), row) {
            return Err(SEVERAL.to_owned());
        }
        invitee
    }

    /// Rejects a number that may not be a phone number. A number with `+` certainly is one.
    fn check_number(&self, text: &str, row: &Row, is_valid: bool) -> Result<(), String> {
        if Kind::of(text) != Kind::Phone || text.starts_with('+') {
            return Ok(());
        }
        let is_other = |field: &str| field.contains('@') || field.starts_with('+');
        if self.column.is_none() && row.fields.iter().skip(1).any(is_other) {
            return Err(NUMBER_BEFORE.to_owned());
        }
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        match (digits.len(), &self.column) {
            (..8, None) if is_valid => {
                Err(format!("{SHORT}, or name the invitees' column with --column"))
            }
            (..8, Some(_)) if is_valid => Err(SHORT.to_owned()),
            (8, None) if is_valid && is_date(&digits) => Err(DATE.to_owned()),
            _ => Ok(()),
        }
    }

    /// Returns whether a comma may separate a number from its decimals, as in `18005552067,00`.
    fn has_decimals_after_comma(&self, text: &str, row: &Row) -> bool {
        let is_zeros = |field: &str| !field.is_empty() && field.bytes().all(|byte| byte == b'0');
        self.separator == b','
            && Kind::of(text) == Kind::Phone
            && row.fields.get(self.index + 1).is_some_and(is_zeros)
    }

    /// Returns whether a comma may replace a dot in an address, as in `ed@example,com`.
    fn is_cut_at_comma(&self, text: &str, row: &Row) -> bool {
        let has_one_label =
            text.split_once('@').is_some_and(|(_, domain)| !domain.contains(['.', ':']));
        self.separator == b','
            && has_one_label
            && row.fields.get(self.index + 1).is_some_and(is_end_of_domain)
    }
}

/// Returns whether another field of the row is an invitee of the same kind.
fn has_another(kind: Kind, row: &Row) -> bool {
    let mut others = row.fields.iter().skip(1);
    others.any(|field| Kind::of(field) == kind && Invitee::parse(field).is_ok())
}

/// Returns whether 8 digits may be a date: the year first, or the day or the month first.
fn is_date(digits: &str) -> bool {
    let is_within = |at: Range<usize>, allowed: RangeInclusive<u32>| {
        digits.get(at).and_then(|part| part.parse().ok()).is_some_and(|it| allowed.contains(&it))
    };
    let is_year = |at| is_within(at, 1900..=2099);
    let are_month_and_day = |month, day| is_within(month, 1..=12) && is_within(day, 1..=31);
    is_year(0..4) && are_month_and_day(4..6, 6..8)
        || is_year(4..8) && (are_month_and_day(0..2, 2..4) || are_month_and_day(2..4, 0..2))
}

/// Returns whether a field can be the end of a domain, such as `com` or `co.uk`. A person's name
/// begins with a capital letter and continues with small ones.
fn is_end_of_domain(field: &str) -> bool {
    let is_in_one_case = [u8::is_ascii_lowercase, u8::is_ascii_uppercase]
        .iter()
        .any(|is_cased| field.bytes().all(|byte| is_cased(&byte) || b".-".contains(&byte)));
    let last = field.rsplit('.').next().unwrap_or_default();
    is_in_one_case && (2..=10).contains(&last.len()) && !field.starts_with(['.', '-'])
}

const SEVERAL: &str = "the row has several invitees; put each on its own line, or name the column to use with --column";
const DATE: &str = "may be a date, because it has 8 digits and no '+'; write phone numbers as +18005552067, or name the \
     invitees' column with --column";
const DECIMALS: &str = "a comma and zeros follow the number; export the column as text, or separate the fields with ';'";
const NUMBER_BEFORE: &str = "begins with a number, and an address follows it; put invitees into the first field, \
     or name their column with --column";
const SHORT: &str = "has fewer than 8 digits and no '+'; write phone numbers as +18005552067";
const CUT: &str = "the domain has no dot, and a word follows it; replace the comma by a dot, or separate the fields \
     with ';'";
