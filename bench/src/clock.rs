//! The clock of the measurements: time on the wall, or only that on a processor.
//!
//! The second is for a machine that is busy with other work. It leaves out what waits for a disk.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

static ON_PROCESSOR: AtomicBool = AtomicBool::new(false);

/// From now on only time on a processor counts. Gives whether the system tells it, as Linux does.
pub(crate) fn count_processor_only() -> bool {
    ON_PROCESSOR.store(on_processor().is_some(), Ordering::Relaxed);
    counts_processor_only()
}

pub(crate) fn counts_processor_only() -> bool {
    ON_PROCESSOR.load(Ordering::Relaxed)
}

/// Seconds that `work` takes, and what it gives.
pub(crate) fn timed<R>(work: impl FnOnce() -> R) -> (f64, R) {
    if !counts_processor_only() {
        let begun = Instant::now();
        let result = work();
        return (begun.elapsed().as_secs_f64(), result);
    }
    let begun = on_processor().unwrap_or_default();
    let result = work();
    let ended = on_processor().unwrap_or_default();
    (ended.saturating_sub(begun).as_secs_f64(), result)
}

/// How long this thread, the only one of a benchmark, has run on a processor.
fn on_processor() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}
