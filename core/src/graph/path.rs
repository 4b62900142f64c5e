//! The shortest way from one node to another: by hops from both ends at once, or by weight.

use super::source::{Bound, Hop, Limits, Meter, Source, Way};
use alloc::collections::BinaryHeap;
use alloc::vec::Vec;
use core::cmp::Ordering;
use hashbrown::HashMap;

/// A way through the graph.
#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    /// Where it starts.
    pub start: i64,
    /// Each step, as seen from the node before.
    pub hops: Vec<Hop>,
    /// The sum of the weights.
    pub cost: f64,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// A shortest way; `None` where there is none, or none was found within the limits.
    pub route: Option<Route>,
    /// The limit that kept the search from its end.
    pub stopped: Option<Bound>,
}

/// Where a node was come to from.
#[derive(Debug, Clone, Copy)]
struct Come {
    from: i64,
    /// As seen from `from`.
    hop: Hop,
}

/// One end of the search.
struct Side {
    way: Way,
    /// How each node was come to; `None` for the end itself.
    come: HashMap<i64, Option<Come>>,
    frontier: Vec<i64>,
    depth: u32,
}

impl Side {
    fn new(end: i64, way: Way) -> Self {
        let mut come = HashMap::new();
        come.insert(end, None);
        Self { way, come, frontier: [end].into(), depth: 0 }
    }

    /// The steps from a node to the end, as seen from the node on the end's side.
    fn steps(&self, mut node: i64) -> Vec<Come> {
        let mut steps = Vec::new();
        while let Some(Some(come)) = self.come.get(&node) {
            steps.push(*come);
            node = come.from;
        }
        steps
    }
}

/// The way with the fewest hops, at most `depth`, by a breadth-first search from both ends that goes
/// on at the smaller frontier (Pohl, "Bi-directional Search", 1971). It goes level by level,
/// so the first node that both have come to is on a shortest way.
///
/// # Errors
/// Those of the source.
pub fn shortest<S: Source>(
    source: &mut S,
    start: i64,
    end: i64,
    depth: u32,
    limits: Limits,
) -> Result<Found, S::Error> {
    if start == end {
        let route = Route { start, hops: Vec::new(), cost: 0.0 };
        return Ok(Found { route: Some(route), stopped: None });
    }
    let mut meter = Meter::new(limits, 2);
    let (mut ahead, mut behind) = (Side::new(start, Way::Forward), Side::new(end, Way::Back));
    let mut hops = Vec::new();
    while ahead.depth + behind.depth < depth
        && !ahead.frontier.is_empty()
        && !behind.frontier.is_empty()
    {
        let (side, other) = if ahead.frontier.len() <= behind.frontier.len() {
            (&mut ahead, &behind)
        } else {
            (&mut behind, &ahead)
        };
        let frontier = core::mem::take(&mut side.frontier);
        for from in frontier {
            hops.clear();
            source.hops(from, side.way, &mut hops)?;
            for hop in hops.iter().copied() {
                if let Err(bound) = meter.edge() {
                    return Ok(Found { route: None, stopped: Some(bound) });
                }
                if side.come.contains_key(&hop.node) {
                    continue;
                }
                if other.come.contains_key(&hop.node) {
                    side.come.insert(hop.node, Some(Come { from, hop }));
                    return Ok(Found {
                        route: Some(join(&ahead, &behind, start, hop.node)),
                        stopped: None,
                    });
                }
                if !source.admits(hop.node)? {
                    continue;
                }
                if let Err(bound) = meter.node() {
                    return Ok(Found { route: None, stopped: Some(bound) });
                }
                side.come.insert(hop.node, Some(Come { from, hop }));
                side.frontier.push(hop.node);
            }
        }
        side.depth += 1;
    }
    Ok(Found { route: None, stopped: None })
}

fn join(ahead: &Side, behind: &Side, start: i64, meeting: i64) -> Route {
    let mut hops: Vec<Hop> = ahead.steps(meeting).iter().map(|come| come.hop).collect();
    hops.reverse();
    hops.extend(behind.steps(meeting).iter().map(|come| come.hop.turned(come.from)));
    let cost = hops.iter().map(|hop| hop.weight).sum();
    Route { start, hops, cost }
}

/// A node that waits to be gone on from.
struct Waiting {
    cost: f64,
    hops: u32,
    node: i64,
}

impl Ord for Waiting {
    /// The cheapest is the greatest; then the one with the fewest hops.
    fn cmp(&self, other: &Self) -> Ordering {
        let cost = other.cost.total_cmp(&self.cost);
        cost.then(other.hops.cmp(&self.hops)).then(other.node.cmp(&self.node))
    }
}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Waiting {}

/// The best way known to a node.
struct Best {
    cost: f64,
    hops: u32,
    come: Option<Come>,
    settled: bool,
}

/// The way with the least sum of weights (Dijkstra, "A note on two problems in connexion with
/// graphs", 1959).
///
/// # Errors
/// Those of the source.
pub fn shortest_weighted<S: Source>(
    source: &mut S,
    start: i64,
    end: i64,
    limits: Limits,
) -> Result<Found, S::Error> {
    let mut meter = Meter::new(limits, 2);
    let mut best: HashMap<i64, Option<Best>> = HashMap::new();
    best.insert(start, Some(Best { cost: 0.0, hops: 0, come: None, settled: false }));
    let mut queue = BinaryHeap::from([Waiting { cost: 0.0, hops: 0, node: start }]);
    let mut hops = Vec::new();
    while let Some(Waiting { cost, hops: count, node }) = queue.pop() {
        match best.get_mut(&node) {
            Some(Some(known)) if !known.settled => known.settled = true,
            _ => continue,
        }
        if node == end {
            return Ok(Found { route: Some(route_to(&best, start, end)), stopped: None });
        }
        hops.clear();
        source.hops(node, Way::Forward, &mut hops)?;
        for hop in hops.iter().copied() {
            if let Err(bound) = meter.edge() {
                return Ok(Found { route: None, stopped: Some(bound) });
            }
            let reached = Best {
                cost: cost + hop.weight,
                hops: count + 1,
                come: Some(Come { from: node, hop }),
                settled: false,
            };
            match best.get_mut(&hop.node) {
                Some(Some(known)) => {
                    let nearer = (reached.cost, reached.hops) < (known.cost, known.hops);
                    if known.settled || !nearer {
                        continue;
                    }
                    *known = reached;
                }
                // Looked at before, and not admitted.
                Some(None) => continue,
                None => {
                    if hop.node != end {
                        if !source.admits(hop.node)? {
                            best.insert(hop.node, None);
                            continue;
                        }
                        if let Err(bound) = meter.node() {
                            return Ok(Found { route: None, stopped: Some(bound) });
                        }
                    }
                    best.insert(hop.node, Some(reached));
                }
            }
            queue.push(Waiting { cost: cost + hop.weight, hops: count + 1, node: hop.node });
        }
    }
    Ok(Found { route: None, stopped: None })
}

fn route_to(best: &HashMap<i64, Option<Best>>, start: i64, end: i64) -> Route {
    let mut hops = Vec::new();
    let mut node = end;
    while let Some(Some(Best { come: Some(come), .. })) = best.get(&node) {
        hops.push(come.hop);
        node = come.from;
    }
    hops.reverse();
    let cost = hops.iter().map(|hop| hop.weight).sum();
    Route { start, hops, cost }
}
