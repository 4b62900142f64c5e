//! The vectors of one field, ready to be searched.

use super::block::{Block, SLOTS};
use super::code::code_query;
use super::error::VectorError;
use super::query::{Query, check, prepared};
use super::sketch::sketch_query;
use crate::types::Metric;
use alloc::vec::Vec;
use hashbrown::HashMap;
use pluresdb_scan::{Best, CodeQuery, SketchQuery};

/// From so many vectors on, sketches save time.
const SKETCHED_FROM: usize = 4096;

/// For each candidate asked for, so many are compared by their codes.
const CODES_FOR_EACH: usize = 16;

/// At least so many are compared by their codes.
const CODES_AT_LEAST: usize = 512;

/// The vectors of one field by the ids of their nodes, as codes.
///
/// ```
/// use pluresdb::types::Metric;
/// use pluresdb::vectors::{Index, Query};
///
/// let mut index = Index::new(Metric::L2, 2);
/// index.insert(1, &[0.0, 0.0])?;
/// index.insert(2, &[3.0, 4.0])?;
/// let query = Query::new(Metric::L2, 2, &[3.0, 3.0])?;
/// assert_eq!(index.candidates(&query, 1, None), [2]);
/// assert_eq!(query.score(&[3.0, 4.0]), -1.0);
/// # Ok::<(), pluresdb::vectors::VectorError>(())
/// ```
#[derive(Debug)]
pub struct Index {
    metric: Metric,
    dimension: usize,
    blocks: Vec<Block>,
    slots: HashMap<i64, u32>,
    /// Slots that a removal left.
    free: Vec<u32>,
    /// The mean of the vectors, when there were `centred` of them.
    centre: Option<Vec<f32>>,
    centred: usize,
}

impl Index {
    /// An index without vectors. The dimension is at least 1.
    #[must_use]
    pub fn new(metric: Metric, dimension: usize) -> Self {
        Self {
            metric,
            dimension: dimension.max(1),
            blocks: Vec::new(),
            slots: HashMap::new(),
            free: Vec::new(),
            centre: None,
            centred: 0,
        }
    }

    /// How near two vectors are.
    #[must_use]
    pub const fn metric(&self) -> Metric {
        self.metric
    }

    /// How many numbers a vector has.
    #[must_use]
    pub const fn dimension(&self) -> usize {
        self.dimension
    }

    /// How many vectors there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// The ids of all vectors, in no order.
    pub fn ids(&self) -> impl Iterator<Item = i64> + '_ {
        self.slots.keys().copied()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Puts a vector in, in the place of the one that had its id.
    ///
    /// # Errors
    /// See [`check`]; the index stays as it was.
    pub fn insert(&mut self, id: i64, vector: &[f32]) -> Result<(), VectorError> {
        check(self.metric, self.dimension, vector)?;
        let vector = prepared(self.metric, vector);
        let slot = match self.slots.get(&id) {
            Some(slot) => *slot,
            None => self.free.pop().unwrap_or_else(|| self.grow()),
        };
        self.slots.insert(id, slot);
        let (block, slot) = parts(slot);
        if let Some(block) = self.blocks.get_mut(block) {
            block.set(slot, id, &vector, self.metric, self.centre.as_deref());
        }
        self.follow_centre();
        Ok(())
    }

    /// Takes a vector out; false where there is none of this id.
    pub fn remove(&mut self, id: i64) -> bool {
        let Some(slot) = self.slots.remove(&id) else {
            return false;
        };
        let (block, place) = parts(slot);
        if let Some(block) = self.blocks.get_mut(block) {
            block.clear(place);
        }
        self.free.push(slot);
        true
    }

    /// The ids of the `count` vectors that are, by their codes, the nearest, in no order; of those
    /// named in `within`, where it is given. All of them, where there are not more.
    #[must_use]
    pub fn candidates(&self, query: &Query, count: usize, within: Option<&[i64]>) -> Vec<i64> {
        let within = within.map(|ids| self.slots_of(ids));
        let among = within.as_ref().map_or_else(|| self.len(), Vec::len);
        if among <= count {
            let all = || self.ids().collect();
            return within.map_or_else(all, |slots| self.ids_of(slots.into_iter()).collect());
        }
        let vector = query.prepared();
        let codes = code_query(self.metric, &vector);
        let mut best = Best::new(count, among);
        let compared = count.saturating_mul(CODES_FOR_EACH).max(CODES_AT_LEAST);
        match &self.centre {
            Some(centre) if among >= SKETCHED_FROM && among > compared => {
                let sketches = sketch_query(centre, &vector);
                let first = self.by_sketches(&sketches, compared, within.as_deref());
                self.offer_codes(&codes, first.into_slots(), &mut best);
            }
            _ => match within {
                Some(slots) => self.offer_codes(&codes, slots.into_iter(), &mut best),
                None => {
                    for (block, first) in self.blocks.iter().zip((0..).step_by(SLOTS)) {
                        block.offer_codes(&codes, first, &mut best);
                    }
                }
            },
        }
        self.ids_of(best.into_slots()).collect()
    }

    /// The slots that come first by their sketches.
    fn by_sketches(&self, query: &SketchQuery, keep: usize, within: Option<&[u32]>) -> Best {
        let mut best = Best::new(keep, within.map_or(self.len(), <[u32]>::len));
        match within {
            Some(slots) => {
                for slots in slots.chunk_by(|one, next| parts(*one).0 == parts(*next).0) {
                    let block = slots.first().and_then(|slot| self.blocks.get(parts(*slot).0));
                    if let Some(block) = block {
                        block.offer_some_sketches(query, slots, &mut best);
                    }
                }
            }
            None => {
                for (block, first) in self.blocks.iter().zip((0..).step_by(SLOTS)) {
                    block.offer_sketches(query, first, &mut best);
                }
            }
        }
        best
    }

    fn offer_codes(&self, query: &CodeQuery, slots: impl Iterator<Item = u32>, best: &mut Best) {
        for slot in slots {
            let (block, place) = parts(slot);
            let block = self.blocks.get(block);
            if let Some(key) = block.and_then(|block| block.code_key(query, place)) {
                best.offer(key, slot);
            }
        }
    }

    /// The slots of ids in rising order, each once; ids without a vector have none.
    fn slots_of(&self, ids: &[i64]) -> Vec<u32> {
        let mut slots: Vec<u32> = ids.iter().filter_map(|id| self.slots.get(id).copied()).collect();
        slots.sort_unstable();
        slots.dedup();
        slots
    }

    fn ids_of(&self, slots: impl Iterator<Item = u32>) -> impl Iterator<Item = i64> {
        slots.filter_map(|slot| {
            let (block, place) = parts(slot);
            self.blocks.get(block)?.id(place)
        })
    }

    #[cfg(test)]
    pub(super) fn slots_in_use(&self) -> usize {
        self.blocks.iter().map(Block::len).sum()
    }

    /// A new slot at the end.
    fn grow(&mut self) -> u32 {
        let last = self.blocks.len().saturating_sub(1);
        let place = match self.blocks.last_mut().filter(|block| block.len() < SLOTS) {
            Some(block) => {
                block.grow(self.dimension);
                last * SLOTS + block.len() - 1
            }
            None => {
                // The first grows as needed: most indexes are small.
                let mut block = match self.blocks.is_empty() {
                    true => Block::default(),
                    false => Block::with_room(self.dimension, self.centre.is_some()),
                };
                block.grow(self.dimension);
                self.blocks.push(block);
                (self.blocks.len() - 1) * SLOTS
            }
        };
        place as u32
    }

    /// Takes the mean of all vectors anew each time there are four times as many, and sketches them by
    /// it. What a vector costs stays the same on average; one insert pays for many.
    fn follow_centre(&mut self) {
        if self.len() < SKETCHED_FROM.max(self.centred.saturating_mul(4)) {
            return;
        }
        let mut centre = alloc::vec![0.0; self.dimension];
        for block in &self.blocks {
            block.sum(&mut centre);
        }
        for number in &mut centre {
            *number /= self.len() as f32;
        }
        for block in &mut self.blocks {
            block.sketch_all(self.metric, &centre);
        }
        self.centred = self.len();
        self.centre = Some(centre);
    }
}

/// The block of a slot and its place there.
const fn parts(slot: u32) -> (usize, usize) {
    (slot as usize / SLOTS, slot as usize % SLOTS)
}
