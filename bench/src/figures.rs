//! The figures: what is promised of each measurement, and whether it was kept.

use crate::measure::Costs;
use serde::Serialize;

/// One line of the table.
#[derive(Debug)]
pub(crate) struct Figure {
    /// The measurement of [`crate::measure`].
    pub(crate) key: &'static str,
    pub(crate) title: &'static str,
    pub(crate) unit: Unit,
    pub(crate) goal: Goal,
}

/// How a cost is shown.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Unit {
    NodesPerSecond,
    Microseconds,
    Milliseconds,
    Bytes,
}

/// What is promised.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Goal {
    /// Shown, not promised.
    None,
    /// At least, in the unit.
    AtLeast(f64),
    /// At most, in the unit.
    AtMost(f64),
    /// At most this many times what SQLite alone costs.
    TimesSqlite(f64),
}

pub(crate) const OURS: &str = "PluresDB";
pub(crate) const FLOOR: &str = "SQLite";

/// All of them, in the order of the table.
pub(crate) const FIGURES: [Figure; 17] = [
    figure("load", "bulk load", Unit::NodesPerSecond, Goal::AtLeast(60_000.0)),
    figure("load_text", "bulk load, full-text on", Unit::NodesPerSecond, Goal::AtLeast(30_000.0)),
    figure("put", "durable put", Unit::Microseconds, Goal::TimesSqlite(2.0)),
    figure("put_text", "durable put, full-text on", Unit::Microseconds, Goal::TimesSqlite(2.0)),
    figure("put_memory", "put in memory", Unit::Microseconds, Goal::None),
    figure("get_bare", "get by id; bare select", Unit::Microseconds, Goal::TimesSqlite(1.5)),
    figure("get", "get by id; select and parse", Unit::Microseconds, Goal::TimesSqlite(1.5)),
    figure("get_json", "get as JSON text; bare select", Unit::Microseconds, Goal::TimesSqlite(1.5)),
    figure("get_sql", "get JSON text by SQL", Unit::Microseconds, Goal::None),
    figure("merge_edits", "merge of a remote edit", Unit::Microseconds, Goal::AtMost(15.0)),
    figure("merge_creates", "merge of a remote new node", Unit::Microseconds, Goal::AtMost(15.0)),
    figure("merge_singly", "merge in memory, singly", Unit::Microseconds, Goal::AtMost(30.0)),
    figure("merge_together", "merge in memory, together", Unit::Microseconds, Goal::AtMost(15.0)),
    figure("bytes", "file, bytes a node, loaded", Unit::Bytes, Goal::AtMost(1_500.0)),
    figure("bytes_single", "file, bytes a node, put singly", Unit::Bytes, Goal::AtMost(1_500.0)),
    figure("bytes_compacted", "file, bytes a node, compacted", Unit::Bytes, Goal::AtMost(1_000.0)),
    figure("open", "open to the first get", Unit::Milliseconds, Goal::AtMost(10.0)),
];

const fn figure(key: &'static str, title: &'static str, unit: Unit, goal: Goal) -> Figure {
    Figure { key, title, unit, goal }
}

/// A figure as measured.
#[derive(Debug, Serialize)]
pub(crate) struct Measured {
    pub(crate) key: &'static str,
    pub(crate) title: &'static str,
    pub(crate) unit: &'static str,
    pub(crate) goal: Option<String>,
    pub(crate) value: f64,
    /// Whether the goal was reached, where there is one.
    pub(crate) reached: Option<bool>,
    pub(crate) peers: Vec<Compared>,
}

/// What another database needed for the same.
#[derive(Debug, Serialize)]
pub(crate) struct Compared {
    pub(crate) name: String,
    pub(crate) value: f64,
    /// How many times its cost PluresDB's is: below 1, PluresDB is the faster or smaller.
    pub(crate) ratio: f64,
}

impl Figure {
    /// Nothing where it was not measured.
    pub(crate) fn of(&self, costs: &Costs, peers: &[&str]) -> Option<Measured> {
        let value = self.unit.show(costs.median(self.key, OURS)?);
        let compared = peers.iter().filter_map(|name| {
            let value = self.unit.show(costs.median(self.key, name)?);
            let ratio = costs.ratio(self.key, OURS, name)?;
            Some(Compared { name: (*name).into(), value, ratio })
        });
        Some(Measured {
            key: self.key,
            title: self.title,
            unit: self.unit.name(),
            goal: self.goal.words(self.unit),
            value,
            reached: self.goal.reached(value, costs.ratio(self.key, OURS, FLOOR)),
            peers: compared.collect(),
        })
    }
}

impl Unit {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::NodesPerSecond => "nodes/s",
            Self::Microseconds => "us",
            Self::Milliseconds => "ms",
            Self::Bytes => "bytes",
        }
    }

    fn show(self, cost: f64) -> f64 {
        match self {
            Self::NodesPerSecond => 1.0 / cost,
            Self::Microseconds => cost * 1e6,
            Self::Milliseconds => cost * 1e3,
            Self::Bytes => cost,
        }
    }
}

impl Goal {
    fn words(self, unit: Unit) -> Option<String> {
        match self {
            Self::None => None,
            Self::AtLeast(least) => Some(format!(">= {} {}", number(least), unit.name())),
            Self::AtMost(most) => Some(format!("<= {} {}", number(most), unit.name())),
            Self::TimesSqlite(times) => Some(format!("<= {times:.1}x SQLite")),
        }
    }

    fn reached(self, value: f64, floor: Option<f64>) -> Option<bool> {
        match self {
            Self::None => None,
            Self::AtLeast(least) => Some(value >= least),
            Self::AtMost(most) => Some(value <= most),
            Self::TimesSqlite(times) => floor.map(|ratio| ratio <= times),
        }
    }
}

/// A number as people read it: whole with thousands apart, or with two digits that count.
pub(crate) fn number(value: f64) -> String {
    if value < 9.95 {
        return format!("{value:.2}");
    }
    if value < 99.5 {
        return format!("{value:.1}");
    }
    let digits = format!("{value:.0}");
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn costs(ours: f64, floor: f64) -> Costs {
        let mut costs = Costs::default();
        costs.add("put", OURS, ours);
        costs.add("put", FLOOR, floor);
        costs
    }

    #[test]
    fn a_goal_against_sqlite_is_judged_by_the_ratio() {
        let put = figure("put", "put", Unit::Microseconds, Goal::TimesSqlite(2.0));
        let reached = |ours, floor| put.of(&costs(ours, floor), &[FLOOR]).map(|it| it.reached);
        assert_eq!(reached(1.9e-6, 1e-6), Some(Some(true)));
        assert_eq!(reached(2.1e-6, 1e-6), Some(Some(false)));
    }

    #[test]
    fn a_rate_is_the_inverse_of_its_cost_and_its_ratio_still_one_of_costs() {
        let load = figure("put", "load", Unit::NodesPerSecond, Goal::AtLeast(50_000.0));
        let measured = load.of(&costs(10e-6, 5e-6), &[FLOOR]);
        let Some(measured) = measured else { panic!("it was measured") };
        assert_eq!(measured.value.round(), 100_000.0);
        assert_eq!(measured.reached, Some(true));
        assert_eq!(measured.peers.first().map(|peer| peer.ratio), Some(2.0));
    }

    #[test]
    fn numbers_have_their_thousands_apart() {
        assert_eq!(number(1_234_567.0), "1,234,567");
        assert_eq!(number(999.7), "1,000");
        assert_eq!(number(12.34), "12.3");
        assert_eq!(number(0.456), "0.46");
    }
}
