//! Compares the polls and requests of waiting senders with the recorded ones.

use sdn_benches_common::record::compare;
use sdn_benches_common::report::Result;
use sdn_benches_wait::{WAITING, measure};

fn main() -> Result<()> {
    let mut counts = Vec::new();
    for count in WAITING {
        let cost = measure(count)?;
        counts.push((format!("polls of {count} waiting"), cost.polls as u64));
        counts.push((format!("requests of {count} waiting"), cost.requests as u64));
    }
    compare(env!("CARGO_MANIFEST_DIR"), &counts)
}
