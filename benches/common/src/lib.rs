//! What all benchmarks share: the input, counting, and publishing the figures.

#![forbid(unsafe_code)]

pub mod input;
pub mod record;
pub mod report;
