//! The journal in IndexedDB, and a database kept by it.

mod error;
mod idb;
mod recover;
mod schema;
mod spoiled;
mod store;

pub use error::StorageError;
pub use idb::{IdbJournal, JsChunk};
pub use store::{CoreFetched, CoreStore};
