//! The numbers of a vector: which values are one, and which numbers can be in one.

use super::definition::{MAX_VECTOR_NUMBER, Metric, Vector};
use super::number::is_number;
use crate::model::Value;
use alloc::vec::Vec;

impl Vector {
    /// The numbers of a value that is a vector of this field, as 32-bit floats; `None` where it breaks
    /// the type.
    #[must_use]
    pub fn numbers(&self, value: &Value) -> Option<Vec<f32>> {
        let Value::Array(numbers) = value else { return None };
        if numbers.len() as u64 != u64::from(self.dimension) || self.lacks_direction(numbers) {
            return None;
        }
        let fits = |number: &Value| is_number(number) && beyond(number).is_none();
        numbers.iter().map(|number| fits(number).then(|| single(number))).collect()
    }

    /// Whether these are all zeros, or too small to be told from zero, where the angle counts.
    pub(super) fn lacks_direction(&self, numbers: &[Value]) -> bool {
        self.metric == Metric::Cosine && numbers.iter().all(|number| single(number) == 0.0)
    }
}

/// Whether a number can be in a vector: see [`MAX_VECTOR_NUMBER`].
#[must_use]
pub const fn is_in_vector(number: f32) -> bool {
    // False for NaN too.
    number.abs() as f64 <= MAX_VECTOR_NUMBER
}

/// Which bound of a vector's numbers a number is beyond.
pub(super) fn beyond(number: &Value) -> Option<Beyond> {
    let number = double(number);
    match () {
        () if number < -MAX_VECTOR_NUMBER => Some(Beyond::Least),
        () if number > MAX_VECTOR_NUMBER => Some(Beyond::Greatest),
        () => None,
    }
}

/// The bound that a number is beyond.
pub(super) enum Beyond {
    Least,
    Greatest,
}

#[expect(clippy::cast_possible_truncation, reason = "vectors are compared as 32-bit floats")]
const fn single(number: &Value) -> f32 {
    double(number) as f32
}

#[expect(clippy::cast_precision_loss, reason = "a vector's numbers are floats")]
const fn double(number: &Value) -> f64 {
    match number {
        Value::Int(number) => *number as f64,
        Value::Float(number) => *number,
        _ => 0.0,
    }
}
