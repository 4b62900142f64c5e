//! The relay over real sockets and as a real process.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

mod process;
mod refusals;
mod support;
mod sync;
