//! Sends many invitations at once, each with a connection of its own.

use sdn_benches_common::report::{Lines, Result, grouped, output};
use sdn_benches_send::Server;

const PROGRAM: &str = env!("CARGO_BIN_EXE_send");
const CLIENTS: [&str; 3] = ["sdn-hyper", "hyper-util", "reqwest"];
const IN_FLIGHT: [usize; 2] = [1_000, 10_000];
const ROUNDS: usize = 11;

fn main() -> Result<()> {
    let mut lines = Lines::new(
        "| in flight | client | processor | to 1,000 |\n\
         |---:|---|---:|---:|",
    );
    for client in CLIENTS {
        let mut rounds = Vec::new();
        for _ in 0..ROUNDS {
            let costs = IN_FLIGHT.map(|in_flight| processor_time(client, in_flight));
            rounds.push(costs.into_iter().collect::<Result<Vec<_>>>()?);
        }
        for (index, in_flight) in IN_FLIGHT.into_iter().enumerate() {
            let median = |figure: fn(f64, f64) -> f64| {
                let mut figures: Vec<_> =
                    rounds.iter().map(|costs| figure(costs[index], costs[0])).collect();
                figures.sort_by(f64::total_cmp);
                figures[ROUNDS / 2]
            };
            lines.add(&format!(
                "| {} | {client} | {:.1} µs | {:.2} |",
                grouped(in_flight as u64),
                median(|cost, _| cost) / 1000.0,
                median(|cost, least| cost / least),
            ));
        }
    }
    lines.publish()
}

/// Returns the processor time of one request, in nanoseconds.
fn processor_time(client: &str, in_flight: usize) -> Result<f64> {
    let server = Server::start(PROGRAM, in_flight)?;
    let printed = output(PROGRAM, &[client, "connect", &in_flight.to_string(), &server.address])?;
    let sum: f64 = printed.split(' ').next().unwrap_or_default().parse()?;
    Ok(sum / in_flight as f64)
}
