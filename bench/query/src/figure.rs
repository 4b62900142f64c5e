//! Figures, as the script that makes the table reads them. `bench/query/page` tells the same.

use crate::Outcome;
use serde::Serialize;
use std::time::{Duration, Instant};

/// The name of what is measured for itself; every other name is a peer's.
pub(crate) const OURS: &str = "PluresDB";

/// Tells the figures of a section.
pub(crate) struct Figures {
    section: &'static str,
}

/// What is promised of a figure.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Goal {
    /// The middle value is at most this.
    Middle(f64),
    /// Every value is at most this.
    Every(f64),
}

/// What was measured, sorted.
#[derive(Debug, Serialize)]
pub(crate) struct Spread {
    p50: f64,
    p95: f64,
    most: f64,
}

impl Spread {
    /// Of some values.
    pub(crate) fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let at = |part: f64| {
            let place = (values.len() as f64 * part) as usize;
            values.get(place.min(values.len().saturating_sub(1))).copied().unwrap_or_default()
        };
        Self { p50: at(0.5), p95: at(0.95), most: at(1.0) }
    }
}

/// What is told of one of those that were measured.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Told {
    /// Values.
    Spread(Spread),
    /// That it took longer than [`PATIENCE`].
    Cut {
        /// As it is told.
        cut: &'static str,
    },
}

impl Told {
    /// See [`Told::Cut`].
    pub(crate) const CUT: Self = Self::Cut { cut: "> 60 s" };
}

impl From<Vec<f64>> for Told {
    fn from(values: Vec<f64>) -> Self {
        Self::Spread(Spread::of(values))
    }
}

/// How long a peer is waited for.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Serialize)]
struct Line<'a> {
    section: &'a str,
    place: &'a str,
    figure: &'a str,
    unit: &'a str,
    goal: Option<Goal>,
    /// For each of those that were measured, by name.
    spreads: Vec<(&'a str, Told)>,
}

impl Figures {
    pub(crate) const fn new(section: &'static str) -> Self {
        Self { section }
    }

    /// Tells a figure: a list of values for each that was measured, and the unit of the values.
    pub(crate) fn tell(
        &self,
        figure: &str,
        unit: &str,
        goal: Option<Goal>,
        values: Vec<(&str, impl Into<Told>)>,
    ) -> Outcome<()> {
        let spreads = values.into_iter().map(|(name, values)| (name, values.into()));
        let line = Line {
            section: self.section,
            place: "native",
            figure,
            unit,
            goal,
            spreads: spreads.collect(),
        };
        println!("{}", serde_json::to_string(&line)?);
        Ok(())
    }
}

/// Milliseconds that some work takes, and what it gives.
pub(crate) fn ms<R>(work: impl FnOnce() -> Outcome<R>) -> Outcome<(f64, R)> {
    let begun = Instant::now();
    let result = work()?;
    Ok((begun.elapsed().as_secs_f64() * 1e3, result))
}

/// Runs the work for each thing, `rounds` times over all of them; gives the milliseconds of the best
/// round of each, which is what the work takes where nothing else runs.
pub(crate) fn best_of<T>(
    rounds: usize,
    things: &[T],
    mut work: impl FnMut(&T) -> Outcome<()>,
) -> Outcome<Vec<f64>> {
    let mut times = vec![f64::INFINITY; things.len()];
    for _ in 0..rounds {
        for (thing, best) in things.iter().zip(&mut times) {
            let (time, ()) = ms(|| work(thing))?;
            *best = best.min(time);
        }
    }
    Ok(times)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_is_of_sorted_values() {
        let Spread { p50, p95, most } = Spread::of((1..=100).rev().map(f64::from).collect());
        assert_eq!((p50, p95, most), (51.0, 96.0, 100.0));
    }
}
