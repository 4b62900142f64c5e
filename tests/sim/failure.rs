//! What a run ends with when a promise was broken.

use std::fmt;

/// A broken promise.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    /// Which promise; also what tells one failure from another while a plan is made smaller.
    pub(crate) invariant: &'static str,
    /// What was found.
    pub(crate) detail: String,
}

pub(crate) type Checked<T = ()> = Result<T, Failure>;

/// A failure as an error.
pub(crate) fn broken<T>(invariant: &'static str, detail: impl fmt::Display) -> Checked<T> {
    Err(Failure { invariant, detail: detail.to_string() })
}

/// What the engine must never answer here.
pub(crate) fn engine<T>(result: Result<T, pluresdb::Error>) -> Checked<T> {
    result.or_else(|error| broken("the engine takes what it must", format!("{error} ({error:?})")))
}
