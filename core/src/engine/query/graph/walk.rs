//! What is next to a node, what can be reached from it, and how another one is.

use super::answers::{Neighbour, Neighbours, ReachedNode, Route, RouteFound, Traversed};
use super::hops::Hops;
use super::options::{Walk, Weight};
use crate::engine::database::Database;
use crate::engine::error::Error;
use crate::engine::query::read::Direction;
use crate::engine::query::reader::Reader;
use crate::graph::{self, Bound, Hop, Source, Traversal, Way};

/// A traversal as the graph tells it.
pub(super) struct Reach<'a> {
    /// Knows the labels of hops.
    pub(super) source: Hops<'a>,
    pub(super) found: Traversal,
    pub(super) ids: Vec<String>,
}

impl Database {
    /// The nodes next to a node: one for each edge, so a node may come several times.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is no such node, [`Error::Sql`] for a filter that SQLite does not
    /// take.
    pub fn neighbours(&self, id: &str, walk: &Walk) -> Result<Neighbours, Error> {
        self.reader().neighbours(id, walk)
    }

    /// The nodes that can be reached from a node, breadth first: each once, at its least depth.
    ///
    /// ```
    /// use pluresdb::{Database, Map, Walk};
    ///
    /// let mut db = Database::memory()?;
    /// for id in ["a", "b", "c"] {
    ///     db.put(id, "Stop", Map::new())?;
    /// }
    /// db.link("a", "next", "b", Map::new())?;
    /// db.link("b", "next", "c", Map::new())?;
    /// db.link("c", "next", "a", Map::new())?;
    ///
    /// let found = db.traverse("a", &Walk::default())?;
    /// assert_eq!(found.nodes.len(), 3);
    /// assert_eq!(found.path(2), ["a", "b", "c"]);
    /// assert!(found.stopped.is_none());
    /// # Ok::<(), pluresdb::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is no such node, [`Error::Sql`] for a filter that SQLite does not
    /// take.
    pub fn traverse(&self, start: &str, walk: &Walk) -> Result<Traversed, Error> {
        let Reach { source, found, ids } = self.reader().reach(start, walk)?;
        let edge = |(place, hop): (usize, Hop), id: &str| {
            Some((place, source.edge(&hop, ids.get(place)?, id)))
        };
        let from: Vec<_> = found
            .reached
            .iter()
            .zip(&ids)
            .map(|(reached, id)| reached.from.and_then(|from| edge(from, id)))
            .collect();
        let nodes = found.reached.iter().zip(ids).zip(from);
        let nodes = nodes.map(|((reached, id), from)| {
            let depth = reached.depth;
            ReachedNode { id, depth, from }
        });
        Ok(Traversed { nodes: nodes.collect(), stopped: found.stopped })
    }

    /// A shortest way from one node to another: with the fewest edges, or with the least sum of weights.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is no such node, [`Error::Weight`] for an edge on the way of the
    /// search without a usable weight, [`Error::Option`] for a depth together with weights,
    /// [`Error::Sql`] for a filter that SQLite does not take.
    pub fn shortest_path(
        &self,
        start: &str,
        end: &str,
        walk: &Walk,
        weight: Option<&Weight>,
    ) -> Result<RouteFound, Error> {
        self.reader().shortest_path(start, end, walk, weight)
    }
}

impl<'a> Reader<'a> {
    /// See [`Database::neighbours`].
    pub(super) fn neighbours(&self, id: &str, walk: &Walk) -> Result<Neighbours, Error> {
        let _snapshot = self.snapshot()?;
        let mut source = Hops::new(*self, walk, None)?;
        let mut hops = Vec::new();
        source.hops(source.number(id)?, Way::Forward, &mut hops)?;
        let mut neighbours = Vec::new();
        for (count, hop) in hops.iter().enumerate() {
            let stopped = if count == walk.limits.edges {
                Some(Bound::Edges)
            } else if !source.admits(hop.node)? {
                continue;
            } else if neighbours.len() == walk.limits.nodes {
                Some(Bound::Nodes)
            } else {
                None
            };
            if stopped.is_some() {
                return Ok(Neighbours { neighbours, stopped });
            }
            let (label, key) = source.label_and_key(hop);
            let direction = if hop.leaves { Direction::Out } else { Direction::In };
            neighbours.push(Neighbour { id: source.id(hop.node)?, label, key, direction });
        }
        Ok(Neighbours { neighbours, stopped: None })
    }

    /// What can be reached, with the ids of the nodes in the order in which they were.
    pub(super) fn reach(&self, start: &str, walk: &Walk) -> Result<Reach<'a>, Error> {
        let _snapshot = self.snapshot()?;
        let mut source = Hops::new(*self, walk, None)?;
        let start = source.number(start)?;
        let found = graph::traverse(&mut source, &[start], walk.depth, walk.limits)?;
        let ids = source.ids(found.reached.iter().map(|reached| reached.node))?;
        Ok(Reach { source, found, ids })
    }

    /// See [`Database::shortest_path`].
    pub(super) fn shortest_path(
        &self,
        start: &str,
        end: &str,
        walk: &Walk,
        weight: Option<&Weight>,
    ) -> Result<RouteFound, Error> {
        let _snapshot = self.snapshot()?;
        let mut source = Hops::new(*self, walk, weight)?;
        let (start, end) = (source.number(start)?, source.number(end)?);
        let found = match weight {
            None => graph::shortest(&mut source, start, end, walk.depth, walk.limits)?,
            Some(_) if walk.depth != u32::MAX => {
                let message = "a cheapest way may take any number of edges: leave the depth out";
                return Err(super::options::bad("depth", message));
            }
            Some(_) => graph::shortest_weighted(&mut source, start, end, walk.limits)?,
        };
        let route = found.route.map(|route| named(&mut source, &route)).transpose()?;
        Ok(RouteFound { route, stopped: found.stopped })
    }
}

fn named(source: &mut Hops<'_>, route: &graph::Route) -> Result<Route, Error> {
    let mut nodes = vec![source.id(route.start)?];
    let (mut edges, mut weights) = (Vec::new(), Vec::new());
    for hop in &route.hops {
        let to = source.id(hop.node)?;
        edges.push(source.edge(hop, nodes.last().map_or("", String::as_str), &to));
        weights.push(hop.weight);
        nodes.push(to);
    }
    Ok(Route { nodes, edges, weights, cost: route.cost })
}
