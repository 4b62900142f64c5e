//! The texts that were open last, so that typing does not read a text anew with each key.
//!
//! A sequence is kept under the bytes that it is read from, all of them, and an update taken in on top of
//! these, if there is one. So what is found here is what reading would give: nothing depends on whether it
//! is.

use super::sequence::Sequence;
use alloc::vec::Vec;
use core::cell::RefCell;

/// Most texts kept.
const MOST: usize = 8;
/// Most bytes of them together.
const MOST_BYTES: usize = 16 << 20;

struct Recent {
    state: Vec<u8>,
    update: Option<Vec<u8>>,
    sequence: Sequence,
}

impl Recent {
    fn weight(&self) -> usize {
        self.state.len() + self.update.as_ref().map_or(0, Vec::len) + self.sequence.weight()
    }
}

std::thread_local! {
    static RECENT: RefCell<Vec<Recent>> = const { RefCell::new(Vec::new()) };
}

/// Takes out the sequence of a document's bytes with an update on top.
pub(super) fn take(state: &[u8], update: Option<&[u8]>) -> Option<Sequence> {
    RECENT.with_borrow_mut(|recent| {
        let at =
            recent.iter().position(|it| it.update.as_deref() == update && it.state == state)?;
        Some(recent.remove(at).sequence)
    })
}

/// Keeps a sequence for the next who asks.
pub(super) fn keep(state: &[u8], update: Option<&[u8]>, sequence: Sequence) {
    // Many begin empty; what a text begins with is not told by nothing.
    if state.is_empty() {
        return;
    }
    let fresh = Recent { state: state.into(), update: update.map(Into::into), sequence };
    RECENT.with_borrow_mut(|recent| {
        let mut bytes = fresh.weight();
        if bytes > MOST_BYTES {
            return;
        }
        let mut stay = recent.len();
        for it in recent.iter().rev().take(MOST - 1) {
            bytes += it.weight();
            if bytes > MOST_BYTES {
                break;
            }
            stay -= 1;
        }
        recent.drain(..stay);
        recent.push(fresh);
    });
}
