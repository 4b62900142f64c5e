//! Memory that the module asks for ahead of need.
//!
//! Each growth of the module's memory gives JavaScript a new view of the whole, which its collectors of
//! garbage count as that much taken anew. The allocator asks for 64 KiB at a time: without this they would
//! run all the time while a database grows.

use std::cell::Cell;
use std::hint::black_box;

/// The part of the memory that is asked for at once.
const PART: usize = 16;

const LEAST: usize = 1 << 19;

const PAGE: usize = 1 << 16;

thread_local! {
    /// Pages of the memory when this was last looked at.
    static KNOWN: Cell<usize> = const { Cell::new(0) };
}

/// Asks for more at once where the memory has grown. To be called before work that may take some; where
/// there is none to be had, that work tells of it.
pub(crate) fn ahead() {
    let pages = size();
    if KNOWN.get() == pages {
        return;
    }
    let mut room = Vec::<u8>::new();
    let wanted = (pages * PAGE / PART).max(LEAST);
    let _ = room.try_reserve_exact(wanted);
    // Nothing is ever in it, so the compiler would leave it out. The allocator keeps what it frees.
    drop(black_box(room));
    KNOWN.set(size());
}

#[cfg(target_family = "wasm")]
fn size() -> usize {
    core::arch::wasm32::memory_size::<0>()
}

/// Elsewhere the bindings are only compiled.
#[cfg(not(target_family = "wasm"))]
const fn size() -> usize {
    0
}
