//! Sends invitations over the loopback interface: one after the other, and 64 at once.

use sdn_benches_common::report::{Lines, Result, grouped, output};
use sdn_benches_send::Server;

const PROGRAM: &str = env!("CARGO_BIN_EXE_send");

/// The clients that are compared with each other. Ours is the first.
const CLIENTS: [&[&str]; 2] = [
    &["sdn-hyper", "hyper-util", "hyper", "reqwest"],
    &["sdn-blocking", "ureq", "ureq without limits of time", "reqwest::blocking"],
];

/// How many requests are timed.
const TIMED: u32 = 6_400;
/// How many requests callgrind counts. It takes fifty times as long.
const COUNTED: u32 = 3_200;
/// Every client runs once in each round. Only runs of the same round are compared, because other
/// programs may slow down a whole round.
const ROUNDS: usize = 11;

fn main() -> Result<()> {
    let server = Server::start(PROGRAM, 1)?;
    let mut lines = Lines::new(
        "| client | at once | instructions | processor | to ours | allocations | bytes | a second |\n\
         |---|---:|---:|---:|---:|---:|---:|---:|",
    );
    for at_once in ["1", "64"] {
        for clients in CLIENTS {
            let run = |client: &&str| Cost::measure(client, at_once, &server.address);
            let round = || clients.iter().map(run).collect::<Result<Vec<_>>>();
            let rounds = (0..ROUNDS).map(|_| round()).collect::<Result<Vec<_>>>()?;
            for (index, client) in clients.iter().enumerate() {
                let instructions = server.instructions(client, at_once, COUNTED)?;
                let median = |figure: fn(&Cost, &Cost) -> f64| {
                    median(rounds.iter().map(|costs| figure(&costs[index], &costs[0])).collect())
                };
                lines.add(&format!(
                    "| {client} | {at_once} | {} | {:.1} µs | {:.2} | {:.1} + {:.1} | {} | {} |",
                    grouped(instructions),
                    median(|cost, _| cost.processor) / 1000.0,
                    median(|cost, ours| cost.processor / ours.processor),
                    median(|cost, _| cost.allocations),
                    median(|cost, _| cost.reallocations),
                    grouped(median(|cost, _| cost.bytes) as u64),
                    grouped(median(|cost, _| 1e9 / cost.elapsed) as u64),
                ));
            }
        }
    }
    lines.publish()
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// What one request of a run costs. Times are in nanoseconds.
struct Cost {
    processor: f64,
    allocations: f64,
    reallocations: f64,
    bytes: f64,
    elapsed: f64,
}

impl Cost {
    fn measure(client: &str, at_once: &str, address: &str) -> Result<Self> {
        let printed = output(PROGRAM, &[client, &TIMED.to_string(), at_once, address])?;
        let sums: Vec<f64> =
            printed.split(' ').map(str::parse).collect::<std::result::Result<_, _>>()?;
        let [processor, allocations, reallocations, bytes, elapsed] =
            sums.into_iter().map(|sum| sum / f64::from(TIMED)).collect::<Vec<_>>()[..]
        else {
            return Err("the program did not print five figures".into());
        };
        Ok(Self { processor, allocations, reallocations, bytes, elapsed })
    }
}
