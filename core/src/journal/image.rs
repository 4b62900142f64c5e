//! Images in chunks: writing what changed, reading the newest that is whole.

use super::{CHUNK_BYTES, ChunkHash, Journal, Manifest, Manifests, NotInstalled, Position};
use crate::model::gather;
use alloc::collections::BTreeSet;
use alloc::vec;
use alloc::vec::Vec;

/// Bytes of chunks written in one step at most, so that storage never holds much at once.
const WRITE_BYTES: usize = 4 * 1024 * 1024;

/// The bytes of a chunk as storage gives them, which need not be in this program's memory.
pub trait Chunk {
    /// How many.
    fn length(&self) -> usize;

    /// Copies them. `into` has their length.
    fn copy_to(&self, into: &mut [u8]);
}

impl Chunk for Vec<u8> {
    fn length(&self) -> usize {
        self.len()
    }

    fn copy_to(&self, into: &mut [u8]) {
        into.copy_from_slice(self);
    }
}

/// An image as its chunks were read. Whether they are what was written shows as they are copied.
#[derive(Debug)]
pub struct Image<C> {
    length: usize,
    chunks: Vec<(ChunkHash, Option<C>)>,
    damaged: Vec<ChunkHash>,
}

impl<C: Chunk> Image<C> {
    /// Bytes of it.
    #[must_use]
    pub const fn length(&self) -> usize {
        self.length
    }

    /// Copies it and lets go of its chunks, so that it is done once. `into` has its length. False where
    /// chunks are damaged or missing: then the bytes are worth nothing.
    pub fn copy_to(&mut self, into: &mut [u8]) -> bool {
        for ((hash, chunk), piece) in self.chunks.drain(..).zip(into.chunks_mut(CHUNK_BYTES)) {
            let whole = chunk.filter(|chunk| chunk.length() == piece.len()).is_some_and(|chunk| {
                chunk.copy_to(piece);
                ChunkHash::of(piece) == hash
            });
            if !whole {
                self.damaged.push(hash);
            }
        }
        self.damaged.is_empty()
    }
}

/// What a database starts from.
#[derive(Debug)]
pub struct Loaded<R = Vec<u8>> {
    /// What the newest whole image became, `None` where there is none: start with an empty database.
    pub image: Option<R>,
    /// Records behind this position follow.
    pub covered: Position,
    /// Chunks found damaged or missing on the way. For [`Journal::discard`], once the records
    /// behind what was loaded turned out to be there.
    pub damaged: Vec<ChunkHash>,
    /// Whether a newer checkpoint than the one loaded is damaged.
    pub fell_back: bool,
}

/// Reads the newest checkpoint whose manifest and chunks are all as they were written.
///
/// # Errors
/// The journal's. A damaged checkpoint is none: then the one before is read, or nothing.
pub async fn load<J: Journal>(journal: &J) -> Result<Loaded, J::Error> {
    let manifests = journal.manifests().await?;
    load_with(journal, manifests, |image| {
        let mut bytes = vec![0; image.length()];
        image.copy_to(&mut bytes);
        bytes
    })
    .await
}

/// The same with the manifests as the journal has them. `make` makes of an image what is wanted: by
/// [`Image::copy_to`], to wherever its bytes are to be. What it makes of a damaged one is let go.
///
/// # Errors
/// As there.
pub async fn load_with<J: Journal, R>(
    journal: &J,
    Manifests { newest, previous }: Manifests,
    mut make: impl FnMut(&mut Image<J::Chunk>) -> R,
) -> Result<Loaded<R>, J::Error> {
    let mut loaded = Loaded { image: None, covered: 0, damaged: Vec::new(), fell_back: false };
    for bytes in [newest, previous].into_iter().flatten() {
        if let Ok(manifest) = Manifest::decode(&bytes) {
            // The seal vouches for the length, so this is what was written once and not what a fault says.
            if let Ok(length) = usize::try_from(manifest.length) {
                let chunks = journal.read_chunks(&manifest.chunks).await?;
                let chunks = manifest.chunks.iter().copied().zip(chunks).collect();
                let mut image = Image { length, chunks, damaged: Vec::new() };
                let made = make(&mut image);
                if image.damaged.is_empty() {
                    loaded.covered = manifest.covered;
                    loaded.image = Some(made);
                    return Ok(loaded);
                }
                loaded.damaged.extend(image.damaged);
            } else {
                loaded.damaged.extend(manifest.chunks);
            }
        }
        loaded.fell_back = true;
    }
    Ok(loaded)
}

/// Writes a checkpoint: the chunks of the image that are not stored yet, then its manifest.
///
/// `pause` is awaited between chunks, so that hashing a large image blocks nobody for long.
pub async fn save<J: Journal>(
    journal: &J,
    image: &[u8],
    covered: Position,
    pause: impl AsyncFnMut(),
) -> Result<Result<(), NotInstalled>, J::Error> {
    save_pieces(journal, image.chunks(CHUNK_BYTES), covered, pause).await
}

/// The same of an image that is in pieces of [`CHUNK_BYTES`], the last one perhaps smaller. Each is let go of once it
/// is written.
pub async fn save_pieces<J: Journal, P: AsRef<[u8]>>(
    journal: &J,
    pieces: impl IntoIterator<Item = P>,
    covered: Position,
    mut pause: impl AsyncFnMut(),
) -> Result<Result<(), NotInstalled>, J::Error> {
    let mut stored: BTreeSet<ChunkHash> = gather(journal.chunk_hashes().await?);
    let mut chunks = Vec::new();
    let mut length = 0;
    let mut batch: Vec<(ChunkHash, P)> = Vec::new();
    for piece in pieces {
        let hash = ChunkHash::of(piece.as_ref());
        chunks.push(hash);
        length += piece.as_ref().len() as u64;
        if stored.insert(hash) {
            batch.push((hash, piece));
        }
        if batch.len() * CHUNK_BYTES >= WRITE_BYTES {
            add(journal, &mut batch).await?;
        }
        pause().await;
    }
    add(journal, &mut batch).await?;
    journal.install(&Manifest { covered, length, chunks }).await
}

async fn add<J: Journal, P: AsRef<[u8]>>(
    journal: &J,
    batch: &mut Vec<(ChunkHash, P)>,
) -> Result<(), J::Error> {
    let chunks: Vec<_> = batch.iter().map(|(hash, piece)| (*hash, piece.as_ref())).collect();
    if !chunks.is_empty() {
        journal.add_chunks(&chunks).await?;
    }
    batch.clear();
    Ok(())
}
