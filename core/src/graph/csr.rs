//! A whole graph in memory, in the compressed form of sparse matrices: for each node, where its targets
//! start in one long list.

use alloc::vec::Vec;

/// Nodes from 0 on, each with the nodes that its edges lead to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Csr {
    starts: Vec<u32>,
    targets: Vec<u32>,
}

impl Csr {
    /// The graph of some edges, in any order. An edge that names a node beyond `nodes` is left out.
    #[must_use]
    pub fn new(nodes: u32, edges: &[(u32, u32)]) -> Self {
        let inside = || edges.iter().filter(|(source, target)| *source < nodes && *target < nodes);
        let mut starts = alloc::vec![0_u32; nodes as usize + 1];
        for (source, _) in inside() {
            if let Some(count) = starts.get_mut(*source as usize + 1) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let mut places = starts.clone();
        let mut targets = alloc::vec![0; sum as usize];
        for (source, target) in inside() {
            if let Some(place) = places.get_mut(*source as usize) {
                if let Some(slot) = targets.get_mut(*place as usize) {
                    *slot = *target;
                }
                *place += 1;
            }
        }
        Self { starts, targets }
    }

    /// How many nodes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// Whether there is no node.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The nodes in their order, each with its targets.
    pub fn rows(&self) -> impl Iterator<Item = &[u32]> {
        self.starts.windows(2).map(|bounds| match bounds {
            [start, end] => self.targets.get(*start as usize..*end as usize).unwrap_or_default(),
            _ => &[],
        })
    }
}
