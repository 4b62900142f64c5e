//! The arithmetic of a scan of vectors: short codes of them, how near each of many is to a query, and the
//! nearest few.
//!
//! A crate of its own since the compiler optimises by crate: pages get everything else built for size, and
//! these loops for speed. What is called from there is not inlined, or it would be built as its caller is.
//! What the numbers stand for is told by `pluresdb::vectors`, which makes them.

mod best;
mod codes;
mod lookup;
mod sketches;
mod whole;

pub use best::Best;
pub use codes::{CodeQuery, Measure};
pub use sketches::{Factors, SketchQuery, Sketches};
pub use whole::{decode, encode};
