//! The journal in IndexedDB, and a database kept by it.

mod error;
mod idb;
mod outbox;
mod recover;
mod schema;
mod store;
mod succession;

pub use error::StorageError;
pub use idb::IdbJournal;
pub use store::CoreStore;
