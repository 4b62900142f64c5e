//! Pure cryptography: hashing now; randomness, where it comes, is an argument.

mod hash;
mod seal;

pub use hash::{SetHash, hash_record};
pub use seal::seal;
