//! Live queries: statements whose rows are kept, and told anew as changes come in.
//!
//! A commit notes what it touched ([`touch`]); SQLite's authorizer has told what each statement
//! reads ([`reads`]). A statement runs again only where the two meet: it is found by the views that
//! it reads ([`readers`]). One that asks a type for the rows with some value is found by that value
//! ([`routes`]), and one without order, limit or aggregate takes the changed rows in without running
//! anew ([`shape`]).

mod affected;
pub(in crate::engine) mod delta;
pub(in crate::engine) mod query;
pub(in crate::engine) mod readers;
pub(in crate::engine) mod reads;
pub(in crate::engine) mod routes;
pub(in crate::engine) mod set;
pub(in crate::engine) mod shape;
pub(in crate::engine) mod touch;
