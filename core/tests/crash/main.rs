//! Crashes and failing disks: a workload of 300 transactions on each storage, stopped at every
//! write with any part of what was not yet durable lost, and single bits flipped anywhere.
//!
//! What must hold after a crash: every acknowledged transaction is there, none is there by half,
//! the log is a chain without gaps, and writing goes on behind it. What must hold after a flipped
//! bit: it is noticed, or all content is as it was.
//!
//! A run takes a sample; with `PLURESDB_EVERY_CRASH=1` it takes every point. `PLURESDB_CRASH_SEED=7`
//! takes other points, and leaves other parts of what was not durable.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by a panic")]

mod directory;
mod disk;
mod draw;
mod flips;
mod memory;
mod recover;
mod sqlite;
mod workload;

use std::sync::OnceLock;

/// The points to try: every one, or about `sample` of them, drawn the same way each time.
fn points(count: usize, sample: usize) -> impl Iterator<Item = usize> {
    let every = std::env::var_os("PLURESDB_EVERY_CRASH").is_some();
    let one_in = if every { 1 } else { count.div_ceil(sample).max(1) };
    (0..count)
        .filter(move |point| draw::Draw::new(*point as u64 + (seed() << 32)).below(one_in) == 0)
}

/// What draws begin from.
fn seed() -> u64 {
    static SEED: OnceLock<u64> = OnceLock::new();
    *SEED.get_or_init(|| match std::env::var("PLURESDB_CRASH_SEED") {
        Ok(seed) => seed.parse().unwrap(),
        Err(_) => 0,
    })
}

/// A folder for files whose syncs cost nothing, where the system has one: a crash is made here,
/// not waited for.
fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}
