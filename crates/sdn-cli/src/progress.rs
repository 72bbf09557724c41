//! The progress of a list, and the end of a rate limit: the last line of a terminal, and elsewhere only a message.

use std::env;
use std::fmt;
use std::time::{Duration, Instant};

use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use crate::output::report;

/// The bar on standard error, if that is a terminal.
#[derive(Debug, Clone, Default)]
pub(crate) struct Progress {
    /// Present if a list is invited.
    bar: Option<ProgressBar>,
    is_quiet: bool,
}

impl Progress {
    /// Returns a progress that shows nothing.
    pub(crate) fn quiet() -> Self {
        Self { bar: None, is_quiet: true }
    }

    /// Returns a bar that begins at `done` of `total`, with an estimate of the time left.
    pub(crate) fn of_list(done: usize, total: usize) -> Self {
        let bar = drawn(Some(total as u64), "[{bar:30}] {pos}/{len}  {left}{msg}");
        bar.set_position(done as u64);
        // The time left is estimated from this run alone.
        bar.reset_eta();
        Self { bar: Some(bar), is_quiet: false }
    }

    pub(crate) fn advance(&self) {
        if let Some(bar) = &self.bar {
            bar.inc(1);
        }
    }

    /// Hides the bar while something short is written to the terminal.
    pub(crate) fn aside<T>(&self, write: impl FnOnce() -> T) -> T {
        match &self.bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    /// Hides the bar while a person is asked. Unlike in `aside`, others can clear it meanwhile.
    pub(crate) fn while_gone<T>(&self, ask: impl FnOnce() -> T) -> T {
        let Some(bar) = &self.bar else { return ask() };
        let position = bar.position();
        bar.finish_and_clear();
        let answer = ask();
        bar.reset();
        bar.set_position(position);
        bar.reset_eta();
        answer
    }

    pub(crate) fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    /// Waits, and shows how long.
    pub(crate) async fn count_down(&self, duration: Duration) {
        if self.is_quiet {
            return tokio::time::sleep(duration).await;
        }
        let line = self.bar.clone().unwrap_or_else(|| drawn(None, "{msg}"));
        if line.is_hidden() {
            report(format_args!(
                "sdn: the server limits the rate; waiting {} s",
                seconds(duration)
            ));
            return tokio::time::sleep(duration).await;
        }
        let end = Instant::now() + duration;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            let seconds = seconds(left);
            line.set_message(format!("the server limits the rate; continuing in {seconds} s"));
            tokio::time::sleep(left.min(Duration::from_secs(1))).await;
        }
        match &self.bar {
            Some(bar) => bar.set_message(""),
            None => line.finish_and_clear(),
        }
    }
}

fn seconds(duration: Duration) -> f32 {
    duration.as_secs_f32().ceil()
}

fn drawn(length: Option<u64>, template: &str) -> ProgressBar {
    let is_dumb = env::var_os("TERM").is_some_and(|term| term == "dumb");
    let target = if is_dumb { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
    let style = ProgressStyle::with_template(template);
    let style = style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> ");
    let style = style.with_key("left", write_time_left);
    ProgressBar::with_draw_target(length, target).with_style(style)
}

/// Writes an estimate of the time left, once there is one.
fn write_time_left(state: &ProgressState, out: &mut dyn fmt::Write) {
    let left = state.eta();
    if left >= Duration::from_secs(1) {
        // A failure only hides the estimate.
        let _ = write!(out, "about {:#} left  ", HumanDuration(left));
    }
}
