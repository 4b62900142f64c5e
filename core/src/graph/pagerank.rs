//! How much a node is pointed to by nodes that are pointed to.

use super::csr::Csr;
use alloc::vec::Vec;

/// How to compute it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PageRank {
    /// The chance that one goes on along an edge and not to any node at all; from 0 up to, not including, 1.
    pub damping: f64,
    /// It ends when an iteration changes all ranks together by no more than this.
    pub tolerance: f64,
    /// Most iterations.
    pub iterations: u32,
}

impl Default for PageRank {
    /// 0.85, 1e-9, 200.
    fn default() -> Self {
        Self { damping: 0.85, tolerance: 1e-9, iterations: 200 }
    }
}

/// The ranks.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranks {
    /// By node; together 1.
    pub ranks: Vec<f64>,
    /// How many iterations it took.
    pub iterations: u32,
    /// Whether the last iteration changed no more than was tolerated.
    pub converged: bool,
}

/// PageRank by power iteration (Brin and Page, "The anatomy of a large-scale hypertextual web search
/// engine", 1998). Where a node has no edge out, one goes on to any node. Each of several
/// edges with the same ends counts.
#[must_use]
pub fn pagerank(graph: &Csr, options: PageRank) -> Ranks {
    let count = graph.len();
    if count == 0 {
        return Ranks { ranks: Vec::new(), iterations: 0, converged: true };
    }
    let share = 1.0 / count as f64;
    let mut ranks = alloc::vec![share; count];
    let mut next = alloc::vec![0.0; count];
    for iteration in 1..=options.iterations {
        let mut stuck = 0.0;
        next.fill(0.0);
        for (rank, targets) in ranks.iter().zip(graph.rows()) {
            if targets.is_empty() {
                stuck += rank;
                continue;
            }
            let part = rank / targets.len() as f64;
            for target in targets {
                if let Some(sum) = next.get_mut(*target as usize) {
                    *sum += part;
                }
            }
        }
        let anywhere = (1.0 - options.damping + options.damping * stuck) * share;
        let mut change = 0.0;
        for (rank, sum) in ranks.iter_mut().zip(&next) {
            let new = anywhere + options.damping * sum;
            change += (new - *rank).abs();
            *rank = new;
        }
        if change <= options.tolerance {
            return Ranks { ranks, iterations: iteration, converged: true };
        }
    }
    Ranks { ranks, iterations: options.iterations, converged: false }
}
