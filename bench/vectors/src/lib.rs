//! Vectors of texts, and the ways to search them: ours and those of peers. For the program of this crate and for
//! `pluresdb-bench-query`.

pub mod data;
pub mod ours;
pub mod peers;
