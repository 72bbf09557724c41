//! The server of the benchmarks, as a process, and the count of a client's instructions at it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use sdn_benches_common::report::{Result, callgrind};

/// The running server, which ends when this is dropped.
pub struct Server {
    program: &'static str,
    process: Child,
    pub address: String,
}

impl Server {
    /// Starts the server, which responds once so many requests are in flight. `program` is the path
    /// of this package's program.
    pub fn start(program: &'static str, in_flight: usize) -> Result<Self> {
        let mut command = Command::new(program);
        command.args(["serve", &in_flight.to_string()]).stdout(Stdio::piped());
        let mut process = command.spawn()?;
        let mut address = String::new();
        if let Some(stdout) = process.stdout.take() {
            BufReader::new(stdout).read_line(&mut address)?;
        }
        Ok(Self { program, process, address: address.trim().to_owned() })
    }

    /// Returns the instructions of one of `count` requests.
    pub fn instructions(&self, client: &str, at_once: &str, count: u32) -> Result<u64> {
        let run = |count: u32| {
            callgrind(&[], self.program, &[client, &count.to_string(), at_once, &self.address])
        };
        // A program that sends nothing has costs, too.
        Ok(run(count)?.saturating_sub(run(0)?) / u64::from(count))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
