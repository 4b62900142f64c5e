//! A block of slots for vectors, with what a scan reads of them in one piece.

use super::sketch::sketch;
use crate::types::Metric;
use alloc::vec::Vec;
use pluresdb_scan::{Best, CodeQuery, Factors, Measure, SketchQuery, Sketches, decode, encode};

/// Slots of one block. Many, since each block asks for memory of its own, which is dear in a page.
pub(super) const SLOTS: usize = 4096;

/// The codes and sketches of some slots. All slots below [`Block::len`] have been used.
#[derive(Debug, Default)]
pub(super) struct Block {
    codes: Vec<i8>,
    measures: Vec<Measure>,
    /// None before there is a centre.
    sketches: Option<Sketches>,
    /// The id of the vector in a slot, none in one that is free.
    ids: Vec<Option<i64>>,
}

impl Block {
    /// A block with room for all of its slots.
    pub(super) fn with_room(dimension: usize, sketched: bool) -> Self {
        Self {
            codes: Vec::with_capacity(SLOTS * dimension),
            measures: Vec::with_capacity(SLOTS),
            sketches: sketched.then(|| Sketches::new(dimension, SLOTS)),
            ids: Vec::with_capacity(SLOTS),
        }
    }

    pub(super) const fn len(&self) -> usize {
        self.ids.len()
    }

    pub(super) fn id(&self, slot: usize) -> Option<i64> {
        self.ids.get(slot).copied().flatten()
    }

    /// Adds an empty slot.
    pub(super) fn grow(&mut self, dimension: usize) {
        self.codes.resize(self.codes.len() + dimension, 0);
        self.measures.push(Measure::default());
        self.ids.push(None);
        if let Some(sketches) = &mut self.sketches {
            sketches.grow_to(self.ids.len());
        }
    }

    /// Puts a prepared vector into a slot.
    pub(super) fn set(
        &mut self,
        slot: usize,
        id: i64,
        vector: &[f32],
        metric: Metric,
        centre: Option<&[f32]>,
    ) {
        let dimension = vector.len();
        let code = self.codes.chunks_exact_mut(dimension).nth(slot);
        let (Some(code), Some(measure), Some(place)) =
            (code, self.measures.get_mut(slot), self.ids.get_mut(slot))
        else {
            return;
        };
        *measure = encode(vector, code);
        *place = Some(id);
        if let Some(centre) = centre {
            self.sketch(slot, metric, centre);
        }
    }

    /// Empties a slot.
    pub(super) fn clear(&mut self, slot: usize) {
        if let Some(id) = self.ids.get_mut(slot) {
            *id = None;
        }
        if let Some(sketches) = &mut self.sketches {
            sketches.set_factors(slot, Factors::NONE);
        }
    }

    /// Adds the vectors up, number by number.
    pub(super) fn sum(&self, sums: &mut [f32]) {
        for ((code, measure), id) in
            self.codes.chunks_exact(sums.len()).zip(&self.measures).zip(&self.ids)
        {
            if id.is_some() {
                for (sum, number) in sums.iter_mut().zip(decode(code, measure.scale)) {
                    *sum += number;
                }
            }
        }
    }

    /// Makes all sketches anew.
    pub(super) fn sketch_all(&mut self, metric: Metric, centre: &[f32]) {
        let mut sketches = Sketches::new(centre.len(), self.len());
        sketches.grow_to(self.len());
        self.sketches = Some(sketches);
        for slot in 0..self.len() {
            if self.id(slot).is_some() {
                self.sketch(slot, metric, centre);
            }
        }
    }

    fn sketch(&mut self, slot: usize, metric: Metric, centre: &[f32]) {
        let code = self.codes.chunks_exact(centre.len()).nth(slot);
        if let (Some(code), Some(measure), Some(sketches)) =
            (code, self.measures.get(slot), &mut self.sketches)
        {
            let vector = decode(code, measure.scale);
            let factors = sketch(metric, centre, vector, sketches.bytes_mut(slot));
            sketches.set_factors(slot, factors);
        }
    }

    /// Offers every slot by its sketch; `first` is the number of the first.
    pub(super) fn offer_sketches(&self, query: &SketchQuery, first: u32, best: &mut Best) {
        let Some(sketches) = &self.sketches else { return };
        let mut keys = [0.0; SLOTS];
        sketches.keys(query, &mut keys);
        best.offer_each(keys.get(..self.len()).unwrap_or_default(), first);
    }

    /// Offers some slots by their sketches. From one in sixteen on it is faster to compare all.
    pub(super) fn offer_some_sketches(&self, query: &SketchQuery, slots: &[u32], best: &mut Best) {
        let Some(sketches) = &self.sketches else { return };
        let mut keys = [f32::NEG_INFINITY; SLOTS];
        let many = slots.len() >= SLOTS / 16;
        if many {
            sketches.keys(query, &mut keys);
        }
        for slot in slots {
            let place = *slot as usize % SLOTS;
            let key = if many { keys.get(place).copied() } else { sketches.key(query, place) };
            best.offer(key.unwrap_or(f32::NEG_INFINITY), *slot);
        }
    }

    /// Offers every slot by its code; `first` is the number of the first.
    pub(super) fn offer_codes(&self, query: &CodeQuery, first: u32, best: &mut Best) {
        let mut keys = [0.0; SLOTS];
        query.keys(&self.codes, &self.measures, &mut keys);
        for ((key, slot), id) in keys.iter().zip(first..).zip(&self.ids) {
            if id.is_some() {
                best.offer(*key, slot);
            }
        }
    }

    /// The key of one slot by its code.
    pub(super) fn code_key(&self, query: &CodeQuery, slot: usize) -> Option<f32> {
        let dimension = query.numbers.len();
        let code = self.codes.get(slot * dimension..)?.get(..dimension)?;
        Some(query.key(code, *self.measures.get(slot)?))
    }
}
