//! Which nodes hang together, whichever way their edges point.

use super::csr::Csr;
use alloc::vec::Vec;

/// For each node the least node of its component, by union and find with path halving (Tarjan and
/// van Leeuwen, "Worst-case analysis of set union algorithms", 1984).
#[must_use]
pub fn components(graph: &Csr) -> Vec<u32> {
    let mut parents: Vec<u32> = (0..graph.len() as u32).collect();
    for (source, targets) in (0..).zip(graph.rows()) {
        for target in targets {
            let (one, other) = (root(&mut parents, source), root(&mut parents, *target));
            // The lesser root stays, so that a root is the least node of its component.
            if let Some(parent) = parents.get_mut(one.max(other) as usize) {
                *parent = one.min(other);
            }
        }
    }
    (0..graph.len() as u32).map(|node| root(&mut parents, node)).collect()
}

fn root(parents: &mut [u32], mut node: u32) -> u32 {
    loop {
        let parent = parents.get(node as usize).copied().unwrap_or(node);
        if parent == node {
            return node;
        }
        let above = parents.get(parent as usize).copied().unwrap_or(parent);
        if let Some(slot) = parents.get_mut(node as usize) {
            *slot = above;
        }
        node = above;
    }
}
