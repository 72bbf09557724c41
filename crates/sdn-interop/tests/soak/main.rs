//! Many invitations at once to a world that breaks exchanges at random: each is accounted for at
//! the end.
//!
//! Every invitation has a different invitee, and its sender keeps one [`Record`] of it. Compared
//! with the world:
//!
//! - `Invited`: it is in its room, once.
//! - `Refused`, a response whose `Delivery` is `Answered`: it is not in its room. As at real nodes,
//!   the mail of an invitation that the room refuses may have been sent.
//! - `Page`, a response whose `Delivery` is `Unknown`: it may be a proxy's, and the node may have
//!   invited before. It is in its room once or not at all.
//! - `NotSent`: the node never saw the request.
//! - `Unknown`, no response: the room shows whether it arrived; it is there once or not at all.
//!
//! Nothing reaches the node twice. Memory, connections, descriptors and time stay within bounds.
//!
//! The same seed breaks the n-th request of a server, and makes the n-th invitation, in the same
//! way. The scheduler decides which request is the n-th, so the figures of two runs are similar,
//! not equal.
//!
//! `cargo test --release -p sdn-interop --test soak -- --ignored --nocapture` sends 100,000
//! invitations over each transport. `SDN_SOAK_SEED` sets another seed.

mod book;
mod process;
mod senders;
mod stage;

use std::env;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use book::Book;
use senders::Transport;
use stage::Stage;

const SEED: u64 = 20_261_123;
/// The share of broken exchanges.
const SHARE: f64 = 0.3;

/// Peak memory of the process. The world needs most of it, because it keeps every invitation.
const MAX_BYTES: usize = 64 << 20;
const MAX_BYTES_PER_INVITATION: usize = 3 << 10;

/// The maximum time of one exchange: its timeout, and some time for a busy machine.
const LONGEST_EXCHANGE: Duration = Duration::from_secs(5);

/// Lets each test use the process's memory and descriptors alone.
static ALONE: Mutex<()> = Mutex::new(());

#[test]
fn hyper_accounts_for_every_invitation() {
    within(Duration::from_secs(120), || run(Transport::Hyper, 5_000));
}

#[test]
fn blocking_accounts_for_every_invitation() {
    within(Duration::from_secs(120), || run(Transport::Blocking, 5_000));
}

#[test]
#[ignore = "takes minutes: cargo test --release -p sdn-interop --test soak -- --ignored --nocapture"]
fn hyper_accounts_for_100_000_invitations() {
    within(Duration::from_secs(1200), || run(Transport::Hyper, 100_000));
}

#[test]
#[ignore = "takes minutes: cargo test --release -p sdn-interop --test soak -- --ignored --nocapture"]
fn blocking_accounts_for_100_000_invitations() {
    within(Duration::from_secs(1200), || run(Transport::Blocking, 100_000));
}

/// Does the work, and fails if it does not end in time.
fn within(limit: Duration, work: impl FnOnce() + Send + 'static) {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let (done, is_done) = mpsc::channel();
    let worker = thread::spawn(move || {
        work();
        let _ = done.send(());
    });
    if is_done.recv_timeout(limit) == Err(mpsc::RecvTimeoutError::Timeout) {
        panic!("it still runs after {limit:?}");
    }
    if let Err(panic) = worker.join() {
        std::panic::resume_unwind(panic);
    }
}

fn run(transport: Transport, size: usize) {
    let seed = env::var("SDN_SOAK_SEED").map_or(SEED, |seed| seed.parse().unwrap());
    // tokio's first runtime may open sockets that the process keeps, to wait for signals.
    drop(tokio::runtime::Builder::new_current_thread().enable_all().build());
    let descriptors = process::descriptors();
    process::forget_peak_memory();
    let begun = Instant::now();

    let stage = Arc::new(Stage::set(seed, SHARE, size));
    let clerk = thread::spawn({
        let stage = Arc::clone(&stage);
        move || stage.count_requests()
    });
    let entries = transport.send_all(&stage);
    let looks = transport.look_into_rooms(&stage);
    stage.close();
    let seen = clerk.join().unwrap();
    let peak = process::peak_memory();

    let book = Book::new(size, entries, &seen);
    let (senders, taken) = (transport.senders(), begun.elapsed());
    println!("{transport}: seed {seed}, {size} invitations by {senders} senders in {taken:.1?}");
    println!("  {}", stage.figures());
    book.check(&stage, &looks);
    // In use, kept for later, and closed by the client but not yet by the server.
    assert!(stage.most_open() <= 3 * senders, "connections pile up");

    let bound = MAX_BYTES + size * MAX_BYTES_PER_INVITATION;
    if let Some(peak) = peak {
        println!("  peak memory {} MiB, bound {} MiB", peak >> 20, bound >> 20);
        assert!(peak <= bound, "the peak of {peak} bytes is over {bound}");
    }
    drop(stage);
    if let Some(before) = descriptors {
        // By name, because an earlier test may still be closing its descriptors.
        stage::wait_until("no more descriptors than before", Vec::new(), || {
            let mut open = process::descriptors().unwrap_or_default();
            open.retain(|name| !before.contains(name));
            open
        });
    }
}
