//! A block of slots for vectors, with what a scan reads of them in one piece.

use super::sketch::{sketch, words};
use crate::types::Metric;
use alloc::vec::Vec;
use pluresdb_scan::{Best, CodeQuery, Factors, Measure, SketchQuery, decode, encode};

/// Slots of one block. Many, since each block asks for memory of its own, which is dear in a page.
pub(super) const SLOTS: usize = 4096;

/// The codes and sketches of some slots. All slots below [`Block::len`] have been used.
#[derive(Debug, Default)]
pub(super) struct Block {
    codes: Vec<i8>,
    measures: Vec<Measure>,
    sketches: Vec<u64>,
    factors: Vec<Factors>,
    /// The id of the vector in a slot, none in one that is free.
    ids: Vec<Option<i64>>,
}

impl Block {
    /// A block with room for all of its slots.
    pub(super) fn with_room(dimension: usize, sketched: bool) -> Self {
        let sketches = if sketched { SLOTS } else { 0 };
        Self {
            codes: Vec::with_capacity(SLOTS * dimension),
            measures: Vec::with_capacity(SLOTS),
            sketches: Vec::with_capacity(sketches * words(dimension)),
            factors: Vec::with_capacity(sketches),
            ids: Vec::with_capacity(SLOTS),
        }
    }

    pub(super) const fn len(&self) -> usize {
        self.ids.len()
    }

    pub(super) fn id(&self, slot: usize) -> Option<i64> {
        self.ids.get(slot).copied().flatten()
    }

    /// Adds an empty slot. Sketches are kept once there is a centre.
    pub(super) fn grow(&mut self, dimension: usize, sketched: bool) {
        self.codes.resize(self.codes.len() + dimension, 0);
        self.measures.push(Measure::default());
        self.ids.push(None);
        if sketched {
            self.sketches.resize(self.sketches.len() + words(dimension), 0);
            self.factors.push(Factors::NONE);
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
        if let Some(factors) = self.factors.get_mut(slot) {
            *factors = Factors::NONE;
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
        self.sketches.resize(self.len() * words(centre.len()), 0);
        self.factors.clear();
        self.factors.resize(self.len(), Factors::NONE);
        for slot in 0..self.len() {
            if self.id(slot).is_some() {
                self.sketch(slot, metric, centre);
            }
        }
    }

    fn sketch(&mut self, slot: usize, metric: Metric, centre: &[f32]) {
        let code = self.codes.chunks_exact(centre.len()).nth(slot);
        let bits = self.sketches.chunks_exact_mut(words(centre.len())).nth(slot);
        if let (Some(code), Some(measure), Some(bits), Some(factors)) =
            (code, self.measures.get(slot), bits, self.factors.get_mut(slot))
        {
            *factors = sketch(metric, centre, decode(code, measure.scale), bits);
        }
    }

    /// Offers every slot by its sketch; `first` is the number of the first.
    pub(super) fn offer_sketches(&self, query: &SketchQuery, first: u32, best: &mut Best) {
        let mut keys = [0.0; SLOTS];
        query.keys(&self.sketches, &self.factors, &mut keys);
        best.offer_each(keys.get(..self.len()).unwrap_or_default(), first);
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

    /// The key of one slot by its sketch.
    pub(super) fn sketch_key(&self, query: &SketchQuery, slot: usize) -> Option<f32> {
        let words = query.words();
        let bits = self.sketches.get(slot * words..)?.get(..words)?;
        Some(query.key(bits, *self.factors.get(slot)?))
    }

    /// The key of one slot by its code.
    pub(super) fn code_key(&self, query: &CodeQuery, slot: usize) -> Option<f32> {
        let dimension = query.numbers.len();
        let code = self.codes.get(slot * dimension..)?.get(..dimension)?;
        Some(query.key(code, *self.measures.get(slot)?))
    }
}
