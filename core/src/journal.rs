//! The journal: what makes a database in memory durable.
//!
//! It holds *records* behind a *checkpoint*. A record is appended, durably, before its commit is
//! acknowledged; a checkpoint is an image of the whole database, taken now and then, so that
//! opening need not read every record ever written. Opening is [`load`], then the records behind
//! what was loaded.
//!
//! Nothing here knows what an image or a record means, or who writes them. A record carries its
//! own hash chain and is checked by whoever applies it; an image is checked here, chunk by chunk.
//!
//! # Why two checkpoints
//!
//! The checkpoint before the newest is kept, with every record behind *it*. So a newest one that
//! turns out damaged costs time and no data. See [`Rotation`] for the rule that all
//! implementations share.
//!
//! # Why async, when core is not
//!
//! Storage in a browser has no blocking calls at all, and a journal is the one part of core's
//! vocabulary that touches it. The functions here await nothing but the journal and the pause
//! they are given, so any executor will do, also one that polls once.

mod directory;
#[cfg(feature = "native")]
mod files;
mod group;
mod image;
mod manifest;
mod memory;
mod pack;
mod rotation;
mod segment;

pub use directory::{Directory, DirectoryError, DirectoryJournal};
#[cfg(feature = "native")]
pub use files::FileDirectory;
pub use group::{grouped, ungrouped};
pub use image::{Chunk, Image, Loaded, load, load_with, save, save_pieces};
pub use manifest::{CHUNK_BYTES, ChunkHash, Manifest, ManifestError};
pub use memory::MemoryJournal;
pub use rotation::{NotInstalled, Rotation};

use alloc::vec::Vec;

/// A place in the journal, of one record or of some that were stored together. The first is at 1 or
/// later; 0 is before all of them.
pub type Position = u64;

/// Durable storage of one database.
///
/// Several writers (tabs) may hold a journal of one database at the same time. Each method is one
/// atomic step between them.
#[expect(
    async_fn_in_trait,
    reason = "shells are generic over their journal and single-threaded where they are async"
)]
pub trait Journal {
    /// Why storage fails.
    type Error: core::error::Error + 'static;

    /// What a chunk is read as.
    type Chunk: Chunk;

    /// Stores records, all of them or none, and gives the position of the last.
    ///
    /// When it returns, they survive a crash of the program and of the machine. Positions rise in
    /// the order of the calls' success, over all writers. An error may come after the records were
    /// stored, so a caller that tries again appends duplicates, which readers take as known.
    async fn append(&self, records: &[Vec<u8>]) -> Result<Position, Self::Error>;

    /// Reads records behind `after` in the order of their positions: at least one if there is any,
    /// then more until `max_bytes` are reached.
    async fn read(&self, after: Position, max_bytes: usize) -> Result<Read, Self::Error>;

    /// The manifests as stored, whether they can be read or not.
    async fn manifests(&self) -> Result<Manifests, Self::Error>;

    /// The hashes under which chunks are stored.
    async fn chunk_hashes(&self) -> Result<Vec<ChunkHash>, Self::Error>;

    /// Reads what is stored under each of these hashes, as it is, in their order; `None` where there is nothing.
    async fn read_chunks(
        &self,
        hashes: &[ChunkHash],
    ) -> Result<Vec<Option<Self::Chunk>>, Self::Error>;

    /// Stores chunks under their hashes, replacing what is there. A manifest will name them later;
    /// until then, [`Journal::install`] of another one may delete them again.
    async fn add_chunks(&self, chunks: &[(ChunkHash, &[u8])]) -> Result<(), Self::Error>;

    /// Makes this the newest checkpoint, as [`Rotation::plan`] says, in one step that also survives
    /// a crash: the manifests, the deletion of chunks that neither names, and the deletion of the
    /// records that even the older one covers.
    async fn install(&self, manifest: &Manifest) -> Result<Result<(), NotInstalled>, Self::Error>;

    /// Deletes chunks that were found damaged, so that the next checkpoint writes them anew.
    async fn discard(&self, chunks: &[ChunkHash]) -> Result<(), Self::Error>;
}

/// What [`Journal::read`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Read {
    /// The records, and the position of the last one; that asked from where there is none.
    Records {
        /// As appended.
        records: Vec<Vec<u8>>,
        /// Where to read on.
        last: Position,
    },
    /// Records behind the position asked for were deleted, since checkpoints cover them: begin
    /// again with [`load`].
    Gone,
}

/// The stored manifests, as bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Manifests {
    /// Of the newest checkpoint.
    pub newest: Option<Vec<u8>>,
    /// Of the one before.
    pub previous: Option<Vec<u8>>,
}
