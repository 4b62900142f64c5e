//! Sketches of one bit a number: on which side of the middle of all vectors a number lies.
//!
//! The estimate of a dot product from a sketch is that of RaBitQ (Gao and Long, 2024), without its
//! random rotation: for `r = v - centre` and the signs `s` of `r`, a query's product with `r` is
//! about its product with `s`, times `|r|^2 / <r, s>`. The query has four bits a number, so that
//! its product with the signs is a count of bits in four planes.

use crate::types::Metric;
use alloc::vec::Vec;

/// Bits of a query's number.
const PLANES: usize = 4;

/// Between the least and the greatest number of a query.
const LEVELS: f32 = 15.0;

/// Words of a sketch.
pub(super) const fn words(dimension: usize) -> usize {
    dimension.div_ceil(64)
}

/// What of a vector is beside its sketch: the parts of its key.
#[derive(Debug, Clone, Copy)]
pub(super) struct Factors {
    /// The part that no query changes.
    offset: f32,
    /// What the product of the query with the signs is worth.
    factor: f32,
    /// How many bits are set.
    ones: f32,
}

impl Factors {
    /// Of a slot without a vector: its key is below all.
    pub(super) const NONE: Self = Self { offset: f32::NEG_INFINITY, factor: 0.0, ones: 0.0 };
}

/// Writes the sketch of a vector.
pub(super) fn sketch(
    metric: Metric,
    centre: &[f32],
    vector: impl Iterator<Item = f32>,
    sketch: &mut [u64],
) -> Factors {
    let (mut inner, mut square, mut around, mut along) = (0.0_f32, 0.0_f32, 0.0_f32, 0.0_f32);
    let mut ones = 0;
    let mut numbers = vector.zip(centre);
    for word in sketch {
        *word = 0;
        for (place, (number, middle)) in numbers.by_ref().take(64).enumerate() {
            let rest = number - middle;
            inner += number * middle;
            square += number * number;
            around += rest * rest;
            along += rest.abs();
            *word |= u64::from(rest > 0.0) << place;
        }
        ones += word.count_ones();
    }
    let factor = if along > 0.0 { around / along } else { 0.0 };
    let (offset, factor) = match metric {
        Metric::Cosine | Metric::Dot => (inner, factor),
        Metric::L2 => (2.0 * inner - square, 2.0 * factor),
    };
    Factors { offset, factor, ones: ones as f32 }
}

/// A query as planes of bits.
#[derive(Debug)]
pub(super) struct SketchQuery {
    /// For each word of a sketch, its word of every plane, the lowest bit first.
    planes: Vec<[u64; PLANES]>,
    /// What a count of bits is worth, a set bit of the sketch costs, and the constant rest.
    weights: (f32, f32, f32),
}

impl SketchQuery {
    pub(super) fn new(centre: &[f32], vector: &[f32]) -> Self {
        let rest = || vector.iter().zip(centre).map(|(number, middle)| number - middle);
        let greatest = rest().fold(0.0_f32, |greatest, number| number.abs().max(greatest));
        let step = 2.0 * greatest / LEVELS;
        let mut planes = alloc::vec![[0; PLANES]; words(vector.len())];
        for (place, number) in rest().enumerate() {
            let level = if step > 0.0 { ((number + greatest) / step + 0.5) as u64 } else { 0 };
            if let Some(word) = planes.get_mut(place / 64) {
                for (bit, plane) in word.iter_mut().enumerate() {
                    *plane |= (level.min(LEVELS as u64) >> bit & 1) << (place % 64);
                }
            }
        }
        // With r = step * level - greatest and s = 2b - 1: <r, s> = 2 <r, b> - sum of r.
        Self { planes, weights: (2.0 * step, 2.0 * greatest, rest().sum()) }
    }

    pub(super) const fn words(&self) -> usize {
        self.planes.len()
    }

    /// A number that is, most likely, higher the nearer the vector of a sketch is.
    #[inline(always)]
    pub(super) fn key(&self, sketch: &[u64], factors: Factors) -> f32 {
        self.key_of(count(&self.planes, sketch), factors)
    }

    /// The keys of sketches that lie one behind the other.
    #[inline(always)]
    pub(super) fn keys(&self, sketches: &[u64], factors: &[Factors], keys: &mut [f32]) {
        // Loops of a known length are unrolled, which makes them several times as fast.
        match self.words() {
            2 => self.keys_of::<2>(sketches, factors, keys),
            4 => self.keys_of::<4>(sketches, factors, keys),
            6 => self.keys_of::<6>(sketches, factors, keys),
            8 => self.keys_of::<8>(sketches, factors, keys),
            12 => self.keys_of::<12>(sketches, factors, keys),
            16 => self.keys_of::<16>(sketches, factors, keys),
            24 => self.keys_of::<24>(sketches, factors, keys),
            words => {
                let sketches = sketches.chunks_exact(words);
                for ((key, sketch), factors) in keys.iter_mut().zip(sketches).zip(factors) {
                    *key = self.key(sketch, *factors);
                }
            }
        }
    }

    #[inline(always)]
    fn keys_of<const WORDS: usize>(&self, sketches: &[u64], factors: &[Factors], keys: &mut [f32]) {
        let Ok(planes) = <&[[u64; PLANES]; WORDS]>::try_from(self.planes.as_slice()) else {
            return;
        };
        let (sketches, _) = sketches.as_chunks::<WORDS>();
        for ((key, sketch), factors) in keys.iter_mut().zip(sketches).zip(factors) {
            *key = self.key_of(count(planes, sketch), *factors);
        }
    }

    #[inline(always)]
    fn key_of(&self, count: u32, factors: Factors) -> f32 {
        let (each, one, rest) = self.weights;
        let product = count as f32 * each - factors.ones * one - rest;
        factors.factor * product + factors.offset
    }
}

/// The sum of a query's numbers at the set bits of a sketch.
#[inline(always)]
fn count(planes: &[[u64; PLANES]], sketch: &[u64]) -> u32 {
    let mut counts = [0; PLANES];
    for (planes, word) in planes.iter().zip(sketch) {
        for (count, plane) in counts.iter_mut().zip(planes) {
            *count += (plane & word).count_ones();
        }
    }
    let [first, second, third, fourth] = counts;
    first + 2 * second + 4 * third + 8 * fourth
}
