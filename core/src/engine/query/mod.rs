//! Reading: nodes and edges by id, SQL, full text, facets, the graph; statements saved by name.

pub(in crate::engine) mod authorizer;
pub(in crate::engine) mod facets;
pub(in crate::engine) mod graph;
pub(in crate::engine) mod limits;
// In WebAssembly, SQLite is built with its own.
#[cfg(not(target_family = "wasm"))]
pub(in crate::engine) mod mathematics;
pub(in crate::engine) mod meaning;
pub(in crate::engine) mod paused;
pub(in crate::engine) mod read;
pub(in crate::engine) mod reader;
pub(in crate::engine) mod saved;
pub(in crate::engine) mod sql;
pub(in crate::engine) mod statement;
pub(in crate::engine) mod stems;
pub(in crate::engine) mod table_functions;
pub(in crate::engine) mod text;
pub(in crate::engine) mod tokens;
pub(in crate::engine) mod words;
