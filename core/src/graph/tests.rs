//! Against answers worked out in the simplest way, on random graphs with loops, cycles and parallel
//! edges.

use super::*;
use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;
use core::convert::Infallible;
use proptest::prelude::*;

/// A small graph as a list of edges, each with a weight.
#[derive(Debug, Clone)]
struct Listed {
    nodes: i64,
    edges: Vec<(i64, i64, u32)>,
    /// Whether edges are gone along against their direction, too.
    both: bool,
    closed: Option<i64>,
}

impl Source for Listed {
    type Error = Infallible;

    fn hops(&mut self, node: i64, way: Way, hops: &mut Vec<Hop>) -> Result<(), Infallible> {
        for (key, (source, target, weight)) in (0..).zip(&self.edges) {
            let hop = |node, leaves| Hop {
                node,
                label: key % 2,
                key,
                leaves,
                weight: f64::from(*weight),
            };
            if *source == node && (self.both || way == Way::Forward) {
                hops.push(hop(*target, true));
            }
            if *target == node && (self.both || way == Way::Back) {
                hops.push(hop(*source, false));
            }
        }
        Ok(())
    }

    fn admits(&mut self, node: i64) -> Result<bool, Infallible> {
        Ok(self.closed != Some(node))
    }
}

impl Listed {
    /// The least cost from a node to each, by relaxing every edge until nothing changes.
    fn costs(&self, start: i64, weight: impl Fn(u32) -> f64) -> BTreeMap<i64, f64> {
        let mut costs = BTreeMap::from([(start, 0.0)]);
        loop {
            let before = costs.clone();
            for (source, target, cost) in &self.edges {
                let ways = [(source, target), (target, source)];
                for (from, to) in ways.into_iter().take(if self.both { 2 } else { 1 }) {
                    if self.closed == Some(*from) && *from != start || self.closed == Some(*to) {
                        continue;
                    }
                    if let Some(known) = costs.get(from).copied() {
                        let new = known + weight(*cost);
                        let old = costs.entry(*to).or_insert(new);
                        *old = old.min(new);
                    }
                }
            }
            if before == costs {
                return costs;
            }
        }
    }

    /// Panics where the steps of a route are not edges of the graph.
    fn check(&self, route: &Route, end: i64) {
        let mut at = route.start;
        for hop in &route.hops {
            let (source, target, weight) = self.edges[hop.key as usize];
            let ends = if hop.leaves { (source, target) } else { (target, source) };
            assert_eq!((at, hop.node), ends, "{route:?}");
            assert!(hop.leaves || self.both);
            assert_eq!(hop.weight, f64::from(weight));
            at = hop.node;
        }
        assert_eq!(at, end);
    }

    fn csr(&self) -> Csr {
        let edges: Vec<_> =
            self.edges.iter().map(|(source, target, _)| (*source as u32, *target as u32)).collect();
        Csr::new(self.nodes as u32, &edges)
    }
}

fn graphs() -> impl Strategy<Value = Listed> {
    (1_i64..12).prop_flat_map(|nodes| {
        let edges = proptest::collection::vec((0..nodes, 0..nodes, 0_u32..5), 0..30);
        (edges, any::<bool>(), proptest::option::of(0..nodes))
            .prop_map(move |(edges, both, closed)| Listed { nodes, edges, both, closed })
    })
}

const ALL: Limits = Limits { nodes: usize::MAX, edges: usize::MAX };

proptest! {
    #[test]
    fn a_traversal_reaches_each_node_at_its_least_depth(mut graph in graphs(), depth in 0_u32..6) {
        let wanted: BTreeMap<i64, u32> = graph
            .costs(0, |_| 1.0)
            .into_iter()
            .map(|(node, cost)| (node, cost as u32))
            .filter(|(_, least)| *least <= depth)
            .collect();
        let found = traverse(&mut graph, &[0], depth, ALL).unwrap();
        prop_assert_eq!(found.stopped, None);
        let depths: BTreeMap<i64, u32> =
            found.reached.iter().map(|reached| (reached.node, reached.depth)).collect();
        prop_assert_eq!(depths.len(), found.reached.len(), "a node came twice");
        prop_assert_eq!(&depths, &wanted);
        prop_assert!(found.reached.is_sorted_by_key(|reached| reached.depth));
        for (place, reached) in found.reached.iter().enumerate() {
            let path = found.path(place);
            prop_assert_eq!(path.len() as u32, reached.depth + 1);
            let hops = path.iter().filter_map(|place| found.reached[*place].from);
            let hops = hops.map(|(_, hop)| hop).collect();
            graph.check(&Route { start: 0, hops, cost: 0.0 }, reached.node);
        }
    }

    #[test]
    fn the_shortest_way_has_the_fewest_hops(mut graph in graphs(), end in 0_i64..12, depth in 0_u32..8) {
        graph.closed = graph.closed.filter(|closed| *closed != end && *closed != 0);
        let least = graph.costs(0, |_| 1.0).get(&end).map(|cost| *cost as u32);
        let found = shortest(&mut graph, 0, end, depth, ALL).unwrap();
        prop_assert_eq!(found.stopped, None);
        if let Some(route) = &found.route {
            graph.check(route, end);
        }
        let hops = found.route.map(|route| route.hops.len() as u32);
        prop_assert_eq!(hops, least.filter(|least| *least <= depth));
    }

    #[test]
    fn the_cheapest_way_has_the_least_sum(mut graph in graphs(), end in 0_i64..12) {
        graph.closed = graph.closed.filter(|closed| *closed != end && *closed != 0);
        let least = graph.costs(0, f64::from).get(&end).copied();
        let found = shortest_weighted(&mut graph, 0, end, ALL).unwrap();
        if let Some(route) = &found.route {
            graph.check(route, end);
        }
        prop_assert_eq!(found.route.map(|route| route.cost), least);
    }

    #[test]
    fn a_limit_is_kept_and_told(mut graph in graphs(), nodes in 1_usize..5, edges in 0_usize..9) {
        let whole = traverse(&mut graph, &[0], u32::MAX, ALL).unwrap();
        let cut = traverse(&mut graph, &[0], u32::MAX, Limits { nodes, edges }).unwrap();
        prop_assert!(cut.reached.len() <= nodes);
        // What was found is found in the same order, and all of it unless a limit is told.
        prop_assert_eq!(&whole.reached[..cut.reached.len()], &cut.reached[..]);
        if cut.stopped.is_none() {
            prop_assert_eq!(whole.reached.len(), cut.reached.len());
        }
        if cut.stopped == Some(Bound::Nodes) {
            prop_assert_eq!(cut.reached.len(), nodes);
        }
    }

    #[test]
    fn components_are_what_can_be_reached_both_ways(graph in graphs()) {
        let found = components(&graph.csr());
        let both = Listed { both: true, closed: None, ..graph.clone() };
        for start in 0..graph.nodes {
            let least = *both.costs(start, |_| 1.0).keys().next().unwrap();
            prop_assert_eq!(i64::from(found[start as usize]), least);
        }
    }

    #[test]
    fn ranks_are_those_of_the_dense_matrix(graph in graphs()) {
        let count = graph.nodes as usize;
        let mut matrix = vec![vec![0.0; count]; count];
        for (source, target, _) in &graph.edges {
            matrix[*source as usize][*target as usize] += 1.0;
        }
        let mut wanted = vec![1.0 / count as f64; count];
        for _ in 0..400 {
            let mut next = vec![0.15 / count as f64; count];
            for (row, rank) in matrix.iter().zip(&wanted) {
                let out: f64 = row.iter().sum();
                for (target, edges) in row.iter().enumerate() {
                    let part = if out == 0.0 { 1.0 / count as f64 } else { edges / out };
                    next[target] += 0.85 * rank * part;
                }
            }
            wanted = next;
        }
        let found = pagerank(&graph.csr(), PageRank::default());
        prop_assert!(found.converged);
        prop_assert!((found.ranks.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        for (rank, wanted) in found.ranks.iter().zip(&wanted) {
            prop_assert!((rank - wanted).abs() < 1e-8, "{:?} {:?}", found.ranks, wanted);
        }
    }
}

#[test]
fn too_few_iterations_are_told() {
    let graph = Csr::new(3, &[(0, 1), (1, 2), (2, 1)]);
    let found = pagerank(&graph, PageRank { iterations: 2, ..PageRank::default() });
    assert_eq!((found.iterations, found.converged), (2, false));
}

#[test]
fn a_graph_without_nodes_has_neither_ranks_nor_components() {
    assert!(pagerank(&Csr::new(0, &[]), PageRank::default()).ranks.is_empty());
    assert!(components(&Csr::default()).is_empty());
}
