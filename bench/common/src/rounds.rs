//! From times to figures: rounds, and the middle one of them.

use std::time::Instant;

/// How often and how much is measured.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Rounds of each measurement, after one that does not count.
    pub rounds: usize,
    /// Writes that wait for the disk, each round.
    pub writes: usize,
    /// Everything else, each round.
    pub calls: usize,
}

impl Plan {
    /// What a figure is measured with.
    pub const FULL: Self = Self { rounds: 15, writes: 60, calls: 2_000 };
    /// What shows that everything runs.
    pub const QUICK: Self = Self { rounds: 3, writes: 10, calls: 250 };
}

/// Seconds that `work` takes, and what it gives.
pub fn timed<R>(work: impl FnOnce() -> R) -> (f64, R) {
    let begun = Instant::now();
    let result = work();
    (begun.elapsed().as_secs_f64(), result)
}

/// The middle of some values; the mean of the two middle ones where there are two. 0 of none.
#[must_use]
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    let at = |index: usize| sorted.get(index).copied().unwrap_or_default();
    if sorted.len() % 2 == 1 {
        at(middle)
    } else {
        (at(middle.saturating_sub(1)) + at(middle)) / 2.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
        assert_eq!(median(&[]), 0.0);
    }
}
