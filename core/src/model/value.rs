//! Values of fields.

use super::gather::{gather, try_gather};
use super::limits::MAX_DEPTH;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

/// The fields of an object, sorted by key.
pub type Map = BTreeMap<String, Value>;

/// An object of these fields.
///
/// ```
/// # use pluresdb::{object, Value};
/// let note = object([("title", "Milk".into()), ("count", 2.into())]);
/// assert_eq!(note.get("count"), Some(&Value::Int(2)));
/// ```
#[must_use]
pub fn object<const N: usize>(fields: [(&str, Value); N]) -> Map {
    gather(fields.into_iter().map(|(key, value)| (key.into(), value)))
}

/// A value of a field.
///
/// A number has one representation: whole numbers within ±2^53 are [`Value::Int`], whatever
/// spelling they arrived in, so that Rust, JavaScript and JSON agree on equality. Minus zero and
/// everything else that is finite is a [`Value::Float`]. NaN and infinities are refused.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Nothing, on purpose.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A finite number that is not whole, or beyond ±2^53, or minus zero.
    Float(f64),
    /// Unicode text.
    Text(String),
    /// Raw bytes; `{"$bytes": "<base64>"}` in JSON.
    Bytes(Vec<u8>),
    /// A list, replaced as a whole.
    Array(Vec<Self>),
    /// An object, merged key by key.
    Object(Map),
}

/// Why a value cannot be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// NaN or an infinity.
    #[error("the number is NaN or infinite, which JSON and SQL cannot hold; store null or a text")]
    NotFinite,
    /// Nested deeper than [`MAX_DEPTH`].
    #[error("the value is nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
    /// An object key that JSON uses to spell bytes.
    #[error("`{BYTES_KEY}` is the key that spells bytes in JSON; name the field otherwise")]
    ReservedKey,
    /// An object where only scalars, lists and empty objects can be.
    #[error("an object with fields is not one value here; write its fields one by one")]
    WholeObject,
    /// An integer that 64 bits with a sign cannot hold.
    #[error("the whole number does not fit in 64 bits; store it as a text")]
    TooLarge,
}

/// The key of the object that stands for bytes in JSON.
pub const BYTES_KEY: &str = "$bytes";

const MAX_SAFE: f64 = 9_007_199_254_740_992.0;

impl Value {
    /// A number in its one representation.
    #[expect(clippy::cast_possible_truncation, reason = "whole and within 2^53: exact")]
    pub fn number(number: f64) -> Result<Self, ValueError> {
        if !number.is_finite() {
            return Err(ValueError::NotFinite);
        }
        let minus_zero = number == 0.0 && number.is_sign_negative();
        let within = (-MAX_SAFE..=MAX_SAFE).contains(&number);
        // `f64::fract` needs std; the round trip through i64 is exact in this range.
        if within && !minus_zero && number as i64 as f64 == number {
            return Ok(Self::Int(number as i64));
        }
        Ok(Self::Float(number))
    }

    /// A vector as a list of numbers, each the shortest decimal that is this 32-bit float: 0.1, not
    /// 0.10000000149011612, which takes twice the room and says no more.
    ///
    /// ```
    /// # use pluresdb::Value;
    /// let vector = Value::vector(&[0.1, 2.0])?;
    /// assert_eq!(vector, Value::Array(vec![Value::Float(0.1), Value::Int(2)]));
    /// # Ok::<(), pluresdb::model::ValueError>(())
    /// ```
    ///
    /// # Errors
    /// [`ValueError::NotFinite`].
    pub fn vector(vector: &[f32]) -> Result<Self, ValueError> {
        let number = |number: &f32| {
            let exact = f64::from(*number);
            let short = alloc::format!("{number:e}").parse().unwrap_or(exact);
            #[expect(
                clippy::cast_possible_truncation,
                reason = "it is asked whether it is the same"
            )]
            let is_same = short as f32 == *number;
            Self::number(if is_same { short } else { exact })
        };
        Ok(Self::Array(vector.iter().map(number).collect::<Result<_, _>>()?))
    }

    /// The value with every number in its one representation, or why it cannot be stored.
    pub fn checked(self) -> Result<Self, ValueError> {
        self.checked_at(0)
    }

    fn checked_at(self, depth: usize) -> Result<Self, ValueError> {
        if depth > MAX_DEPTH {
            return Err(ValueError::TooDeep);
        }
        Ok(match self {
            Self::Float(number) => Self::number(number)?,
            Self::Array(items) => Self::Array(
                items
                    .into_iter()
                    .map(|item| item.checked_at(depth + 1))
                    .collect::<Result<_, _>>()?,
            ),
            Self::Object(map) if map.contains_key(BYTES_KEY) => {
                return Err(ValueError::ReservedKey);
            }
            Self::Object(map) => Self::Object(try_gather(
                map.into_iter()
                    .map(|(key, value)| value.checked_at(depth + 1).map(|value| (key, value))),
            )?),
            other => other,
        })
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<i32> for Value {
    fn from(value: i32) -> Self {
        Self::Int(value.into())
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.into())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<Vec<u8>> for Value {
    fn from(value: Vec<u8>) -> Self {
        Self::Bytes(value)
    }
}

impl From<Map> for Value {
    fn from(value: Map) -> Self {
        Self::Object(value)
    }
}

impl From<Vec<Self>> for Value {
    fn from(value: Vec<Self>) -> Self {
        Self::Array(value)
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl<const N: usize> From<[(&str, Self); N]> for Value {
    fn from(fields: [(&str, Self); N]) -> Self {
        Self::Object(object(fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_number_is_an_int_however_it_was_spelled() {
        assert_eq!(Value::number(1.0), Ok(Value::Int(1)));
        assert_eq!(Value::number(-9_007_199_254_740_992.0), Ok(Value::Int(-(1 << 53))));
        assert_eq!(Value::number(1e300), Ok(Value::Float(1e300)));
        assert_eq!(Value::number(0.5), Ok(Value::Float(0.5)));
    }

    #[test]
    fn minus_zero_keeps_its_sign() {
        let Ok(Value::Float(zero)) = Value::number(-0.0) else { panic!("a float") };
        assert!(zero.is_sign_negative());
    }

    #[test]
    fn the_numbers_of_a_vector_are_short_and_the_same() {
        let numbers = [0.1, -0.3, 1e-45, f32::MAX, 16_777_217.0, -0.0, 3.0, 1.0e15];
        let Ok(Value::Array(values)) = Value::vector(&numbers) else { panic!("a list") };
        for (number, value) in numbers.iter().zip(&values) {
            let read = match value {
                Value::Int(whole) => *whole as f32,
                Value::Float(float) => *float as f32,
                other => panic!("{other:?} is no number"),
            };
            assert_eq!(read.to_bits(), number.to_bits());
        }
        assert_eq!(values[0], Value::Float(0.1));
        assert_eq!(Value::vector(&[1.0, f32::NAN]), Err(ValueError::NotFinite));
    }

    proptest::proptest! {
        #[test]
        fn every_number_of_a_vector_is_read_back(bits: u32) {
            let number = f32::from_bits(bits);
            if let Ok(Value::Array(values)) = Value::vector(&[number]) {
                let read = match &values[0] {
                    Value::Int(whole) => *whole as f32,
                    Value::Float(float) => *float as f32,
                    other => panic!("{other:?} is no number"),
                };
                proptest::prop_assert_eq!(read.to_bits(), bits);
            }
        }
    }

    #[test]
    fn nan_inside_a_list_is_refused() {
        let list = Value::Array(alloc::vec![Value::Float(f64::NAN)]);
        assert_eq!(list.checked(), Err(ValueError::NotFinite));
    }
}
