//! Clients that others wrote, at the embedded node; `sdk/` has their scripts.
//!
//!     .ci/run sdk

mod matrix;
mod script;
