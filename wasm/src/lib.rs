//! PluresDB for JavaScript: what the npm package `pluresdb` calls.
//!
//! The bindings convert and call; merging, storage and SQL are in `pluresdb`, and what an
//! application sees (promises, listeners, batches, reconnects) is in the package's TypeScript.

mod asked;
mod convert;
mod database;
mod embedding;
mod env;
mod error;
mod fields;
mod graph;
mod journal;
mod live;
mod memory;
mod nearest;
mod past;
mod rows;
mod search;
mod sql;
mod sync;
mod transaction;
mod types;

pub use database::{CoreDatabase, CoreExport};
pub use embedding::CorePending;
pub use error::{Fault, Outcome};
pub use journal::{CoreFetched, CoreStore, IdbJournal, JsChunk, StorageError};
pub use rows::CoreRows;
pub use search::CoreSearch;
pub use sync::CoreSync;
pub use transaction::CoreTransaction;

/// Joins the memory that it asks for piece by piece, so that freed room serves whatever comes next:
/// `docs/decisions/0033`.
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

/// Runs once when the module is loaded: a panic is told with its place instead of `unreachable`.
#[wasm_bindgen::prelude::wasm_bindgen(start)]
pub fn start() {
    console_error_panic_hook::set_once();
}
