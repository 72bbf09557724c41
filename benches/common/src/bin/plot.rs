//! Publishes the table on standard input: in the README, and as a plot.

use std::io;

use sdn_benches_common::report::{Lines, Result};

fn main() -> Result<()> {
    let mut lines = io::stdin().lines();
    let header = lines.next().ok_or("there is no table on standard input")??;
    let mut table = Lines::new(&header);
    for line in lines {
        table.add(&line?);
    }
    table.publish()
}
