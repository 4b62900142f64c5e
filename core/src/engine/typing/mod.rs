//! Types in the database: definitions, how nodes read under them, and what does not fit.

pub(in crate::engine) mod define;
pub(in crate::engine) mod typed;
pub(in crate::engine) mod violations;
