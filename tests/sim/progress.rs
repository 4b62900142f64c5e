//! How far a long run is, for whoever waits for it.

use std::time::Duration;

/// How long it says nothing.
const EVERY: Duration = Duration::from_secs(10);

/// The seeds of a run that are done.
#[derive(Debug)]
pub(crate) struct Progress {
    count: u64,
    done: u64,
    failed: u64,
    next_line: Duration,
}

impl Progress {
    pub(crate) const fn of(count: u64) -> Self {
        Self { count, done: 0, failed: 0, next_line: EVERY }
    }

    /// Counts a seed that is done so long after the first one began. Gives a line to show, when it
    /// is time for one.
    pub(crate) fn count(&mut self, failed: bool, elapsed: Duration) -> Option<String> {
        self.done += 1;
        self.failed += u64::from(failed);
        if elapsed < self.next_line || self.done == self.count {
            return None;
        }
        self.next_line = elapsed + EVERY;
        let Self { count, done, failed, .. } = self;
        let left = elapsed.as_secs_f64() / *done as f64 * (*count - *done) as f64;
        Some(format!("{done} of {count} seeds, {failed} failed, {} left", rounded(left)))
    }
}

fn rounded(seconds: f64) -> String {
    match seconds.ceil() as u64 {
        seconds @ ..100 => format!("{seconds} s"),
        seconds => format!("{} min", seconds.div_ceil(60)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_run_says_every_ten_seconds_how_far_it_is() {
        let mut progress = Progress::of(1_000);
        let mut lines = Vec::new();
        for seed in 1..=1_000 {
            let elapsed = Duration::from_millis(200 * seed);
            lines.extend(progress.count(seed == 60, elapsed));
        }
        assert_eq!(lines.len(), 19, "none at the end, which says all itself");
        assert_eq!(lines[0], "50 of 1000 seeds, 0 failed, 4 min left");
        assert_eq!(lines[1], "100 of 1000 seeds, 1 failed, 3 min left");
        assert_eq!(lines[18], "950 of 1000 seeds, 1 failed, 10 s left");
    }

    #[test]
    fn a_short_run_says_nothing() {
        let mut progress = Progress::of(100);
        let said =
            (1..=100).any(|seed| progress.count(false, Duration::from_millis(seed)).is_some());
        assert!(!said);
    }
}
