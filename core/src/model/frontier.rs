//! A version vector: for each actor, how much of its log is known.

use super::id::ActorId;
use alloc::collections::BTreeMap;

/// For each actor, the last sequence number of the contiguous log that is known. Sequence
/// numbers start at 1; an actor that is absent has nothing known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frontier(BTreeMap<ActorId, u64>);

impl Frontier {
    /// Nothing known.
    #[must_use]
    pub const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// The last known sequence number of an actor, 0 for none.
    #[must_use]
    pub fn get(&self, actor: &ActorId) -> u64 {
        self.0.get(actor).copied().unwrap_or(0)
    }

    /// Notes that `actor` is known up to `seq`. Never goes back.
    pub fn advance(&mut self, actor: ActorId, seq: u64) {
        if seq > 0 {
            let known = self.0.entry(actor).or_insert(seq);
            *known = seq.max(*known);
        }
    }

    /// Notes that no more than `seq` is known of `actor`: what came after it was moved to another.
    pub fn cut(&mut self, actor: ActorId, seq: u64) {
        if seq == 0 {
            self.0.remove(&actor);
        } else if let Some(known) = self.0.get_mut(&actor) {
            *known = seq.min(*known);
        }
    }

    /// Takes in everything another frontier knows.
    pub fn join(&mut self, other: &Self) {
        other.iter().for_each(|(actor, seq)| self.advance(actor, seq));
    }

    /// The actors and what is known of each, in the order of actor ids.
    pub fn iter(&self) -> impl Iterator<Item = (ActorId, u64)> + '_ {
        self.0.iter().map(|(actor, seq)| (*actor, *seq))
    }

    /// How many actors are known.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is known here and not there: actor, the last sequence number there, the last here.
    pub fn beyond<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = (ActorId, u64, u64)> + 'a {
        self.iter()
            .map(|(actor, seq)| (actor, other.get(&actor), seq))
            .filter(|(_, there, here)| here > there)
    }

    /// How many records are known here and not there.
    #[must_use]
    pub fn count_beyond(&self, other: &Self) -> u64 {
        self.beyond(other).map(|(_, there, here)| here - there).sum()
    }
}

impl FromIterator<(ActorId, u64)> for Frontier {
    fn from_iter<I: IntoIterator<Item = (ActorId, u64)>>(entries: I) -> Self {
        let mut frontier = Self::new();
        entries.into_iter().for_each(|(actor, seq)| frontier.advance(actor, seq));
        frontier
    }
}
