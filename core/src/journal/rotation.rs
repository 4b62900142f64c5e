//! What follows from a new checkpoint: which one stays behind it, and what may go.

use super::{ChunkHash, Manifest, Manifests, Position};
use crate::model::gather;
use alloc::collections::BTreeSet;
use alloc::vec::Vec;

/// The changes that come with a new newest manifest. A journal makes them in one transaction with
/// storing it.
///
/// The checkpoint kept behind the new one is the last that is whole: its manifest can be read and
/// its chunks are there. Records go that it covers, chunks go that neither names. So at every
/// moment there is a whole checkpoint (or none yet) with all records behind it, even if the new
/// one should turn out damaged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotation {
    /// The manifest of the checkpoint kept behind the new one.
    pub previous: Option<Vec<u8>>,
    /// Records up to this position go.
    pub drop_through: Position,
    /// Chunks that go.
    pub drop_chunks: Vec<ChunkHash>,
}

/// Why a checkpoint was not installed. The one before it stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotInstalled {
    /// Another writer's checkpoint covers more.
    #[error("a newer checkpoint is there already")]
    Stale,
    /// Chunks were deleted by another writer's checkpoint in the meantime.
    #[error("chunks of the checkpoint are missing")]
    ChunksMissing,
}

impl Rotation {
    /// The changes that `new` brings to these manifests and chunks.
    pub fn plan(
        stored: Manifests,
        present: &[ChunkHash],
        new: &Manifest,
    ) -> Result<Self, NotInstalled> {
        let present: BTreeSet<ChunkHash> = gather(present.iter().copied());
        let whole = |manifest: &Manifest| manifest.chunks.iter().all(|hash| present.contains(hash));
        if !whole(new) {
            return Err(NotInstalled::ChunksMissing);
        }
        let kept = [stored.newest, stored.previous].into_iter().flatten().find_map(|bytes| {
            let manifest = Manifest::decode(&bytes).ok()?;
            whole(&manifest).then_some((bytes, manifest))
        });
        if let Some((_, kept)) = &kept
            && kept.covered > new.covered
        {
            return Err(NotInstalled::Stale);
        }
        let kept_chunks = kept.iter().flat_map(|(_, manifest)| &manifest.chunks);
        let named: BTreeSet<ChunkHash> = gather(kept_chunks.chain(&new.chunks).copied());
        Ok(Self {
            drop_through: kept.as_ref().map_or(0, |(_, manifest)| manifest.covered),
            previous: kept.map(|(bytes, _)| bytes),
            drop_chunks: present.difference(&named).copied().collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::CHUNK_BYTES;
    use super::*;

    fn chunk(number: u8) -> ChunkHash {
        ChunkHash::of(&[number])
    }

    fn manifest(covered: Position, chunks: &[u8]) -> Manifest {
        Manifest {
            covered,
            length: (chunks.len() * CHUNK_BYTES) as u64,
            chunks: chunks.iter().map(|number| chunk(*number)).collect(),
        }
    }

    fn stored(newest: &Manifest, previous: &Manifest) -> Manifests {
        Manifests { newest: Some(newest.encode()), previous: Some(previous.encode()) }
    }

    #[test]
    fn what_neither_the_new_nor_the_kept_checkpoint_needs_goes() {
        let (older, old, new) = (manifest(5, &[1, 2]), manifest(9, &[2, 3]), manifest(12, &[3, 4]));
        let present: Vec<ChunkHash> = (1..=5).map(chunk).collect();
        let plan = Rotation::plan(stored(&old, &older), &present, &new).unwrap();
        assert_eq!(plan.previous, Some(old.encode()));
        assert_eq!(plan.drop_through, 9);
        let mut gone = [chunk(1), chunk(5)];
        gone.sort();
        assert_eq!(plan.drop_chunks, gone);
    }

    #[test]
    fn a_damaged_newest_is_not_the_one_that_is_kept() {
        let (older, old, new) = (manifest(5, &[1]), manifest(9, &[2]), manifest(12, &[3]));
        let without_chunk = [chunk(1), chunk(3)];
        let plan = Rotation::plan(stored(&old, &older), &without_chunk, &new).unwrap();
        assert_eq!(plan.previous, Some(older.encode()));
        assert_eq!(plan.drop_through, 5);

        let mut torn = stored(&old, &older);
        torn.newest.as_mut().unwrap()[3] ^= 1;
        let plan = Rotation::plan(torn, &[chunk(1), chunk(2), chunk(3)], &new).unwrap();
        assert_eq!(plan.drop_through, 5);
    }

    #[test]
    fn a_checkpoint_that_covers_less_is_refused() {
        let stored = Manifests { newest: Some(manifest(9, &[1]).encode()), previous: None };
        let present = [chunk(1), chunk(2)];
        let plan = |covered| Rotation::plan(stored.clone(), &present, &manifest(covered, &[2]));
        assert_eq!(plan(8), Err(NotInstalled::Stale));
        assert!(plan(9).is_ok());
    }

    #[test]
    fn a_checkpoint_without_its_chunks_is_refused() {
        let plan = Rotation::plan(Manifests::default(), &[chunk(1)], &manifest(3, &[1, 2]));
        assert_eq!(plan, Err(NotInstalled::ChunksMissing));
    }

    #[test]
    fn the_first_checkpoint_deletes_no_record() {
        let plan = Rotation::plan(Manifests::default(), &[chunk(1)], &manifest(3, &[1])).unwrap();
        assert_eq!((plan.previous, plan.drop_through), (None, 0));
    }
}
