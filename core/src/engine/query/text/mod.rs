//! Search by words: reading what was typed, asking the tables of the text index, marking what was
//! found, mending what was mistyped.

mod answer;
mod expression;
mod find;
pub(in crate::engine) mod function;
pub(in crate::engine) mod hybrid;
mod marks;
mod scope;
mod typos;

pub use answer::{Correction, Found, Hit, Marks, SearchOptions};
