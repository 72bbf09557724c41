//! Signals to processes, by their ID.

use std::fs;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// The time that a process may need to act on a signal.
const PATIENCE: Duration = Duration::from_secs(10);
const TICK: Duration = Duration::from_millis(5);

/// Sends a signal to processes, and returns whether all of them existed.
pub(crate) fn kill(signal: &str, ids: &[u32]) -> bool {
    let mut command = Command::new("kill");
    command.arg(format!("-{signal}")).args(ids.iter().map(u32::to_string)).stderr(Stdio::null());
    ids.is_empty() || command.status().unwrap().success()
}

/// Stops processes, and waits until each of their threads has stopped.
pub(crate) fn stop(ids: &[u32]) {
    kill("STOP", ids);
    let is_still = |id: &u32| {
        let threads = fs::read_dir(format!("/proc/{id}/task")).into_iter().flatten();
        let mut stats =
            threads.filter_map(|thread| fs::read_to_string(thread.ok()?.path().join("stat")).ok());
        // Stopped, or ended: the state follows the name, which is in brackets.
        stats.all(|stat| stat.contains(") T ") || stat.contains(") Z ") || stat.contains(") X "))
    };
    // A failed case ends its processes anyway.
    let is_over = || ids.iter().all(is_still) || thread::panicking();
    await_that(is_over, || "a proxy never stops".into());
}

/// Returns the processes that a process has started; all of them if it is stopped.
pub(crate) fn children(id: u32) -> Vec<u32> {
    let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children"));
    children.unwrap_or_default().split_whitespace().map(|id| id.parse().unwrap()).collect()
}

/// Waits for something that happens soon.
pub(crate) fn await_that(mut is_so: impl FnMut() -> bool, problem: impl FnOnce() -> String) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so() {
        if Instant::now() > deadline {
            panic!("{}", problem());
        }
        thread::sleep(TICK);
    }
}
