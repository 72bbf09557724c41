//! Sends an invitation many times with one client and prints what it cost.
//!
//!     send serve IN_FLIGHT
//!     send CLIENT COUNT AT_ONCE ADDRESS
//!     send CLIENT connect AT_ONCE ADDRESS
//!
//! The first command is the server, which prints its address. It responds once so many requests are
//! in flight. It is another process, so that its work is not counted. The second command prints what
//! all requests cost together: processor time, allocations, reallocations, bytes asked for, and time.
//! Times are in nanoseconds. The first request of each connection is not included. With `connect`
//! there are only first requests.

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

/// Sends the invitations of some work.
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

/// What is sent, where, how often, and how many at once.
struct Work {
    session: Session,
    call: InviteBy3pid,
    address: String,
    /// How many requests are measured. Each connection is opened before, by one more request.
    /// `None` measures these first requests.
    count: Option<usize>,
    at_once: usize,
}

fn main() -> Result<()> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match &arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["serve", in_flight] => {
            Ok(asynchronous::runtime()?.block_on(server::serve(in_flight.parse()?))?)
        }
        [client, count, at_once, address] => {
            let send = CLIENTS.into_iter().find(|(name, _)| name == client);
            let (_, send) = send.ok_or_else(|| format!("no client is named {client}"))?;
            let count = if *count == "connect" { None } else { Some(count.parse()?) };
            let cost = send(Work::new(address, count, at_once.parse()?)?)?;
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
        _ => Err("the arguments are wrong; use: send serve IN_FLIGHT, or: send CLIENT COUNT|connect AT_ONCE ADDRESS"
            .into()),
    }
}

impl Work {
    fn new(address: &str, count: Option<usize>, at_once: usize) -> Result<Self> {
        let input = &sdn_benches_common::input::REAL;
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

    /// Returns how many requests of each sender are measured.
    fn count_of_each(&self) -> usize {
        self.count.map_or(1, |count| count / self.at_once)
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

/// Counts from its start.
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

/// Returns the time of all threads of this process, including that in the kernel.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::try_from(time).expect("the time is not negative")
}
