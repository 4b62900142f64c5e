//! Numbers and values compared by what they are worth, not by how they are held.

use crate::model::Value;
use core::cmp::Ordering;

/// 2^63, the first float beyond every `i64`.
const BEYOND: f64 = 9_223_372_036_854_775_808.0;

/// 2^53: from here on every float is whole.
const ALL_WHOLE: f64 = 9_007_199_254_740_992.0;

/// The exact order of two numbers; `None` where one of them is none.
pub(super) fn compare(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Int(left), Value::Int(right)) => Some(left.cmp(right)),
        (Value::Float(left), Value::Float(right)) => left.partial_cmp(right),
        (Value::Int(left), Value::Float(right)) => compare_mixed(*left, *right),
        (Value::Float(left), Value::Int(right)) => {
            compare_mixed(*right, *left).map(Ordering::reverse)
        }
        _ => None,
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the float lies within i64 here")]
#[expect(clippy::cast_precision_loss, reason = "the truncated float was a float, so it is exact")]
fn compare_mixed(int: i64, float: f64) -> Option<Ordering> {
    if float.is_nan() {
        return None;
    }
    if float >= BEYOND {
        return Some(Ordering::Less);
    }
    if float < -BEYOND {
        return Some(Ordering::Greater);
    }
    let whole = float as i64;
    Some(int.cmp(&whole).then_with(|| {
        // What was cut off decides: `whole` is nearer to zero than the float.
        (whole as f64).partial_cmp(&float).unwrap_or(Ordering::Equal)
    }))
}

/// Whether the value is a number.
pub(super) const fn is_number(value: &Value) -> bool {
    match value {
        Value::Int(_) => true,
        Value::Float(number) => number.is_finite(),
        _ => false,
    }
}

/// Whether the value is a whole number.
#[expect(clippy::cast_possible_truncation, reason = "the float lies within i64 here")]
pub(super) fn is_whole(value: &Value) -> bool {
    match value {
        Value::Int(_) => true,
        Value::Float(number) if !number.is_finite() => false,
        Value::Float(number) => {
            *number >= ALL_WHOLE || *number <= -ALL_WHOLE || (*number as i64) as f64 == *number
        }
        _ => false,
    }
}

/// Whether two values are equal, numbers by their worth: 1 is 1.0, and minus zero is zero.
pub(super) fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len()
                && left.iter().zip(right).all(|(left, right)| same(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .zip(right)
                    .all(|((left_key, left), (key, right))| left_key == key && same(left, right))
        }
        _ => left == right || compare(left, right) == Some(Ordering::Equal),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_and_broken_numbers_compare_exactly() {
        let order = |left: Value, right: Value| compare(&left, &right);
        let big = (1_i64 << 53) + 1;
        assert_eq!(order(Value::Int(big), Value::Float(ALL_WHOLE)), Some(Ordering::Greater));
        assert_eq!(order(Value::Int(-1), Value::Float(-1.5)), Some(Ordering::Greater));
        assert_eq!(order(Value::Float(1.5), Value::Int(1)), Some(Ordering::Greater));
        assert_eq!(order(Value::Int(i64::MAX), Value::Float(BEYOND)), Some(Ordering::Less));
        assert_eq!(order(Value::Int(i64::MIN), Value::Float(-BEYOND)), Some(Ordering::Equal));
        assert_eq!(order(Value::Int(i64::MIN), Value::Float(-1e300)), Some(Ordering::Greater));
        assert_eq!(order(Value::Int(0), Value::Float(f64::NAN)), None);
    }

    #[test]
    fn a_float_is_whole_when_nothing_follows_the_point() {
        assert!(is_whole(&Value::Float(1e300)));
        assert!(is_whole(&Value::Float(-0.0)));
        assert!(!is_whole(&Value::Float(0.5)));
        assert!(!is_whole(&Value::Float(f64::INFINITY)));
    }

    #[test]
    fn equality_looks_at_worth_inside_lists_and_objects() {
        let left = Value::Array(alloc::vec![Value::from([("a", Value::Float(1.0))])]);
        let right = Value::Array(alloc::vec![Value::from([("a", Value::Int(1))])]);
        assert!(same(&left, &right));
        let other = Value::Array(alloc::vec![Value::from([("b", Value::Int(1))])]);
        assert!(!same(&left, &other));
        assert!(!same(&Value::Null, &Value::Int(0)));
    }
}
