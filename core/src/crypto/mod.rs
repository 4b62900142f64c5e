//! Pure cryptography: hashing now; randomness, where it comes, is an argument.

mod hash;

pub use hash::{SetHash, hash_record, seal};
