//! Ctrl-C. The current invitation is finished first, so that its outcome is known.

use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::exit::Exit;
use crate::output::report;
use crate::progress::Progress;

/// Whether Ctrl-C was pressed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Interrupt {
    is_asked: Arc<AtomicBool>,
    is_busy: Arc<AtomicBool>,
}

impl Interrupt {
    /// Starts to listen. A busy process finishes the current invitation. An idle one, or a second Ctrl-C, ends at once.
    pub(crate) fn listen(progress: Progress, farewell: &'static str) -> Self {
        let interrupt = Self::default();
        let listener = interrupt.clone();
        // Without a listener, Ctrl-C ends the process as usual.
        let _ = ctrlc::set_handler(move || listener.interrupted(&progress, farewell));
        interrupt
    }

    /// Returns whether to stop after the current invitation.
    pub(crate) fn is_asked(&self) -> bool {
        self.is_asked.load(Ordering::SeqCst)
    }

    pub(crate) fn set_busy(&self, is_busy: bool) {
        self.is_busy.store(is_busy, Ordering::SeqCst);
    }

    /// Handles Ctrl-C, on a separate thread, because the main one may be reading from a terminal.
    fn interrupted(&self, progress: &Progress, farewell: &str) {
        let is_again = self.is_asked.swap(true, Ordering::SeqCst);
        if is_again || !self.is_busy.load(Ordering::SeqCst) {
            progress.clear();
            report(farewell);
            process::exit(Exit::Interrupted as i32);
        }
        progress.aside(|| {
            report(
                "sdn: finishing the current invitation; press Ctrl-C again to stop at once and leave \
                 its outcome unknown",
            );
        });
    }
}
