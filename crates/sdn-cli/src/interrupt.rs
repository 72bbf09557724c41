//! Ctrl-C: what is under way is finished first, so that its outcome is known.

use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crate::exit::Exit;
use crate::output::tell;
use crate::progress::Progress;

/// Whether somebody has asked to stop.
#[derive(Debug, Clone, Default)]
pub(crate) struct Interrupt {
    is_asked: Arc<AtomicBool>,
    is_busy: Arc<AtomicBool>,
}

impl Interrupt {
    /// Listens on a thread of its own, for the main one may be reading from a terminal. Busy, it finishes what is under way;
    /// idle, or asked again, the process ends at once.
    pub(crate) fn listen(progress: Progress, farewell: &'static str) -> Self {
        let interrupt = Self::default();
        let listener = interrupt.clone();
        thread::spawn(move || listener.wait(&progress, farewell));
        interrupt
    }

    /// Whether to do no more than what is under way.
    pub(crate) fn is_asked(&self) -> bool {
        self.is_asked.load(Ordering::SeqCst)
    }

    pub(crate) fn set_busy(&self, is_busy: bool) {
        self.is_busy.store(is_busy, Ordering::SeqCst);
    }

    fn wait(&self, progress: &Progress, farewell: &str) {
        // Without a listener Ctrl-C ends the process as it always does.
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
            return;
        };
        while runtime.block_on(tokio::signal::ctrl_c()).is_ok() {
            let is_again = self.is_asked.swap(true, Ordering::SeqCst);
            if is_again || !self.is_busy.load(Ordering::SeqCst) {
                progress.clear();
                tell(farewell);
                process::exit(Exit::Interrupted as i32);
            }
            progress.aside(|| {
                tell(
                    "sdn: finishing the invitation under way; Ctrl-C once more to stop at once, \
                     and not to know what became of it",
                );
            });
        }
    }
}
