//! Sends an invitation many times with one client and prints what it cost.
//!
//!     send serve
//!     send CLIENT COUNT AT_ONCE ADDRESS
//!
//! The first is the server, and prints its address. It is a process of its own, so that nothing of its work is counted.
//! Prints what the requests cost together, but for the first of each connection: the processor's nanoseconds, allocations,
//! reallocations, bytes asked for, and nanoseconds that went by.

mod asynchronous;
mod blocking;
mod server;

use std::alloc::System;
use std::error::Error;
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};
use sdn_proto::{AccessToken, InviteBy3pid, Node, Session};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// Sends the invitation as often as wanted.
type Client = fn(Work) -> Result<Cost>;

const CLIENTS: [(&str, Client); 8] = [
    ("sdn-hyper", asynchronous::sdn_hyper),
    ("hyper-util", asynchronous::hyper_util),
    ("hyper", asynchronous::hyper),
    ("reqwest", asynchronous::reqwest),
    ("sdn-blocking", blocking::sdn_blocking),
    ("ureq", blocking::ureq),
    ("ureq without limits of time", blocking::ureq_without_limits),
    ("reqwest::blocking", blocking::reqwest),
];

/// What is to be sent, where, how often, and how many of that side by side.
struct Work {
    session: Session,
    call: InviteBy3pid,
    address: String,
    count: usize,
    at_once: usize,
}

fn main() -> Result<()> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match &arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["serve"] => Ok(asynchronous::runtime()?.block_on(server::serve())?),
        [client, count, at_once, address] => {
            let send = CLIENTS.into_iter().find(|(name, _)| name == client);
            let (_, send) = send.ok_or_else(|| format!("there is no client {client}"))?;
            let cost = send(Work::new(address, count.parse()?, at_once.parse()?)?)?;
            println!(
                "{} {} {} {} {}",
                cost.processor.as_nanos(),
                cost.allocations,
                cost.reallocations,
                cost.bytes,
                cost.elapsed.as_nanos(),
            );
            Ok(())
        }
        _ => Err("send serve, or: send CLIENT COUNT AT_ONCE ADDRESS".into()),
    }
}

impl Work {
    fn new(address: &str, count: usize, at_once: usize) -> Result<Self> {
        let input = &sdn_benches::input::REAL;
        let session =
            Node::new(format!("http://{address}"))?.session(AccessToken::new(input.access_token)?);
        let call = InviteBy3pid::from_strings(
            input.room_id,
            input.address,
            input.id_access_token,
            input.id_server,
            input.medium,
        )?;
        Ok(Self { session, call, address: address.to_owned(), count, at_once })
    }
}

/// What the whole process used.
struct Cost {
    processor: Duration,
    allocations: usize,
    reallocations: usize,
    bytes: usize,
    elapsed: Duration,
}

/// Counts from now on.
struct Meter {
    region: Region<'static, System>,
    processor: Duration,
    start: Instant,
}

impl Meter {
    fn start() -> Self {
        let region = Region::new(ALLOCATOR);
        Self { region, processor: processor_time(), start: Instant::now() }
    }

    fn stop(self) -> Cost {
        let elapsed = self.start.elapsed();
        let processor = processor_time() - self.processor;
        let counted = self.region.change();
        Cost {
            processor,
            allocations: counted.allocations,
            reallocations: counted.reallocations,
            bytes: counted.bytes_allocated,
            elapsed,
        }
    }
}

/// Of all threads of this process, in the kernel and out of it.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::try_from(time).expect("it began with 0")
}
