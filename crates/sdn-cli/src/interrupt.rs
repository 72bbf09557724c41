//! Ctrl-C: what is under way is finished first, so that its outcome is known.

use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

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
    /// Listens from now on. Busy, the process finishes what is under way; idle, or asked again, it ends at once.
    pub(crate) fn listen(progress: Progress, farewell: &'static str) -> Self {
        let interrupt = Self::default();
        let listener = interrupt.clone();
        // Without a listener the process ends as it always does.
        let _ = ctrlc::set_handler(move || listener.interrupted(&progress, farewell));
        interrupt
    }

    /// Whether to do no more than what is under way.
    pub(crate) fn is_asked(&self) -> bool {
        self.is_asked.load(Ordering::SeqCst)
    }

    pub(crate) fn set_busy(&self, is_busy: bool) {
        self.is_busy.store(is_busy, Ordering::SeqCst);
    }

    /// It runs on a thread of its own, for the main one may be reading from a terminal.
    fn interrupted(&self, progress: &Progress, farewell: &str) {
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
