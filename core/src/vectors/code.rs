//! Codes of 8 bits a number: a vector as whole numbers and the one scale that they have in common.

use crate::types::Metric;
use pluresdb_scan::{CodeQuery, Measure};

/// The greatest number of a code.
const CODE_MAX: f32 = 127.0;

/// The greatest number of a query. A sum of 8,192 products of it with [`CODE_MAX`] fits in an `i32`.
const QUERY_MAX: f32 = 2047.0;

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

/// A query as whole numbers, to be compared with codes.
pub(super) fn code_query(metric: Metric, vector: &[f32]) -> CodeQuery {
    let scale = greatest(vector) / QUERY_MAX;
    let inverse = inverse(scale);
    let numbers = vector.iter().map(|number| round(number * inverse) as i16).collect();
    match metric {
        Metric::Cosine | Metric::Dot => CodeQuery { numbers, product: scale, square: 0.0 },
        // Minus the square of the distance, but for the query's own length.
        Metric::L2 => CodeQuery { numbers, product: 2.0 * scale, square: -1.0 },
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
