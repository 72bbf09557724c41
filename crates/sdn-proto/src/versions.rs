use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The versions and features that a server supports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Versions {
    /// Versions of the specification, such as `v1.11`.
    pub versions: Vec<String>,
    /// Features that are not in the specification yet, and whether they are on.
    #[serde(default)]
    pub unstable_features: BTreeMap<String, bool>,
}
