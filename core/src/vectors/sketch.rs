//! Sketches of one bit a number: on which side of the middle of all vectors a number lies.
//!
//! The estimate of a dot product from a sketch is that of RaBitQ (Gao and Long, 2024), without its
//! random rotation: for `r = v - centre` and the signs `s` of `r`, a query's product with `r` is
//! about its product with `s`, times `|r|^2 / <r, s>`. The query has four bits a number, so that
//! its product with the signs is a sum of small whole numbers at the set bits.

use crate::types::Metric;
use alloc::vec::Vec;
use pluresdb_scan::{Factors, SketchQuery};

/// Between the least and the greatest number of a query.
const LEVELS: f32 = 15.0;

/// Writes the sketch of a vector, eight numbers a byte.
pub(super) fn sketch<'a>(
    metric: Metric,
    centre: &[f32],
    vector: impl Iterator<Item = f32>,
    sketch: impl Iterator<Item = &'a mut u8>,
) -> Factors {
    let (mut inner, mut square, mut around, mut along) = (0.0_f32, 0.0_f32, 0.0_f32, 0.0_f32);
    let mut ones = 0;
    let mut numbers = vector.zip(centre);
    for byte in sketch {
        *byte = 0;
        for (bit, (number, middle)) in numbers.by_ref().take(8).enumerate() {
            let rest = number - middle;
            inner += number * middle;
            square += number * number;
            around += rest * rest;
            along += rest.abs();
            *byte |= u8::from(rest > 0.0) << bit;
        }
        ones += byte.count_ones();
    }
    let factor = if along > 0.0 { around / along } else { 0.0 };
    let (offset, factor) = match metric {
        Metric::Cosine | Metric::Dot => (inner, factor),
        Metric::L2 => (2.0 * inner - square, 2.0 * factor),
    };
    Factors { offset, factor, ones: ones as f32 }
}

/// A query as numbers of four bits, to be compared with sketches.
pub(super) fn sketch_query(centre: &[f32], vector: &[f32]) -> SketchQuery {
    let rest = || vector.iter().zip(centre).map(|(number, middle)| number - middle);
    let greatest = rest().fold(0.0_f32, |greatest, number| number.abs().max(greatest));
    let step = 2.0 * greatest / LEVELS;
    let level = |number: f32| {
        let level = if step > 0.0 { (number + greatest) / step + 0.5 } else { 0.0 };
        level.min(LEVELS) as u8
    };
    let levels: Vec<u8> = rest().map(level).collect();
    // With r = step * level - greatest and s = 2b - 1: <r, s> = 2 <r, b> - sum of r.
    SketchQuery::new(&levels, 2.0 * step, 2.0 * greatest, rest().sum())
}
