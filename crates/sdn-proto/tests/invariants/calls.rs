//! All calls, so that a check of any call does not have to name them.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::LazyLock;

use arbitrary::Arbitrary;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sdn_proto::Call;
use sdn_proto::generate::{Compose, Hostile};
use serde_json::{Map, Value, json};

/// A check of any call.
pub trait Visitor {
    type Output;

    fn visit<C>(self, described: &Described) -> Self::Output
    where
        C: Call + Compose + Debug + for<'a> Arbitrary<'a>,
        C::Server: Compose + Debug,
        C::Output: Debug,
        Hostile<C>: for<'a> Arbitrary<'a>;
}

/// Returns the number of calls.
pub const COUNT: usize = {
    let mut count = 0;
    macro_rules! count {
        ($($folder:ident::$file:ident::$call:ident,)*) => { count += [$(stringify!($call)),*].len() };
    }
    sdn_proto::for_each_call!(count);
    count
};

/// Checks the call with this number.
pub fn visit<V: Visitor>(which: usize, visitor: V) -> V::Output {
    let mut number = 0..;
    macro_rules! visit {
        ($($folder:ident::$file:ident::$call:ident,)*) => {$(
            if number.next() == Some(which) {
                static DESCRIBED: LazyLock<Described> = LazyLock::new(|| {
                    Described::read(include_str!(concat!(
                        "../conformance/calls/", stringify!($folder), "/", stringify!($file), ".json",
                    )))
                });
                return visitor.visit::<sdn_proto::$folder::$call>(&DESCRIBED);
            }
        )*};
    }
    sdn_proto::for_each_call!(visit);
    panic!("there is no call {which}")
}

/// What the conformance data say about a call: how its parts become a request, and what a success
/// is.
pub struct Described {
    call: Value,
    success: Value,
}

impl Described {
    pub fn read(file: &str) -> Self {
        let mut file: Value = serde_json::from_str(file).unwrap();
        let mut responses = file["responses"].as_array().unwrap().iter();
        let success = responses.find(|case| case.get("output").is_some()).unwrap();
        let success = serde_json::from_str(success["body"].as_str().unwrap()).unwrap();
        Self { call: file["call"].take(), success }
    }

    /// Returns the body of a successful response.
    pub fn success(&self) -> Value {
        self.success.clone()
    }

    pub fn method(&self) -> &str {
        self.call["method"].as_str().unwrap()
    }

    /// Returns the token in the request, if there is one.
    pub fn token<'a>(&self, case: &'a Map<String, Value>) -> Option<&'a str> {
        self.call["token"].as_str().map(|name| case[name].as_str().unwrap())
    }

    /// Returns the path and query after the base.
    pub fn path(&self, case: &Map<String, Value>) -> String {
        let template = self.call["path"].as_str().unwrap();
        let mut pieces = template.split('{');
        let mut path = pieces.next().unwrap().to_owned();
        for piece in pieces {
            let (name, text) = piece.split_once('}').unwrap();
            path += &match (name, case["dialect"].as_str().unwrap()) {
                ("prefix", "sdn") => "_api".to_owned(),
                ("prefix", _) => "_matrix".to_owned(),
                ("well_known", dialect) => format!(".well-known/{dialect}"),
                ("version", "sdn") => "r0".to_owned(),
                ("version", _) => "v3".to_owned(),
                _ => utf8_percent_encode(case[name].as_str().unwrap(), ESCAPED).to_string(),
            };
            path += text;
        }
        path
    }

    /// The body, or an empty text.
    pub fn body(&self, case: &Map<String, Value>) -> String {
        match &self.call["body"] {
            Value::Null => String::new(),
            Value::String(name) => case[name].as_str().unwrap().to_owned(),
            Value::Array(names) => {
                let names = names.iter().map(|name| name.as_str().unwrap());
                let members = names.filter_map(|name| Some((name, case.get(name)?)));
                json!(members.collect::<BTreeMap<_, _>>()).to_string()
            }
            template => filled(template, case).unwrap().to_string(),
        }
    }
}

/// Replaces names in braces with the inputs, and drops members whose input is missing.
fn filled(template: &Value, case: &Map<String, Value>) -> Option<Value> {
    match template {
        Value::Object(members) => {
            let members = members.iter();
            let members = members.filter_map(|(name, value)| Some((name, filled(value, case)?)));
            Some(json!(members.collect::<BTreeMap<_, _>>()))
        }
        Value::String(text) => match text.strip_prefix('{').and_then(|it| it.strip_suffix('}')) {
            Some(name) => case.get(name).cloned(),
            None => Some(text.clone().into()),
        },
        other => Some(other.clone()),
    }
}

/// The characters that ECMAScript's `encodeURIComponent` escapes.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');
