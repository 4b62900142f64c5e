//! Keys of sketches of one bit a number, of many slots at a time.

use crate::lookup::{LANES, QueryByte, Scan, Sums, count_one, counts, dispatch};

/// What of a vector is beside its sketch: the parts of its key.
#[derive(Debug, Clone, Copy)]
pub struct Factors {
    /// The part that no query changes.
    pub offset: f32,
    /// What the product of the query with the signs is worth.
    pub factor: f32,
    /// How many bits are set.
    pub ones: f32,
}

impl Factors {
    /// Of a slot without a vector: its key is below all.
    pub const NONE: Self = Self { offset: f32::NEG_INFINITY, factor: 0.0, ones: 0.0 };
}

/// A query as numbers of four bits, to be compared with sketches.
#[derive(Debug)]
pub struct SketchQuery {
    bytes: Vec<QueryByte>,
    /// What a count of bits is worth.
    each: f32,
    /// What a set bit of the sketch costs.
    one: f32,
    /// The constant rest.
    rest: f32,
}

impl SketchQuery {
    /// A query of numbers from 0 to 15. The product of the vector with the signs of a sketch is then
    /// `each` times the sum of the numbers at its set bits, less `one` for each of these, less `rest`.
    #[must_use]
    #[inline(never)]
    pub fn new(levels: &[u8], each: f32, one: f32, rest: f32) -> Self {
        Self { bytes: levels.chunks(8).map(QueryByte::new).collect(), each, one, rest }
    }

    #[inline(always)]
    fn key_of(&self, count: f32, factors: Factors) -> f32 {
        factors.factor * (count * self.each - factors.ones * self.one - self.rest) + factors.offset
    }
}

/// What is beside the sketches of a group, each kind for itself.
#[derive(Debug, Clone)]
struct GroupFactors {
    offset: [f32; LANES],
    factor: [f32; LANES],
    ones: [f32; LANES],
}

impl GroupFactors {
    const NONE: Self = Self {
        offset: [Factors::NONE.offset; LANES],
        factor: [Factors::NONE.factor; LANES],
        ones: [Factors::NONE.ones; LANES],
    };

    fn get(&self, lane: usize) -> Option<Factors> {
        let (offset, factor) = (*self.offset.get(lane)?, *self.factor.get(lane)?);
        Some(Factors { offset, factor, ones: *self.ones.get(lane)? })
    }

    fn set(&mut self, lane: usize, factors: Factors) {
        let Factors { offset, factor, ones } = factors;
        let of_kinds =
            [(&mut self.offset, offset), (&mut self.factor, factor), (&mut self.ones, ones)];
        for (lanes, number) in of_kinds {
            if let Some(place) = lanes.get_mut(lane) {
                *place = number;
            }
        }
    }
}

/// The sketches of slots that follow one another.
///
/// The first bytes of 32 sketches lie beside each other, then their second bytes, and so on: one vector
/// instruction looks up what half a byte of each is worth. This is the layout of Quick ADC (André,
/// Kermarrec and Le Scouarnec, 2017), with four bits of a sketch as what they call a component.
#[derive(Debug, Clone)]
pub struct Sketches {
    bytes: usize,
    lanes: Vec<[u8; LANES]>,
    factors: Vec<GroupFactors>,
}

impl Sketches {
    /// For vectors of so many numbers, with room for so many slots.
    #[must_use]
    pub fn new(dimension: usize, slots: usize) -> Self {
        let (bytes, groups) = (dimension.div_ceil(8).max(1), slots.div_ceil(LANES));
        let lanes = Vec::with_capacity(groups * bytes);
        Self { bytes, lanes, factors: Vec::with_capacity(groups) }
    }

    /// Makes sure that there are so many slots; new ones are without a vector.
    pub fn grow_to(&mut self, slots: usize) {
        let groups = slots.div_ceil(LANES);
        if self.factors.len() < groups {
            self.factors.resize(groups, GroupFactors::NONE);
            self.lanes.resize(groups * self.bytes, [0; LANES]);
        }
    }

    /// The bytes of the sketch in a slot, each of eight numbers, the first in the lowest bit.
    pub fn bytes_mut(&mut self, slot: usize) -> impl Iterator<Item = &mut u8> {
        let rows = self.lanes.chunks_exact_mut(self.bytes).nth(slot / LANES);
        rows.into_iter().flatten().filter_map(move |row| row.get_mut(slot % LANES))
    }

    /// Says what is beside the sketch in a slot; [`Factors::NONE`] empties it.
    pub fn set_factors(&mut self, slot: usize, factors: Factors) {
        if let Some(group) = self.factors.get_mut(slot / LANES) {
            group.set(slot % LANES, factors);
        }
    }

    /// A number that is, most likely, higher the nearer the vector of a slot is.
    #[must_use]
    #[inline(never)]
    pub fn key(&self, query: &SketchQuery, slot: usize) -> Option<f32> {
        let (group, lane) = (slot / LANES, slot % LANES);
        let rows = self.lanes.chunks_exact(self.bytes).nth(group)?;
        let factors = self.factors.get(group)?.get(lane)?;
        Some(query.key_of(count_one(&query.bytes, rows, lane) as f32, factors))
    }

    /// The keys of all slots, by the vector instructions of the machine.
    #[inline(never)]
    pub fn keys(&self, query: &SketchQuery, keys: &mut [f32]) {
        dispatch(Keys { sketches: self, query, keys });
    }
}

struct Keys<'a> {
    sketches: &'a Sketches,
    query: &'a SketchQuery,
    keys: &'a mut [f32],
}

impl Scan for Keys<'_> {
    #[inline(always)]
    fn run(self, sums: impl Sums) {
        let Self { sketches: Sketches { bytes, lanes, factors }, query, keys } = self;
        let groups = lanes.chunks_exact(*bytes).zip(factors);
        let (keys, _) = keys.as_chunks_mut::<LANES>();
        for ((rows, factors), keys) in groups.zip(keys) {
            let counts = counts(&query.bytes, rows, sums);
            let GroupFactors { offset, factor, ones } = factors;
            let factors = offset.iter().zip(factor).zip(ones);
            for ((key, count), ((offset, factor), ones)) in keys.iter_mut().zip(counts).zip(factors)
            {
                let factors = Factors { offset: *offset, factor: *factor, ones: *ones };
                *key = query.key_of(count as f32, factors);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_has_the_same_key_alone_and_among_all() {
        let levels: Vec<u8> = (0..100_u32).map(|at| (at * 7 % 16) as u8).collect();
        let query = SketchQuery::new(&levels, 0.5, 0.25, 3.0);
        let mut sketches = Sketches::new(100, 70);
        sketches.grow_to(70);
        for slot in 0..70 {
            for (at, byte) in sketches.bytes_mut(slot).enumerate() {
                *byte = (slot * 31 + at * 17) as u8;
            }
            sketches.set_factors(slot, Factors { offset: slot as f32, factor: 1.5, ones: 8.0 });
        }
        sketches.set_factors(69, Factors::NONE);
        let mut keys = [0.0; 96];
        sketches.keys(&query, &mut keys);
        for (slot, key) in keys.iter().enumerate() {
            assert_eq!(sketches.key(&query, slot), Some(*key), "{slot}");
        }
        assert_eq!(keys[69], f32::NEG_INFINITY);
        assert_eq!(keys[70], f32::NEG_INFINITY);
        assert_eq!(sketches.key(&query, 96), None);
    }
}
