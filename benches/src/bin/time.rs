//! Prints the median time of a case's work, in nanoseconds.

use std::process::ExitCode;
use std::time::Instant;

/// Odd, so that one run is in the middle.
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
