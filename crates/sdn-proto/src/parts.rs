//! Named parts of calls, drawn from bytes or read from a case of the conformance data.

use arbitrary::{Arbitrary, Unstructured};
use serde_json::{Map, Value};

use crate::dialect::Dialect;
use crate::error::InvalidInput;

/// A valid value at the edge of the rules: each character that its constructor allows, each length
/// up to the limit.
///
/// For example, it contains slashes, `%`, `?`, `#`, quotes, backslashes, control characters,
/// bidirectional overrides or characters beyond the basic plane. It is `..`, an IPv6 host or an
/// unusual port, and has one byte or the maximum number of bytes.
#[derive(Debug, Clone)]
pub struct Hostile<T>(pub T);

/// A call or a server that consists of parts; `compose!` implements it.
pub trait Compose: Sized {
    /// Builds it from the parts.
    ///
    /// # Errors
    ///
    /// If a part cannot be drawn, is missing, or is rejected.
    fn compose(parts: &mut Parts<'_, '_>) -> Result<Self>;
}

/// The kind of values: at the edge of the rules, or as nodes of a dialect have them.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Like {
    Hostile,
    Plausible(Dialect),
}

/// A value that is part of calls.
pub(crate) trait Part: Sized {
    fn draw(u: &mut Unstructured<'_>, like: Like) -> arbitrary::Result<Self>;
    /// Reads the value from a case.
    fn read(value: &Value) -> Result<Self>;
    fn write(&self) -> Value;
    /// Returns another value, if this value is secret.
    fn other(&self) -> Option<Value> {
        None
    }
}

/// The error of parts from which nothing can be built.
#[derive(Debug)]
#[non_exhaustive]
pub enum Refusal {
    /// There are not enough bytes.
    Bytes(arbitrary::Error),
    /// The case does not have this part in this shape.
    Case(&'static str),
    /// A constructor rejects a part.
    Input(InvalidInput),
    /// A server does not offer the wanted algorithm.
    NotOffered,
}

pub(crate) type Result<T> = std::result::Result<T, Refusal>;

impl From<arbitrary::Error> for Refusal {
    fn from(error: arbitrary::Error) -> Self {
        Self::Bytes(error)
    }
}

impl From<InvalidInput> for Refusal {
    fn from(error: InvalidInput) -> Self {
        Self::Input(error)
    }
}

/// The parts, by their names in the protocol.
#[derive(Debug, Default)]
pub struct Parts<'u, 'a> {
    /// The source of parts; without it, the case already has them.
    bytes: Option<&'u mut Unstructured<'a>>,
    are_hostile: bool,
    case: Map<String, Value>,
    other_secrets: Map<String, Value>,
}

impl<'u, 'a> Parts<'u, 'a> {
    /// Draws the parts from bytes.
    pub fn drawn(bytes: &'u mut Unstructured<'a>, are_hostile: bool) -> Self {
        Self { bytes: Some(bytes), are_hostile, ..Self::default() }
    }

    /// Reads the parts of a case.
    pub fn of(case: Map<String, Value>) -> Self {
        Self { case, ..Self::default() }
    }

    /// Returns the case with the parts that were drawn.
    pub fn case(&self) -> &Map<String, Value> {
        &self.case
    }

    /// Returns the case with other secrets.
    pub fn with_other_secrets(&self) -> Map<String, Value> {
        let mut case = self.case.clone();
        case.extend(self.other_secrets.clone());
        case
    }

    /// Draws the part into the case, if there are bytes, and reads it from the case.
    fn part<T>(
        &mut self,
        name: &'static str,
        draw: impl FnOnce(&mut Unstructured<'a>, Like) -> arbitrary::Result<Value>,
        read: impl FnOnce(&Value) -> Result<T>,
    ) -> Result<T> {
        if let Some(u) = &mut self.bytes {
            let like = like(u, self.are_hostile, &self.case)?;
            self.case.insert(name.to_owned(), draw(u, like)?);
        }
        read(self.case.get(name).ok_or(Refusal::Case(name))?)
    }

    pub(crate) fn get<P: Part>(&mut self, name: &'static str) -> Result<P> {
        let part = self.part(name, |u, like| Ok(P::draw(u, like)?.write()), P::read)?;
        self.other_secrets.extend(part.other().map(|other| (name.to_owned(), other)));
        Ok(part)
    }

    /// Returns a part with named parts, which are members of the case.
    pub(crate) fn members<P: Part>(&mut self) -> Result<P> {
        if let Some(u) = &mut self.bytes {
            let like = like(u, self.are_hostile, &self.case)?;
            if let Value::Object(members) = P::draw(u, like)?.write() {
                self.case.extend(members);
            }
        }
        P::read(&self.case.clone().into())
    }

    pub(crate) fn list<P: Part>(&mut self, name: &'static str) -> Result<Vec<P>> {
        self.at_least(0, name)
    }

    /// Returns a list, which the case omits if it is empty.
    pub(crate) fn some<P: Part>(&mut self, name: &'static str) -> Result<Vec<P>> {
        if self.has(name)? { self.at_least(1, name) } else { Ok(Vec::new()) }
    }

    fn at_least<P: Part>(&mut self, min: usize, name: &'static str) -> Result<Vec<P>> {
        let draw = |u: &mut Unstructured<'a>, like| {
            (0..u.int_in_range(min..=3)?).map(|_| Ok(P::draw(u, like)?.write())).collect()
        };
        let read = |value: &Value| array(value)?.iter().map(P::read).collect::<Result<Vec<P>>>();
        let list = self.part(name, draw, read)?;
        let others: Option<Vec<_>> = list.iter().map(P::other).collect();
        self.other_secrets.extend(others.map(|others| (name.to_owned(), others.into())));
        Ok(list)
    }

    /// Returns any text, or one of these if the parts are plausible.
    pub(crate) fn text(&mut self, name: &'static str, plausible: &[&str]) -> Result<String> {
        let draw = |u: &mut Unstructured<'a>, like| draw_text(u, like, plausible);
        self.part(name, draw, |value| text(value).map(str::to_owned))
    }

    /// Returns two such texts, or as many as the case has.
    pub(crate) fn texts(&mut self, name: &'static str, plausible: &[&str]) -> Result<Vec<String>> {
        let draw = |u: &mut Unstructured<'a>, like| {
            (0..2).map(|_| draw_text(u, like, plausible)).collect()
        };
        let read =
            |value: &Value| array(value)?.iter().map(|it| text(it).map(str::to_owned)).collect();
        self.part(name, draw, read)
    }

    /// Adds such a text to a call, or omits it.
    pub(crate) fn with_text<C>(
        &mut self,
        name: &'static str,
        plausible: &[&str],
        call: C,
        with: fn(C, String) -> C,
    ) -> Result<C> {
        Ok(if self.has(name)? { with(call, self.text(name, plausible)?) } else { call })
    }

    /// Returns whether the case has the part.
    pub(crate) fn has(&mut self, name: &'static str) -> Result<bool> {
        if let Some(u) = &mut self.bytes {
            if u.arbitrary()? {
                self.case.insert(name.to_owned(), true.into());
            }
        }
        Ok(self.case.contains_key(name))
    }
}

/// Sets the dialect to that of the server. Without a server it does not matter.
fn like(
    u: &mut Unstructured<'_>,
    are_hostile: bool,
    case: &Map<String, Value>,
) -> arbitrary::Result<Like> {
    if are_hostile {
        return Ok(Like::Hostile);
    }
    let dialect = case.get("dialect").and_then(|name| name.as_str()?.parse().ok());
    Ok(Like::Plausible(dialect.map_or_else(|| u.arbitrary(), Ok)?))
}

fn draw_text(u: &mut Unstructured<'_>, like: Like, plausible: &[&str]) -> arbitrary::Result<Value> {
    match like {
        Like::Hostile => Hostile::<String>::arbitrary(u).map(|Hostile(text)| text.into()),
        Like::Plausible(_) => u.choose(plausible).map(|&text| text.into()),
    }
}

/// Returns the text of a value that is text.
pub(crate) fn text(value: &Value) -> Result<&str> {
    value.as_str().ok_or(Refusal::Case("text"))
}

fn array(value: &Value) -> Result<&Vec<Value>> {
    value.as_array().ok_or(Refusal::Case("array"))
}

pub(crate) fn drawn<C: Compose>(
    u: &mut Unstructured<'_>,
    are_hostile: bool,
) -> arbitrary::Result<C> {
    C::compose(&mut Parts::drawn(u, are_hostile)).map_err(|refusal| match refusal {
        Refusal::Bytes(error) => error,
        _ => arbitrary::Error::IncorrectFormat,
    })
}
/// Builds a type from its parts: in generators, in the invariants and with the conformance data.
macro_rules! compose {
    ($type:ident, |$parts:pat_param| $made:expr) => {
        impl $crate::parts::Compose for $type {
            fn compose($parts: &mut $crate::parts::Parts<'_, '_>) -> $crate::parts::Result<Self> {
                Ok($made)
            }
        }

        impl<'a> arbitrary::Arbitrary<'a> for $type {
            fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
                $crate::parts::drawn(u, false)
            }
        }

        impl<'a> arbitrary::Arbitrary<'a> for $crate::parts::Hostile<$type> {
            fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
                $crate::parts::drawn(u, true).map(Self)
            }
        }
    };
}
pub(crate) use compose;
