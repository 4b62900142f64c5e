//! Sketches of one bit a number: on which side of the middle of all vectors a number lies.
//!
//! The estimate of a dot product from a sketch is that of RaBitQ (Gao and Long, 2024), without its
//! random rotation: for `r = v - centre` and the signs `s` of `r`, a query's product with `r` is
//! about its product with `s`, times `|r|^2 / <r, s>`. The query has four bits a number, so that
//! its product with the signs is a count of bits in four planes.

use crate::types::Metric;
use pluresdb_scan::{Factors, PLANES, SketchQuery};

/// Between the least and the greatest number of a query.
const LEVELS: f32 = 15.0;

/// Words of a sketch.
pub(super) const fn words(dimension: usize) -> usize {
    dimension.div_ceil(64)
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

/// A query as planes of bits, to be compared with sketches.
pub(super) fn sketch_query(centre: &[f32], vector: &[f32]) -> SketchQuery {
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
    SketchQuery { planes, each: 2.0 * step, one: 2.0 * greatest, rest: rest().sum() }
}
