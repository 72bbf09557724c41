//! A server in a process without free file descriptors.
#![cfg(unix)]

use std::fs::File;
use std::process::Command;
use std::time::{Duration, Instant};

use sdn_testkit::World;

/// Runs the test below in a separate process, which has few descriptors.
#[test]
fn stop_without_descriptors_returns() {
    let run = "ulimit -n 64 && exec \"$0\" --exact --ignored stops_without_descriptors";
    let output =
        Command::new("sh").args(["-c", run]).arg(std::env::current_exe().unwrap()).output();
    let output = output.unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && printed.contains("1 passed"), "{printed}");
}

#[test]
#[ignore = "takes all descriptors of its process; the test above runs it"]
fn stops_without_descriptors() {
    let server = World::new().serve().unwrap();
    // The server must already wait in `accept`, because it could not begin to wait without descriptors.
    std::thread::sleep(Duration::from_millis(200));
    let held: Vec<_> = (0..64).map_while(|_| File::open("/dev/null").ok()).collect();
    assert!(held.len() < 64, "there is no limit");
    let (done, is_done) = std::sync::mpsc::channel();
    let begun = Instant::now();
    std::thread::spawn(move || {
        drop(server);
        let _ = done.send(());
    });
    let ended = is_done.recv_timeout(Duration::from_secs(10));
    drop(held);
    assert!(ended.is_ok(), "still not stopped after {:?}", begun.elapsed());
}
