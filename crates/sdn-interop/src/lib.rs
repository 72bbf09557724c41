//! Tests of the sdn crates against real servers; the tests are in `tests/`.
