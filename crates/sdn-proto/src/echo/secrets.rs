use std::ops::Range;

use http::Request;
use serde_json::Value;

use super::names::{is_secret_header, is_secret_name};
use super::replace::replaced;
use super::spelling::{Spelled, begins_escape};

/// The secrets of one request, each verbatim and without escapes.
pub(crate) struct Secrets(Vec<(Vec<u8>, Vec<u8>)>);

/// Fewer bytes of a secret that is cut off reveal nothing.
const MIN_PREFIX_BYTES: usize = 4;
/// The maximum length of an escape that is not escaped again.
const MAX_ESCAPE_BYTES: usize = 12;

impl Secrets {
    /// Collects the secrets that [`Redacted`](crate::Redacted) hides, and those of a form.
    pub(crate) fn of<B: AsRef<[u8]>>(request: &Request<B>) -> Self {
        let mut secrets = Self(Vec::new());
        for (name, value) in request.headers() {
            if is_secret_header(name, value) {
                secrets.add_header(value.as_bytes());
            }
        }
        let user =
            request.uri().authority().and_then(|authority| authority.as_str().split_once('@'));
        if let Some((_, password)) = user.and_then(|(user, _)| user.split_once(':')) {
            secrets.add(password);
        }
        secrets.add_members(request.uri().query().unwrap_or_default());
        let body = request.body().as_ref();
        match serde_json::from_slice(body) {
            Ok(value) => secrets.add_named(&value),
            Err(_) => secrets.add_members(&String::from_utf8_lossy(body)),
        }
        secrets
    }

    fn add(&mut self, secret: impl AsRef<[u8]>) {
        let secret = secret.as_ref();
        if !secret.is_empty() {
            self.0.push((secret.to_owned(), Spelled::new(secret).bytes.into_owned()));
        }
    }

    /// A value may begin with its scheme, such as `Bearer`.
    fn add_header(&mut self, value: &[u8]) {
        self.add(value);
        if let Some(space) = value.iter().position(|&byte| byte == b' ') {
            self.add(value[space..].trim_ascii());
        }
    }

    /// Servers may repeat a wallet's signature without `0x`, in capitals or with another last byte.
    fn add_text(&mut self, secret: &str) {
        self.add(secret);
        let digits = secret.strip_prefix("0x").filter(|digits| digits.len() == 130);
        if let Some(numbers) = digits.and_then(|digits| digits.get(..128)) {
            self.add(numbers);
            self.add(numbers.to_ascii_uppercase());
        }
    }

    /// Adds the secrets of a query or a form.
    fn add_members(&mut self, text: &str) {
        for (name, value) in text.split('&').filter_map(|member| member.split_once('=')) {
            if is_secret_name(name) {
                self.add(value);
            }
        }
    }

    /// Adds the members with secret names, at any depth.
    fn add_named(&mut self, value: &Value) {
        match value {
            Value::Object(members) => members.iter().for_each(|(name, value)| {
                if is_secret_name(name) { self.add_all(value) } else { self.add_named(value) }
            }),
            Value::Array(values) => values.iter().for_each(|value| self.add_named(value)),
            _ => {}
        }
    }

    fn add_all(&mut self, value: &Value) {
        match value {
            Value::Object(members) => members.values().for_each(|value| self.add_all(value)),
            Value::Array(values) => values.iter().for_each(|value| self.add_all(value)),
            Value::String(secret) => self.add_text(secret),
            Value::Number(secret) => self.add(secret.to_string()),
            Value::Bool(_) | Value::Null => {}
        }
    }

    /// Replaces the secrets in a text, however they are escaped. Returns `None` if there are none.
    ///
    /// If the text is cut, it may end with the start of a secret.
    pub(crate) fn removed_from(&self, text: &[u8], is_cut: bool) -> Option<Vec<u8>> {
        let (verbatim, spelled) = (Spelled::verbatim(text), Spelled::new(text));
        let cut = if is_cut { before_cut_escape(text) } else { Vec::new() };
        let mut places = Vec::new();
        for (secret, unescaped) in &self.0 {
            places.extend(find(text, secret));
            places.extend(find(&spelled.bytes, unescaped).map(|bytes| spelled.place(bytes)));
            if is_cut {
                let starts = cut.iter().chain([&spelled]);
                let starts = starts.filter_map(|cut| find_beginning(cut, unescaped));
                let starts = starts.chain(find_beginning(&verbatim, secret));
                places.extend(starts.map(|start| start..text.len()));
            }
        }
        replaced(text, places)
    }

    /// Like `removed_from`, for text.
    pub(crate) fn removed_from_text(&self, text: &str, is_cut: bool) -> Option<String> {
        let replaced = self.removed_from(text.as_bytes(), is_cut)?;
        Some(String::from_utf8_lossy(&replaced).into_owned())
    }
}

/// Returns every place of a secret that has bytes.
fn find<'a>(text: &'a [u8], secret: &'a [u8]) -> impl Iterator<Item = Range<usize>> + 'a {
    let windows = text.windows(secret.len().max(1)).enumerate();
    // Most windows differ in their first or last byte, which are faster to compare.
    let ends = |text: &[u8]| (text.first().copied(), text.last().copied());
    let found = windows.filter(move |(_, it)| ends(it) == ends(secret) && *it == secret);
    found.map(move |(start, _)| start..start + secret.len())
}

/// Returns a cut text without the escape that its end may have cut off.
fn before_cut_escape(text: &[u8]) -> Vec<Spelled<'_>> {
    let last = text.len().saturating_sub(MAX_ESCAPE_BYTES);
    let ends = (last..text.len()).filter(|&end| begins_escape(text[end]));
    ends.map(|end| Spelled::new(&text[..end])).collect()
}

/// Returns the start of a secret that the text's end cuts off.
fn find_beginning(text: &Spelled<'_>, secret: &[u8]) -> Option<usize> {
    let last = text.bytes.last()?;
    let mut lengths = (MIN_PREFIX_BYTES..=secret.len().min(text.bytes.len())).rev();
    // Most beginnings differ in their last byte, which is faster to compare.
    let is_end = |start: &[u8]| start.last() == Some(last) && text.bytes.ends_with(start);
    let length = lengths.find(|&length| is_end(&secret[..length]))?;
    Some(text.place(text.bytes.len() - length..text.bytes.len()).start)
}
