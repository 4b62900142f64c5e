//! SQL that writes: statements on the views become operations of a transaction.
//!
//! A statement runs against triggers on the view that capture its rows and change nothing; what was
//! captured is then done by the same calls that programs use. `docs/decisions/0018` says why.

mod apply;
pub(in crate::engine) mod capture;
pub(in crate::engine) mod execute;
mod explain;
pub(in crate::engine) mod script;
mod shape;
mod target;
mod triggers;
mod values;

use crate::engine::query::authorizer::Guard;
use crate::engine::query::limits::Limiter;
use capture::Capture;

/// What statements of users run under while a transaction is open.
#[derive(Debug, Clone, Copy)]
pub(in crate::engine) struct SqlParts<'c> {
    pub(in crate::engine) guard: &'c Guard,
    pub(in crate::engine) capture: &'c Capture,
    pub(in crate::engine) limiter: &'c Limiter,
}
