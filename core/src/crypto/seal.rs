//! A checksum against damage, not against malice: whoever can write to a file can write its seals.
//!
//! XXH64 (Collet, 2012), since the seal is part of every read of a node, where a cryptographic hash
//! took longer than the search for the row. Each of its steps is a bijection of what is hashed, so
//! one flipped bit changes the lane that it is in for certain, and the seal but for one case in 2^64.

use core::hash::Hasher;
use twox_hash::XxHash64;

/// The checksum of some parts in order, little-endian. Each part goes in with its length, so that
/// parts cannot shift into each other.
#[must_use]
pub fn seal(parts: &[&[u8]]) -> [u8; 8] {
    let mut hasher = XxHash64::with_seed(0);
    for part in parts {
        hasher.write(&(part.len() as u64).to_le_bytes());
        hasher.write(part);
    }
    hasher.finish().to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn the_checksum_is_the_xxh64_of_lengths_and_parts() {
        // As another implementation of the specification gives them.
        let counted: Vec<u8> = (0..40).collect();
        assert_eq!(u64::from_le_bytes(seal(&[b"abc"])), 0xf054_5d02_a524_6fe5);
        assert_eq!(u64::from_le_bytes(seal(&[&counted])), 0x3fd2_dae0_f4b0_d228);
    }

    #[test]
    fn parts_do_not_shift_into_each_other() {
        assert_ne!(seal(&[b"a", b"bc"]), seal(&[b"ab", b"c"]));
        assert_ne!(seal(&[b"abc"]), seal(&[b"abc", b""]));
    }

    #[test]
    fn any_one_flipped_bit_changes_it() {
        let bytes: Vec<u8> = (0..700_u32).map(|at| ((at * at) >> 3) as u8).collect();
        for length in [0, 1, 7, 8, 31, 32, 33, 100, 700] {
            let mut part: Vec<u8> = bytes.iter().copied().take(length).collect();
            let sealed = seal(&[b"id", &part]);
            for at in 0..length {
                for bit in 0..8 {
                    let flip = |part: &mut Vec<u8>| {
                        part.get_mut(at).into_iter().for_each(|byte| *byte ^= 1 << bit);
                    };
                    flip(&mut part);
                    assert_ne!(seal(&[b"id", &part]), sealed, "bit {bit} of byte {at} of {length}");
                    flip(&mut part);
                }
            }
        }
    }
}
