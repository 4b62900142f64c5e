//! The blocks of an update, each behind those of them that it builds on.

use super::sound::{Block, Place, Written};
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use hashbrown::HashMap;

/// A block, its client and the clock of its first operation.
pub(super) type Placed<'a> = (u64, u32, Block<'a>);

/// Blocks of one client that are still to come, from a clock on.
struct Queue<'a> {
    clock: u32,
    blocks: VecDeque<Block<'a>>,
}

/// All blocks, those of one client as they follow each other. `None` where some wait for each other.
pub(super) fn in_order(written: Vec<Written<'_>>) -> Option<Vec<Placed<'_>>> {
    let clients: Vec<u64> = written.iter().map(|written| written.client).collect();
    let mut placed = Vec::with_capacity(written.iter().map(|written| written.blocks.len()).sum());
    let mut queues: HashMap<u64, Queue<'_>> = written
        .into_iter()
        .map(|Written { client, first, blocks }| {
            (client, Queue { clock: first, blocks: blocks.into() })
        })
        .collect();
    for client in clients {
        // Each waits for the one behind it.
        let mut waiting = alloc::vec![client];
        while let Some(client) = waiting.last().copied() {
            let Some(block) = queues.get(&client).and_then(|queue| queue.blocks.front()) else {
                waiting.pop();
                continue;
            };
            let missing = |(of, clock): Place| {
                let queue = queues.get(&of)?;
                (of != client && clock >= queue.clock && !queue.blocks.is_empty()).then_some(of)
            };
            let missing = block.builds_on().find_map(missing);
            match missing {
                Some(other) if waiting.contains(&other) => return None,
                Some(other) => waiting.push(other),
                None => {
                    let queue = queues.get_mut(&client)?;
                    let (clock, block) = (queue.clock, queue.blocks.pop_front()?);
                    queue.clock += block.length;
                    placed.push((client, clock, block));
                    if waiting.len() > 1 {
                        waiting.pop();
                    }
                }
            }
        }
    }
    Some(placed)
}
