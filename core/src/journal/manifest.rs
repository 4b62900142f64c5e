//! What a checkpoint consists of.

use super::Position;
use alloc::vec::Vec;
use core::fmt;

/// Size of every chunk of an image but the last: 256 KiB. A change of one page writes as much.
pub const CHUNK_BYTES: usize = 256 * 1024;

const VERSION: u8 = 1;
const HASH_BYTES: usize = 32;
/// Version, covered, length, and the hash at the end.
const SMALLEST: usize = 1 + 8 + 8 + HASH_BYTES;

/// BLAKE3 of a chunk, and its name in the journal: equal chunks are stored once.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChunkHash(pub [u8; HASH_BYTES]);

impl ChunkHash {
    /// The hash of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(blake3::hash(bytes).into())
    }
}

impl fmt::Debug for ChunkHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The list of an image's chunks.
///
/// ```text
/// version   u8       1
/// covered   u64      position of the last record in the image
/// length    u64      bytes of the image
/// chunks    [u8;32]  BLAKE3 of each chunk, ceil(length / CHUNK_BYTES) of them
/// seal      [u8;32]  BLAKE3 of everything before
/// ```
///
/// Little-endian. The seal is checked first, so every other fault is one of the writer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// Every record up to this position is in the image.
    pub covered: Position,
    /// Bytes of the image.
    pub length: u64,
    /// Its chunks, in order.
    pub chunks: Vec<ChunkHash>,
}

/// Why bytes are no manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    /// They do not match the hash at their end.
    #[error("the manifest is damaged")]
    Seal,
    /// Written by a later version.
    #[error("the manifest has version {0}, this is version {VERSION}; update PluresDB")]
    Version(u8),
    /// Another number of chunks than the length needs.
    #[error("the manifest names {found} chunks, its length needs {needed}")]
    Chunks {
        /// Chunks named.
        found: u64,
        /// Chunks that the length needs.
        needed: u64,
    },
}

impl Manifest {
    /// As bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(SMALLEST + self.chunks.len() * HASH_BYTES);
        bytes.push(VERSION);
        bytes.extend(self.covered.to_le_bytes());
        bytes.extend(self.length.to_le_bytes());
        self.chunks.iter().for_each(|chunk| bytes.extend(chunk.0));
        let seal = ChunkHash::of(&bytes);
        bytes.extend(seal.0);
        bytes
    }

    /// From bytes that [`Manifest::encode`] wrote.
    pub fn decode(bytes: &[u8]) -> Result<Self, ManifestError> {
        let (content, seal) = bytes.split_last_chunk::<HASH_BYTES>().ok_or(ManifestError::Seal)?;
        if ChunkHash::of(content).0 != *seal {
            return Err(ManifestError::Seal);
        }
        let (version, rest) = content.split_first().ok_or(ManifestError::Seal)?;
        if *version != VERSION {
            return Err(ManifestError::Version(*version));
        }
        let (covered, rest) = rest.split_first_chunk().ok_or(ManifestError::Seal)?;
        let (length, rest) = rest.split_first_chunk().ok_or(ManifestError::Seal)?;
        let (hashes, tail) = rest.as_chunks::<HASH_BYTES>();
        let length = u64::from_le_bytes(*length);
        let (found, needed) = (hashes.len() as u64, length.div_ceil(CHUNK_BYTES as u64));
        if found != needed || !tail.is_empty() {
            return Err(ManifestError::Chunks { found, needed });
        }
        Ok(Self {
            covered: u64::from_le_bytes(*covered),
            length,
            chunks: hashes.iter().copied().map(ChunkHash).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> Manifest {
        Manifest {
            covered: 7,
            length: CHUNK_BYTES as u64 + 1,
            chunks: [b"a", b"b"].map(|bytes| ChunkHash::of(bytes)).to_vec(),
        }
    }

    #[test]
    fn a_manifest_reads_back() {
        assert_eq!(Manifest::decode(&manifest().encode()), Ok(manifest()));
    }

    #[test]
    fn a_manifest_with_any_byte_changed_or_cut_is_damaged() {
        let bytes = manifest().encode();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert_eq!(Manifest::decode(&changed), Err(ManifestError::Seal));
            assert_eq!(Manifest::decode(&bytes[..at]), Err(ManifestError::Seal));
        }
    }

    #[test]
    fn a_manifest_must_name_as_many_chunks_as_its_length_needs() {
        let mut short = manifest();
        short.chunks.pop();
        let fault = ManifestError::Chunks { found: 1, needed: 2 };
        assert_eq!(Manifest::decode(&short.encode()), Err(fault));
    }
}
