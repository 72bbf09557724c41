//! The state that the threads of one server share.

use std::collections::HashMap;
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::faults::Faults;
use super::tls::Tls;
use crate::world::World;

/// How often a waiting connection checks whether the server stopped.
const PAUSE_STEP: Duration = Duration::from_millis(50);

#[derive(Default)]
pub(super) struct Shared {
    pub(super) world: World,
    pub(super) tls: Option<Tls>,
    pub(super) faults: Faults,
    pub(super) stopped: AtomicBool,
    pub(super) accepted: AtomicUsize,
    pub(super) open: Mutex<HashMap<usize, Connection>>,
}

pub(super) struct Connection {
    pub(super) socket: TcpStream,
    pub(super) thread: Option<JoinHandle<()>>,
}

impl Shared {
    pub(super) fn open(&self) -> MutexGuard<'_, HashMap<usize, Connection>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::SeqCst)
    }

    /// Waits, but only while the server runs.
    pub(super) fn pause(&self, duration: Duration) {
        let end = Instant::now() + duration;
        while !self.is_stopped() {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            thread::sleep(left.min(PAUSE_STEP));
        }
    }
}
