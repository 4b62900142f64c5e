//! What can be asked of the graph, with what is meant where nothing is said.

use crate::engine::error::Error;
use crate::engine::query::read::Direction;
use crate::graph::{Limits, PageRank};

/// Which part of the graph is meant, and how much of it may be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Walk {
    /// Which way along edges: [`Direction::Out`] where nothing is said.
    pub direction: Direction,
    /// The labels of the edges; every label where there is none.
    pub labels: Vec<String>,
    /// The types of the nodes; every type where there is none. Like `filter`, this holds for nodes
    /// that are come to, not for those that are asked about.
    pub types: Vec<String>,
    /// An SQL condition on the columns of `nodes` (`id`, `type`, `data`, `updated`). A node that does not
    /// fulfil it is not entered, and nothing goes through it.
    pub filter: Option<String>,
    /// Most edges one after the other; no limit but the others where nothing is said.
    pub depth: u32,
    /// Most nodes entered and edges looked at; an answer says when one of them was reached.
    pub limits: Limits,
}

impl Default for Walk {
    fn default() -> Self {
        Self {
            direction: Direction::Out,
            labels: Vec::new(),
            types: Vec::new(),
            filter: None,
            depth: u32::MAX,
            limits: Limits::default(),
        }
    }
}

/// What an edge costs: a number in its data.
#[derive(Debug, Clone, PartialEq)]
pub struct Weight {
    /// The field with the number, which is finite and not negative.
    pub field: String,
    /// What an edge without the field costs; where nothing is said, such an edge is an error.
    pub default: Option<f64>,
}

impl Weight {
    /// The number in a field that each edge has.
    #[must_use]
    pub fn field(field: &str) -> Self {
        Self { field: field.into(), default: None }
    }

    /// The field as a path of SQLite's JSON functions.
    pub(super) fn json_path(&self) -> Result<String, Error> {
        if self.field.contains(['"', '\\']) {
            let message =
                "a field with a quotation mark or a backslash in its name cannot be a weight";
            return Err(bad("weight", message));
        }
        if self.default.is_some_and(|default| !(default >= 0.0 && default.is_finite())) {
            return Err(bad("weight", "the weight of edges without one is negative or no number"));
        }
        Ok(format!("$.\"{}\"", self.field))
    }
}

/// How nodes are ranked.
#[derive(Debug, Clone, PartialEq)]
pub struct RankOptions {
    /// Which nodes and edges; `direction` and `depth` do not matter.
    pub walk: Walk,
    /// The numbers of PageRank.
    pub rank: PageRank,
}

impl Default for RankOptions {
    fn default() -> Self {
        Self { walk: whole(), rank: PageRank::default() }
    }
}

impl RankOptions {
    pub(super) fn check(&self) -> Result<(), Error> {
        let PageRank { damping, tolerance, .. } = self.rank;
        if !(0.0..1.0).contains(&damping) {
            return Err(bad("damping", "give a number from 0 up to, not including, 1"));
        }
        if tolerance.is_nan() || tolerance < 0.0 {
            return Err(bad("tolerance", "give a number that is not negative"));
        }
        Ok(())
    }
}

impl Walk {
    /// The whole graph, with limits to match: 5,000,000 nodes and 50,000,000 edges.
    #[must_use]
    pub fn whole() -> Self {
        whole()
    }
}

fn whole() -> Walk {
    Walk { limits: Limits { nodes: 5_000_000, edges: 50_000_000 }, ..Walk::default() }
}

pub(super) fn bad(option: &str, message: &str) -> Error {
    Error::Option { option: option.into(), message: message.into() }
}
