//! Counts the polls of senders that wait for a server that accepts 10 calls a second.

use sdn_benches_common::report::{Lines, Result, grouped};
use sdn_benches_wait::{WAITING, measure};

fn main() -> Result<()> {
    let mut lines = Lines::new(
        "| waiting | polls a call | requests a call | time | time that the server allows |\n\
         |---:|---:|---:|---:|---:|",
    );
    for count in WAITING {
        let cost = measure(count)?;
        lines.add(&format!(
            "| {} | {:.1} | {:.2} | {:.1} s | {:.1} s |",
            grouped(count as u64),
            cost.polls as f64 / count as f64,
            cost.requests as f64 / count as f64,
            cost.taken.as_secs_f64(),
            cost.allowed.as_secs_f64(),
        ));
    }
    lines.publish()
}
