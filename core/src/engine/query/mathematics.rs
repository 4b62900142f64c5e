//! The mathematical functions of SQLite, which are in its build for WebAssembly alone: `sqrt`, `pow`,
//! `log`, `floor` and so on, with the answers that SQLite's own give.

use crate::engine::error::Error;
use rusqlite::Connection;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::{Value, ValueRef};
use std::f64::consts::PI;

type One = fn(f64) -> f64;
type Two = fn(f64, f64) -> f64;

/// Functions of one number. What is not a number is NULL in SQLite.
const OF_ONE: [(&str, One); 20] = [
    ("acos", f64::acos),
    ("acosh", f64::acosh),
    ("asin", f64::asin),
    ("asinh", f64::asinh),
    ("atan", f64::atan),
    ("atanh", f64::atanh),
    ("cos", f64::cos),
    ("cosh", f64::cosh),
    ("degrees", f64::to_degrees),
    ("exp", f64::exp),
    ("ln", |x| above_zero(x).ln()),
    ("log", |x| above_zero(x).log10()),
    ("log10", |x| above_zero(x).log10()),
    ("log2", |x| above_zero(x).log2()),
    ("radians", f64::to_radians),
    ("sin", f64::sin),
    ("sinh", f64::sinh),
    ("sqrt", f64::sqrt),
    ("tan", f64::tan),
    ("tanh", f64::tanh),
];

/// Functions of two numbers.
const OF_TWO: [(&str, Two); 5] = [
    ("atan2", f64::atan2),
    ("log", |base, x| match above_zero(base).ln() {
        base if base > 0.0 => above_zero(x).ln() / base,
        _ => f64::NAN,
    }),
    ("mod", |x, y| x % y),
    ("pow", f64::powf),
    ("power", f64::powf),
];

/// Functions that give a whole number near to one, and leave a whole number as it is.
const ROUNDING: [(&str, One); 4] =
    [("ceil", f64::ceil), ("ceiling", f64::ceil), ("floor", f64::floor), ("trunc", f64::trunc)];

/// Defines the functions.
pub(in crate::engine) fn install(conn: &Connection) -> Result<(), Error> {
    let flags = FunctionFlags::SQLITE_UTF8
        | FunctionFlags::SQLITE_DETERMINISTIC
        | FunctionFlags::SQLITE_INNOCUOUS;
    for (name, function) in OF_ONE {
        conn.create_scalar_function(name, 1, flags, move |context| {
            Ok(number(context, 0).map(function))
        })?;
    }
    for (name, function) in OF_TWO {
        conn.create_scalar_function(name, 2, flags, move |context| {
            let both = number(context, 0).zip(number(context, 1));
            Ok(both.map(|(x, y)| function(x, y)))
        })?;
    }
    for (name, function) in ROUNDING {
        conn.create_scalar_function(name, 1, flags, move |context| {
            Ok(match numeric(context, 0) {
                Value::Real(x) => Value::Real(function(x)),
                other => other,
            })
        })?;
    }
    conn.create_scalar_function("pi", 0, flags, |_| Ok(PI))?;
    Ok(())
}

/// The number, where it is above zero.
fn above_zero(x: f64) -> f64 {
    if x > 0.0 { x } else { f64::NAN }
}

fn number(context: &Context<'_>, at: usize) -> Option<f64> {
    match numeric(context, at) {
        Value::Integer(number) => Some(number as f64),
        Value::Real(number) => Some(number),
        _ => None,
    }
}

/// An argument as a number, as which a text that spells one counts; else NULL.
fn numeric(context: &Context<'_>, at: usize) -> Value {
    match context.get_raw(at) {
        ValueRef::Integer(number) => Value::Integer(number),
        ValueRef::Real(number) => Value::Real(number),
        ValueRef::Text(text) => std::str::from_utf8(text).map_or(Value::Null, spelled),
        ValueRef::Null | ValueRef::Blob(_) => Value::Null,
    }
}

fn spelled(text: &str) -> Value {
    let text = text.trim_matches([' ', '\t', '\n', '\x0b', '\x0c', '\r']);
    // What Rust reads as well: infinity, and what is not a number.
    if text.contains(|letter: char| letter.is_ascii_alphabetic() && !"eE".contains(letter)) {
        return Value::Null;
    }
    let whole = text.parse().map(Value::Integer);
    whole.or_else(|_| text.parse().map(Value::Real)).unwrap_or(Value::Null)
}
