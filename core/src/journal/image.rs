//! Images in chunks: writing what changed, reading the newest that is whole.

use super::{CHUNK_BYTES, ChunkHash, Journal, Manifest, Manifests, NotInstalled, Position};
use crate::model::gather;
use alloc::collections::BTreeSet;
use alloc::vec;
use alloc::vec::Vec;

/// Bytes of chunks written in one step at most, so that storage never holds much at once.
const WRITE_BYTES: usize = 4 * 1024 * 1024;

/// What a database starts from.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The newest whole image, `None` where there is none: start with an empty database.
    pub image: Option<Vec<u8>>,
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
    let Manifests { newest, previous } = journal.manifests().await?;
    let mut loaded = Loaded::default();
    for bytes in [newest, previous].into_iter().flatten() {
        if let Ok(manifest) = Manifest::decode(&bytes) {
            let (image, damaged) = read_image(journal, &manifest).await?;
            if damaged.is_empty() {
                loaded.covered = manifest.covered;
                loaded.image = Some(image);
                return Ok(loaded);
            }
            loaded.damaged.extend(damaged);
        }
        loaded.fell_back = true;
    }
    Ok(loaded)
}

async fn read_image<J: Journal>(
    journal: &J,
    manifest: &Manifest,
) -> Result<(Vec<u8>, Vec<ChunkHash>), J::Error> {
    let Ok(length) = usize::try_from(manifest.length) else {
        return Ok((Vec::new(), manifest.chunks.clone()));
    };
    // The seal vouches for the length, so this is what was written once and not what a fault says.
    let mut image = vec![0; length];
    let mut damaged = Vec::new();
    journal
        .read_chunks(&manifest.chunks, &mut image, &mut |number, piece| {
            let expected = manifest.chunks.get(number);
            if piece.map(ChunkHash::of).as_ref() != expected {
                damaged.extend(expected);
            }
        })
        .await?;
    Ok((image, damaged))
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
