//! Progress on standard error, only where a person is looking.

use super::Output;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::time::Duration;

/// How far long work has come. Does nothing where nobody is looking.
#[derive(Debug)]
pub(crate) struct Progress(ProgressBar);

impl Progress {
    /// Of work that is done after `total` bytes, if that is known.
    pub(crate) fn bytes(output: &Output, total: Option<u64>) -> Self {
        let template = match total {
            Some(_) => {
                "{bar:30} {percent:>3}%  {bytes}/{total_bytes}  {binary_bytes_per_sec}  {msg}"
            }
            None => "{spinner} {bytes}  {binary_bytes_per_sec}  {msg}",
        };
        Self::new(output, total, template)
    }

    /// Of work that says in words where it is.
    pub(crate) fn words(output: &Output) -> Self {
        Self::new(output, None, "{spinner} {msg}")
    }

    fn new(output: &Output, total: Option<u64>, template: &str) -> Self {
        if !output.shows_progress() {
            return Self(ProgressBar::hidden());
        }
        let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("━━╌"));
        }
        bar.enable_steady_tick(Duration::from_millis(150));
        Self(bar)
    }

    pub(crate) fn at(&self, position: u64, message: String) {
        self.0.set_position(position);
        self.0.set_message(message);
    }

    pub(crate) fn say(&self, message: String) {
        self.0.set_message(message);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
