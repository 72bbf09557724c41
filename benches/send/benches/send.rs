//! An invitation sent over the loopback interface: one after the other, and 64 side by side.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use sdn_benches::report::{Result, callgrind, grouped, output};

const PROGRAM: &str = env!("CARGO_BIN_EXE_send");

/// Each group begins with ours, and the second is what it should not cost much more than.
const CLIENTS: [&[&str]; 2] = [
    &["sdn-hyper", "hyper-util", "hyper", "reqwest"],
    &["sdn-blocking", "ureq", "ureq without limits of time", "reqwest::blocking"],
];

/// How many requests: those that are timed, and those that are counted one by one, which takes fifty times as long.
const TIMED: u32 = 19_200;
const COUNTED: u32 = 1_920;
/// Of so many runs each the cheapest counts, as others only disturb.
const RUNS: usize = 5;

fn main() -> Result<()> {
    let server = Server::start()?;
    println!(
        "| client | at once | instructions | processor | to ours | allocations | bytes | a second |"
    );
    println!("|---|---:|---:|---:|---:|---:|---:|---:|");
    for at_once in ["1", "64"] {
        for clients in CLIENTS {
            let mut ours = None;
            for client in clients {
                let cost = Cost::measure(client, at_once, &server.address)?;
                let ratio = cost.processor / *ours.get_or_insert(cost.processor);
                println!(
                    "| {client} | {at_once} | {} | {:.1} µs | {ratio:.2} | {:.1} + {:.1} | {} | {} |",
                    grouped(cost.instructions),
                    cost.processor / 1000.0,
                    cost.allocations,
                    cost.reallocations,
                    grouped(cost.bytes as u64),
                    grouped((1e9 / cost.elapsed) as u64),
                );
            }
        }
    }
    Ok(())
}

/// Of one request. Times are in nanoseconds.
struct Cost {
    instructions: u64,
    processor: f64,
    allocations: f64,
    reallocations: f64,
    bytes: f64,
    elapsed: f64,
}

impl Cost {
    fn measure(client: &str, at_once: &str, address: &str) -> Result<Self> {
        let instructions =
            |count: u32| callgrind(&[], PROGRAM, &[client, &count.to_string(), at_once, address]);
        // Without what the program costs that sends nothing.
        let instructions = instructions(COUNTED)?.saturating_sub(instructions(0)?);
        let count = TIMED.to_string();
        let run = || -> Result<Vec<f64>> {
            let printed = output(PROGRAM, &[client, &count, at_once, address])?;
            Ok(printed.split(' ').map(str::parse).collect::<std::result::Result<_, _>>()?)
        };
        let mut least = run()?;
        for _ in 1..RUNS {
            least.iter_mut().zip(run()?).for_each(|(least, now)| *least = least.min(now));
        }
        let [processor, allocations, reallocations, bytes, elapsed] =
            least.into_iter().map(|sum| sum / f64::from(TIMED)).collect::<Vec<_>>()[..]
        else {
            return Err("not the figures that were expected".into());
        };
        let instructions = instructions / u64::from(COUNTED);
        Ok(Self { instructions, processor, allocations, reallocations, bytes, elapsed })
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
