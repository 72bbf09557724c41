//! Prints the median of how long one case's work takes, in nanoseconds.

use std::process::ExitCode;
use std::time::Instant;

/// An odd number, so that one of them is in the middle.
const RUNS: usize = 501;

fn main() -> ExitCode {
    let Some(run) = sdn_benches::named_run(std::env::args().skip(1)) else {
        return ExitCode::from(2);
    };
    let mut times = Vec::with_capacity(RUNS);
    for _ in 0..RUNS {
        run(&mut |work| {
            let start = Instant::now();
            work();
            times.push(start.elapsed().as_nanos());
        });
    }
    times.sort_unstable();
    println!("{}", times[RUNS / 2]);
    ExitCode::SUCCESS
}
