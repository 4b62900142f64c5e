//! Codes of 8 bits a number: a vector as whole numbers and the one scale that they have in common.

use crate::types::Metric;
use alloc::vec::Vec;

/// The greatest number of a code.
const CODE_MAX: f32 = 127.0;

/// The greatest number of a query. A sum of 8,192 products of it with [`CODE_MAX`] fits in an `i32`.
const QUERY_MAX: f32 = 2047.0;

/// What of a vector is beside its code.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Measure {
    /// What a number of the code is worth.
    pub(super) scale: f32,
    /// The square of the vector's length.
    pub(super) square: f32,
}

/// Writes the code of a finite vector.
pub(super) fn encode(vector: &[f32], code: &mut [i8]) -> Measure {
    let scale = greatest(vector) / CODE_MAX;
    let inverse = inverse(scale);
    for (byte, number) in code.iter_mut().zip(vector) {
        *byte = round(number * inverse) as i8;
    }
    Measure { scale, square: vector.iter().map(|number| number * number).sum() }
}

/// The vector that a code stands for.
pub(super) fn decode(code: &[i8], scale: f32) -> impl Iterator<Item = f32> {
    code.iter().map(move |byte| f32::from(*byte) * scale)
}

/// A query as whole numbers.
#[derive(Debug)]
pub(super) struct CodeQuery {
    numbers: Vec<i16>,
    /// What a product is worth in a key, and the square of a vector's length.
    weights: (f32, f32),
}

impl CodeQuery {
    pub(super) fn new(metric: Metric, vector: &[f32]) -> Self {
        let scale = greatest(vector) / QUERY_MAX;
        let inverse = inverse(scale);
        let numbers = vector.iter().map(|number| round(number * inverse) as i16).collect();
        let weights = match metric {
            Metric::Cosine | Metric::Dot => (scale, 0.0),
            // Minus the square of the distance, but for the query's own length.
            Metric::L2 => (2.0 * scale, -1.0),
        };
        Self { numbers, weights }
    }

    pub(super) const fn dimension(&self) -> usize {
        self.numbers.len()
    }

    /// A number that is higher the nearer the vector of a code is.
    #[inline(always)]
    pub(super) fn key(&self, code: &[i8], measure: Measure) -> f32 {
        let mut sum = 0_i32;
        for (number, byte) in self.numbers.iter().zip(code) {
            sum += i32::from(*number) * i32::from(*byte);
        }
        let (product, square) = self.weights;
        sum as f32 * measure.scale * product + measure.square * square
    }
}

fn greatest(vector: &[f32]) -> f32 {
    vector.iter().fold(0.0, |greatest, number| number.abs().max(greatest))
}

/// One by a scale. A scale that has no inverse is that of a vector too small to tell from zero.
fn inverse(scale: f32) -> f32 {
    let inverse = 1.0 / scale;
    if inverse.is_finite() { inverse } else { 0.0 }
}

/// Half away from zero, once the rest behind the point is cut off.
fn round(number: f32) -> f32 {
    number + 0.5_f32.copysign(number)
}
