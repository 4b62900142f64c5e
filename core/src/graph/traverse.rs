//! Breadth first from some nodes on: each node once, with its least depth and one path of that length.

use super::source::{Bound, Hop, Limits, Meter, Source, Way};
use alloc::vec::Vec;
use hashbrown::HashSet;

/// A node that was reached.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reached {
    /// The node.
    pub node: i64,
    /// The least number of hops from a start.
    pub depth: u32,
    /// The place in the list of the node that it was reached from, and the last hop; `None` for a
    /// start.
    pub from: Option<(usize, Hop)>,
}

/// The nodes reached, by depth, the starts first.
#[derive(Debug, Clone, PartialEq)]
pub struct Traversal {
    /// In the order in which they were reached.
    pub reached: Vec<Reached>,
    /// The limit that kept it from going on.
    pub stopped: Option<Bound>,
}

impl Traversal {
    /// The way from a start to a node of the list, as places in the list; both ends included.
    #[must_use]
    pub fn path(&self, place: usize) -> Vec<usize> {
        let mut path = Vec::new();
        let mut next = Some(place);
        while let Some((place, reached)) =
            next.and_then(|place| Some((place, self.reached.get(place)?)))
        {
            path.push(place);
            next = reached.from.map(|(place, _)| place);
        }
        path.reverse();
        path
    }
}

/// Goes from the starts along all hops, at most `depth` of them.
///
/// # Errors
/// Those of the source.
pub fn traverse<S: Source>(
    source: &mut S,
    starts: &[i64],
    depth: u32,
    limits: Limits,
) -> Result<Traversal, S::Error> {
    let mut meter = Meter::new(limits, 0);
    let mut seen = HashSet::new();
    let mut reached = Vec::new();
    for node in starts.iter().copied().filter(|node| seen.insert(*node)) {
        if let Err(bound) = meter.node() {
            return Ok(Traversal { reached, stopped: Some(bound) });
        }
        reached.push(Reached { node, depth: 0, from: None });
    }
    let mut hops = Vec::new();
    let mut place = 0;
    while let Some(from) = reached.get(place).copied().filter(|from| from.depth < depth) {
        hops.clear();
        source.hops(from.node, Way::Forward, &mut hops)?;
        for hop in hops.iter().copied() {
            if let Err(bound) = meter.edge() {
                return Ok(Traversal { reached, stopped: Some(bound) });
            }
            if !seen.insert(hop.node) || !source.admits(hop.node)? {
                continue;
            }
            if let Err(bound) = meter.node() {
                return Ok(Traversal { reached, stopped: Some(bound) });
            }
            let (depth, from) = (from.depth + 1, Some((place, hop)));
            reached.push(Reached { node: hop.node, depth, from });
        }
        place += 1;
    }
    Ok(Traversal { reached, stopped: None })
}
