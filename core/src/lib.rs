//! PluresDB.
#![cfg_attr(not(any(feature = "std", test)), no_std)]
extern crate alloc;

pub mod codec;
pub mod crypto;
pub mod model;
