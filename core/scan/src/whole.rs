//! A vector as whole numbers, and the one scale that they have in common.

use super::codes::{CodeQuery, Measure};

/// The greatest number of a code.
const CODE_MAX: f32 = 127.0;

/// The greatest number of a query. A sum of 8,192 products of it with [`CODE_MAX`] fits in an `i32`.
const QUERY_MAX: f32 = 2047.0;

/// Sums are made side by side, so that they are computed at once. In one order, so that every machine
/// gives the same.
const LANES: usize = 8;

impl CodeQuery {
    /// The query of a vector. `product` is what its product with another is worth in a key, `square` what
    /// the square of the other's length is.
    #[must_use]
    pub fn new(vector: &[f32], product: f32, square: f32) -> Self {
        let scale = greatest(vector) / QUERY_MAX;
        let inverse = inverse(scale);
        let numbers = vector.iter().map(|number| round(number * inverse) as i16).collect();
        Self { numbers, product: product * scale, square }
    }
}

/// Writes the code of a finite vector.
#[inline(never)]
pub fn encode(vector: &[f32], code: &mut [i8]) -> Measure {
    let scale = greatest(vector) / CODE_MAX;
    let inverse = inverse(scale);
    for (byte, number) in code.iter_mut().zip(vector) {
        // Never beyond what a byte holds, and so not cut; the way over 32 bits is an instruction for several.
        *byte = round(number * inverse) as i32 as i8;
    }
    Measure { scale, square: square(vector) }
}

/// The vector that a code stands for.
pub fn decode(code: &[i8], scale: f32) -> impl Iterator<Item = f32> {
    code.iter().map(move |byte| f32::from(*byte) * scale)
}

fn greatest(vector: &[f32]) -> f32 {
    let take = |greatest: &mut f32, number: f32| {
        if number > *greatest {
            *greatest = number;
        }
    };
    let (chunks, rest) = vector.as_chunks::<LANES>();
    let mut lanes = [0.0; LANES];
    for chunk in chunks {
        for (lane, number) in lanes.iter_mut().zip(chunk) {
            take(lane, number.abs());
        }
    }
    let mut greatest = 0.0;
    for number in lanes.into_iter().chain(rest.iter().map(|number| number.abs())) {
        take(&mut greatest, number);
    }
    greatest
}

fn square(vector: &[f32]) -> f32 {
    let (chunks, rest) = vector.as_chunks::<LANES>();
    let mut lanes = [0.0; LANES];
    for chunk in chunks {
        for (lane, number) in lanes.iter_mut().zip(chunk) {
            *lane += number * number;
        }
    }
    lanes.into_iter().chain(rest.iter().map(|number| number * number)).sum()
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_code_stands_for_its_vector(
            vector in prop::collection::vec(-1e15_f32..1e15, 1..40),
            exponent in -50_i32..1,
        ) {
            let vector: Vec<f32> = vector.iter().map(|n| n * 10_f32.powi(exponent)).collect();
            let mut code = vec![0; vector.len()];
            let measure = encode(&vector, &mut code);
            let most = vector.iter().fold(0.0_f32, |most, n| most.max(n.abs()));
            // Below, a step of the code is no normal number.
            if most > 1e-35 {
                for (number, like) in vector.iter().zip(decode(&code, measure.scale)) {
                    prop_assert!((number - like).abs() <= most / 127.0 * 0.501, "{number} {like}");
                }
                let square: f64 = vector.iter().map(|n| f64::from(*n) * f64::from(*n)).sum();
                prop_assert!((f64::from(measure.square) - square).abs() <= square * 1e-5 + 1e-38);
            }
        }
    }

    #[test]
    fn what_is_too_small_to_tell_from_zero_is_zero() {
        let mut code = [1; 3];
        let measure = encode(&[f32::MIN_POSITIVE / 1e7, 0.0, 0.0], &mut code);
        assert_eq!((code, measure.square), ([0; 3], 0.0));
    }
}
