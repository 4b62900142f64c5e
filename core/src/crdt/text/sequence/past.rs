//! What an operation builds on, and whether it can have been made where it says.
//!
//! An operation names its neighbours. Whoever made it had seen these, all that these build on, and its
//! client's operations before it: its *past*. In its past alone, its two neighbours stand side by side;
//! else no editor made it. Where this is so of all operations, their order is the same whatever order they
//! came in: each could have been made by someone who had seen its past and nothing else, and for operations
//! so made Yjs's algorithm (YATA: Nicolaescu et al., "Near Real-Time Peer-to-Peer Shared Editing on
//! Extensible Data Types", 2016) comes to one order.

use super::super::sound::Place;
use super::{Budget, Sequence, Unfit};
use alloc::vec::Vec;
use hashbrown::HashMap;

/// For each client, the clock below which its operations are in a past.
pub(super) type Past = HashMap<u64, u32>;

impl Sequence {
    /// Notes that a client's operations from a clock on build on another operation.
    pub(super) fn note_seen(&mut self, client: u64, from: u32, (of, clock): Place) {
        if of == client {
            return;
        }
        self.client_mut(client).see(from, of, clock + 1);
    }

    /// All that these operations build on, with them.
    pub(super) fn past(
        &self,
        of: impl IntoIterator<Item = Place>,
        budget: &mut Budget,
    ) -> Result<Past, Unfit> {
        let mut past = Past::new();
        // How many of a client's notes were followed.
        let mut followed: HashMap<u64, u32> = HashMap::new();
        let mut open: Vec<(u64, u32)> =
            of.into_iter().map(|(client, clock)| (client, clock + 1)).collect();
        while let Some((client, below)) = open.pop() {
            budget.spend(1)?;
            let known = past.entry(client).or_default();
            if *known >= below {
                continue;
            }
            *known = below;
            let Some(writer) = self.client(client) else {
                continue;
            };
            let followed = followed.entry(client).or_default();
            let fresh =
                writer.seen.iter().skip(*followed as usize).take_while(|seen| seen.from < below);
            for seen in fresh {
                *followed += 1;
                open.push((seen.client, seen.below));
            }
        }
        Ok(past)
    }
}
