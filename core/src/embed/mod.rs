//! Vectors of texts: what an embedding model must do, and one model that needs no server.
//!
//! A model is asked for the vectors of some texts and says its name, so that vectors of another
//! model are told apart. [`StaticModel`] is a table of word pieces and works offline; any other
//! model is one more [`Embedder`].
//!
//! This layer knows texts and numbers alone: no nodes, no types, no storage.

mod embedder;
#[cfg(feature = "embed")]
mod static_model;

pub use embedder::{EmbedError, Embedder, Vectors};
#[cfg(feature = "embed")]
pub use static_model::{ModelError, STATIC_EN_256, StaticModel};
