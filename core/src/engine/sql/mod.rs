//! SQL that writes: statements on the views become operations of a transaction.
//!
//! A statement runs against triggers on the view that capture its rows and change nothing; what was
//! captured is then done by the same calls that programs use. `docs/decisions/0018` says why.

mod apply;
pub(in crate::engine) mod capture;
pub(in crate::engine) mod execute;
mod explain;
mod on_conflict;
mod parameters;
pub(in crate::engine) mod script;
mod shape;
mod target;
mod triggers;
mod upsert;
mod values;

use crate::embed::Embedder;
use crate::engine::error::Error;
use crate::engine::query::authorizer::Guard;
use crate::engine::query::limits::Limiter;
#[cfg(not(target_family = "wasm"))]
use crate::engine::query::mathematics;
use crate::engine::query::table_functions::calls::Calls;
use crate::engine::vectors::Held;
use capture::Capture;
use rusqlite::Connection;
use std::cell::RefCell;
use std::fmt;

/// What statements of users run under, and what the functions that they call look into.
pub(in crate::engine) struct SqlParts {
    pub(in crate::engine) guard: Guard,
    /// Of table functions, in the statements that run.
    pub(in crate::engine) calls: Calls,
    pub(in crate::engine) capture: Capture,
    pub(in crate::engine) limiter: Limiter,
    /// Filled by searches, which only read.
    pub(in crate::engine) held: RefCell<Held>,
    /// Makes vectors of texts that statements search for.
    pub(in crate::engine) embedder: Option<Box<dyn Embedder>>,
}

impl SqlParts {
    /// Gives a connection what they need of it.
    pub(in crate::engine) fn install(
        conn: &mut Connection,
        clock: Option<fn() -> u64>,
    ) -> Result<Self, Error> {
        #[cfg(not(target_family = "wasm"))]
        mathematics::install(conn)?;
        Ok(Self {
            guard: Guard::install(conn)?,
            calls: Calls::install(conn)?,
            limiter: Limiter::install(conn, clock)?,
            capture: Capture::install(conn)?,
            held: RefCell::default(),
            embedder: None,
        })
    }
}

impl fmt::Debug for SqlParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SqlParts")
    }
}
