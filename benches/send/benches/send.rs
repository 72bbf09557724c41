//! An invitation sent over the loopback interface: one after the other, and 64 side by side.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use sdn_benches::report::{Result, callgrind, grouped, output};

const PROGRAM: &str = env!("CARGO_BIN_EXE_send");

/// Each group begins with ours.
const CLIENTS: [&[&str]; 2] = [
    &["sdn-hyper", "hyper-util", "hyper", "reqwest"],
    &["sdn-blocking", "ureq", "ureq without limits of time", "reqwest::blocking"],
];

/// How many requests: those that are timed, and those that are counted one by one, which takes fifty times as long.
const TIMED: u32 = 19_200;
const COUNTED: u32 = 1_920;
/// In each round, every client runs once. Only what ran in the same round is compared, because other programs may slow down
/// a whole round.
const ROUNDS: usize = 11;

fn main() -> Result<()> {
    let server = Server::start()?;
    println!(
        "| client | at once | instructions | processor | to ours | allocations | bytes | a second |"
    );
    println!("|---|---:|---:|---:|---:|---:|---:|---:|");
    for at_once in ["1", "64"] {
        for clients in CLIENTS {
            let run = |client: &&str| Cost::measure(client, at_once, &server.address);
            let round = || clients.iter().map(run).collect::<Result<Vec<_>>>();
            let rounds = (0..ROUNDS).map(|_| round()).collect::<Result<Vec<_>>>()?;
            for (index, client) in clients.iter().enumerate() {
                let instructions = instructions(client, at_once, &server.address)?;
                let median = |figure: fn(&Cost, &Cost) -> f64| {
                    median(rounds.iter().map(|costs| figure(&costs[index], &costs[0])).collect())
                };
                println!(
                    "| {client} | {at_once} | {} | {:.1} µs | {:.2} | {:.1} + {:.1} | {} | {} |",
                    grouped(instructions),
                    median(|cost, _| cost.processor) / 1000.0,
                    median(|cost, ours| cost.processor / ours.processor),
                    median(|cost, _| cost.allocations),
                    median(|cost, _| cost.reallocations),
                    grouped(median(|cost, _| cost.bytes) as u64),
                    grouped(median(|cost, _| 1e9 / cost.elapsed) as u64),
                );
            }
        }
    }
    Ok(())
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// Returns the instructions of one request.
fn instructions(client: &str, at_once: &str, address: &str) -> Result<u64> {
    let run = |count: u32| callgrind(&[], PROGRAM, &[client, &count.to_string(), at_once, address]);
    // Without what the program costs that sends nothing.
    Ok(run(COUNTED)?.saturating_sub(run(0)?) / u64::from(COUNTED))
}

/// What one request of a run cost. Times are in nanoseconds.
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
            return Err("not the figures that were expected".into());
        };
        Ok(Self { processor, allocations, reallocations, bytes, elapsed })
    }
}

/// The running server. It is ended when this is dropped.
struct Server {
    process: Child,
    address: String,
}

impl Server {
    fn start() -> Result<Self> {
        let mut process = Command::new(PROGRAM).arg("serve").stdout(Stdio::piped()).spawn()?;
        let mut address = String::new();
        if let Some(stdout) = process.stdout.take() {
            BufReader::new(stdout).read_line(&mut address)?;
        }
        Ok(Self { process, address: address.trim().to_owned() })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
