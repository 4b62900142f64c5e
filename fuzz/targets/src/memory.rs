//! Bounded memory: how much a reader allocated at most, against what its input allows.

use peak_alloc::PeakAlloc;
use std::sync::{Mutex, PoisonError};

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// The peak is one number for the whole process: one reader at a time.
static ONE: Mutex<()> = Mutex::new(());

/// What a reader may allocate: so much at once, and so much for each byte of its input.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bound {
    pub(crate) fixed: usize,
    pub(crate) per_byte: usize,
}

impl Bound {
    /// For readers whose values take some machine words for each byte at most: a tag of one byte
    /// becomes an enum of 32, in a list that doubles as it grows.
    pub(crate) const SMALL: Self = Self { fixed: 4 * 1024, per_byte: 256 };

    /// Runs a reader over `bytes` and panics where it took more.
    pub(crate) fn check<R>(self, bytes: &[u8], read: impl FnOnce() -> R) -> R {
        let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
        let before = ALLOCATOR.current_usage();
        ALLOCATOR.reset_peak_usage();
        let result = read();
        let used = ALLOCATOR.peak_usage().saturating_sub(before);
        let limit = self.fixed + self.per_byte * bytes.len();
        assert!(
            used <= limit,
            "reading {} bytes took {used} bytes of memory, more than {limit}",
            bytes.len()
        );
        result
    }
}
