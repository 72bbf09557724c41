//! The serialized form of nodes and identity servers in configurations.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};

use crate::base_url::{BaseUrl, Insecure};
use crate::dialect::Dialect;

/// The complete form.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Map {
    url: String,
    #[serde(default, skip_serializing_if = "is_default")]
    dialect: Dialect,
    #[serde(default, skip_serializing_if = "is_default")]
    insecure: bool,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Writes a URL as a string if that is complete.
pub(crate) fn serialize<S: Serializer>(
    base: &BaseUrl,
    dialect: Dialect,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let insecure = base.is_insecure();
    if is_default(&dialect) && !insecure {
        return serializer.collect_str(base);
    }
    Map { url: base.to_string(), dialect, insecure }.serialize(serializer)
}

/// Parses a URL, or a map with one, and checks it.
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
    field: &'static str,
    deserializer: D,
) -> Result<(BaseUrl, Dialect), D::Error> {
    let Map { url, dialect, insecure } = deserializer.deserialize_any(UrlOrMap)?;
    let insecure = if insecure { Insecure::Allowed } else { Insecure::LoopbackOnly };
    let base = BaseUrl::parse(field, &url, insecure).map_err(D::Error::custom)?;
    Ok((base, dialect))
}

struct UrlOrMap;

impl<'de> Visitor<'de> for UrlOrMap {
    type Value = Map;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a URL, or a map of `url`, `dialect` and `insecure`")
    }

    fn visit_str<E: Error>(self, url: &str) -> Result<Map, E> {
        Ok(Map { url: url.to_owned(), dialect: Dialect::default(), insecure: false })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Map, A::Error> {
        Map::deserialize(MapAccessDeserializer::new(map))
    }
}

impl Serialize for Dialect {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Dialect {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        word.parse().map_err(D::Error::custom)
    }
}
