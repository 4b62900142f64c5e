//! Time on the wall, one by one; or on processors, over many and all threads, where the machine is busy.

use std::time::{Duration, Instant};

#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    processor: bool,
}

impl Clock {
    pub(crate) fn new(processor: bool) -> Result<Self, &'static str> {
        if processor && on_processors().is_none() {
            return Err("this system does not tell the time on processors");
        }
        Ok(Self { processor })
    }

    /// Seconds that `work` takes, and what it gives.
    pub(crate) fn once<R>(self, work: impl FnOnce() -> R) -> (f64, R) {
        let begun = self.now();
        let result = work();
        (self.now().saturating_sub(begun).as_secs_f64(), result)
    }

    /// Seconds that one of many takes, at the median; on processors the mean.
    pub(crate) fn each<T, R>(self, all: &[T], mut work: impl FnMut(&T) -> R) -> (f64, Vec<R>) {
        if self.processor {
            let (seconds, results) = self.once(|| all.iter().map(work).collect());
            return (seconds / all.len().max(1) as f64, results);
        }
        let mut times = Vec::with_capacity(all.len());
        let results = all
            .iter()
            .map(|one| {
                let (seconds, result) = self.once(|| work(one));
                times.push(seconds);
                result
            })
            .collect();
        times.sort_unstable_by(f64::total_cmp);
        (times.get(times.len() / 2).copied().unwrap_or_default(), results)
    }

    fn now(self) -> Duration {
        if self.processor {
            return on_processors().unwrap_or_default();
        }
        static BEGUN: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
        BEGUN.get_or_init(Instant::now).elapsed()
    }
}

/// How long all threads of this program have run, ended ones too, in hundredths of a second, which is how
/// Linux counts it.
fn on_processors() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/self/stat").ok()?;
    // Behind the name, which may hold anything: user and system time are fields 14 and 15.
    let (_, fields) = text.rsplit_once(')')?;
    let ticks = fields.split_whitespace().skip(11).take(2);
    let ticks: u64 = ticks.map(str::parse::<u64>).sum::<Result<_, _>>().ok()?;
    Some(Duration::from_millis(ticks * 10))
}
