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
    fn is_of(&self, state: &[u8], update: Option<&[u8]>) -> bool {
        self.update.as_deref() == update && same(&self.state, state)
    }

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
        let at = recent.iter().position(|it| it.is_of(state, update))?;
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

/// Whether bytes are equal, many at a time: comparing slices in WebAssembly goes byte by byte, and took 40 % of a
/// keystroke in a text of 6,000 pieces.
pub(super) fn same(one: &[u8], other: &[u8]) -> bool {
    let ((one, one_rest), (other, other_rest)) = (one.as_chunks::<16>(), other.as_chunks::<16>());
    let equal = |(one, other): (&[u8; 16], &[u8; 16])| {
        u128::from_le_bytes(*one) == u128::from_le_bytes(*other)
    };
    one.len() == other.len() && one_rest == other_rest && one.iter().zip(other).all(equal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_the_same_when_each_is() {
        for length in [0, 1, 15, 16, 17, 100] {
            let one = alloc::vec![7_u8; length];
            assert!(same(&one, &one.clone()));
            assert!(!same(&one, &[one.clone(), [0].into()].concat()));
            for at in 0..length {
                let mut other = one.clone();
                other[at] = 8;
                assert!(!same(&one, &other), "{length} bytes, another at {at}");
            }
        }
    }
}
