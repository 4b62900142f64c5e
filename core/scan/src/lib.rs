//! The arithmetic of a scan of vectors: how near each of many short codes is to a query.
//!
//! A crate of its own since the compiler optimises by crate: pages get everything else built for size, and
//! these loops for speed. What the numbers stand for is told by `pluresdb::vectors`, which makes them.

mod codes;
mod sketches;

pub use codes::{CodeQuery, Measure};
pub use sketches::{Factors, PLANES, SketchQuery};
