//! A journal in memory: the reference for what a journal does, and the one of tests.

use super::{ChunkHash, Journal, Manifest, Manifests, NotInstalled, Position, Read, Rotation};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::cell::RefCell;
use core::convert::Infallible;

/// Keeps everything as long as it lives; several writers share it by reference.
#[derive(Debug, Default, Clone)]
pub struct MemoryJournal(RefCell<State>);

#[derive(Debug, Default, Clone)]
struct State {
    records: BTreeMap<Position, Vec<u8>>,
    last: Position,
    dropped: Position,
    chunks: BTreeMap<ChunkHash, Vec<u8>>,
    manifests: Manifests,
}

impl MemoryJournal {
    /// Changes a stored manifest or chunk, as a failing disk would.
    pub fn damage(&self, spoil: impl FnOnce(&mut Manifests, &mut BTreeMap<ChunkHash, Vec<u8>>)) {
        let state = &mut *self.0.borrow_mut();
        spoil(&mut state.manifests, &mut state.chunks);
    }
}

impl Journal for MemoryJournal {
    type Error = Infallible;
    type Chunk = Vec<u8>;

    async fn append(&self, records: &[Vec<u8>]) -> Result<Position, Infallible> {
        let state = &mut *self.0.borrow_mut();
        for record in records {
            state.last += 1;
            state.records.insert(state.last, record.clone());
        }
        Ok(state.last)
    }

    async fn read(&self, after: Position, max_bytes: usize) -> Result<Read, Infallible> {
        let state = self.0.borrow();
        if after < state.dropped {
            return Ok(Read::Gone);
        }
        let (mut records, mut last, mut bytes) = (Vec::new(), after, 0);
        for (position, record) in state.records.range(after + 1..) {
            bytes += record.len();
            if bytes > max_bytes && !records.is_empty() {
                break;
            }
            records.push(record.clone());
            last = *position;
        }
        Ok(Read::Records { records, last })
    }

    async fn manifests(&self) -> Result<Manifests, Infallible> {
        Ok(self.0.borrow().manifests.clone())
    }

    async fn chunk_hashes(&self) -> Result<Vec<ChunkHash>, Infallible> {
        Ok(self.0.borrow().chunks.keys().copied().collect())
    }

    async fn read_chunks(&self, hashes: &[ChunkHash]) -> Result<Vec<Option<Vec<u8>>>, Infallible> {
        let state = self.0.borrow();
        Ok(hashes.iter().map(|hash| state.chunks.get(hash).cloned()).collect())
    }

    async fn add_chunks(&self, chunks: &[(ChunkHash, &[u8])]) -> Result<(), Infallible> {
        let chunks = chunks.iter().map(|(hash, bytes)| (*hash, bytes.to_vec()));
        self.0.borrow_mut().chunks.extend(chunks);
        Ok(())
    }

    async fn install(&self, manifest: &Manifest) -> Result<Result<(), NotInstalled>, Infallible> {
        let state = &mut *self.0.borrow_mut();
        let present: Vec<ChunkHash> = state.chunks.keys().copied().collect();
        let plan = match Rotation::plan(state.manifests.clone(), &present, manifest) {
            Ok(plan) => plan,
            Err(why) => return Ok(Err(why)),
        };
        state.manifests = Manifests { newest: Some(manifest.encode()), previous: plan.previous };
        for hash in &plan.drop_chunks {
            state.chunks.remove(hash);
        }
        state.records = state.records.split_off(&(plan.drop_through + 1));
        state.dropped = state.dropped.max(plan.drop_through);
        Ok(Ok(()))
    }

    async fn discard(&self, chunks: &[ChunkHash]) -> Result<(), Infallible> {
        let state = &mut *self.0.borrow_mut();
        for hash in chunks {
            state.chunks.remove(hash);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Loaded, load, save};
    use super::*;
    use crate::journal::CHUNK_BYTES;
    use alloc::vec;
    use core::future::Future;
    use core::task::{Context, Poll, Waker};

    /// Nothing here ever waits.
    fn now<T>(future: impl Future<Output = Result<T, Infallible>>) -> T {
        let mut future = core::pin::pin!(future);
        match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Ok(value)) => value,
            Poll::Ready(Err(never)) => match never {},
            Poll::Pending => panic!("a journal in memory waits for nothing"),
        }
    }

    fn image(fill: u8, chunks: usize) -> Vec<u8> {
        let mut image: Vec<u8> = (0..chunks).flat_map(|n| vec![n as u8; CHUNK_BYTES]).collect();
        image.extend([fill; 100]);
        image
    }

    fn checkpoint(journal: &MemoryJournal, image: &[u8], covered: Position) {
        now(save(journal, image, covered, async || {})).unwrap();
    }

    fn journal_with_two_checkpoints() -> MemoryJournal {
        let journal = MemoryJournal::default();
        for (fill, record) in [(1, b"a"), (2, b"b"), (3, b"c")] {
            let last = now(journal.append(&[record.to_vec()]));
            if fill < 3 {
                checkpoint(&journal, &image(fill, 3), last);
            }
        }
        journal
    }

    /// Which image is loaded, by its last byte, once all of it was compared.
    fn loaded(journal: &MemoryJournal) -> (u8, Loaded) {
        let loaded = now(load(journal));
        let bytes = loaded.image.as_deref().unwrap();
        let fill = *bytes.last().unwrap();
        assert!(bytes == image(fill, 3), "the image is not the one written");
        (fill, loaded)
    }

    #[test]
    fn the_newest_image_is_loaded() {
        let (fill, loaded) = loaded(&journal_with_two_checkpoints());
        assert_eq!((fill, loaded.covered, loaded.fell_back), (2, 2, false));
    }

    #[test]
    fn a_damaged_newest_manifest_falls_back_to_the_one_before_and_its_records() {
        let journal = journal_with_two_checkpoints();
        journal.damage(|manifests, _| manifests.newest.as_mut().unwrap()[20] ^= 1);
        let (fill, loaded) = loaded(&journal);
        assert_eq!((fill, loaded.fell_back), (1, true));
        let records = vec![b"b".to_vec(), b"c".to_vec()];
        assert_eq!(now(journal.read(loaded.covered, 100)), Read::Records { records, last: 3 });
    }

    #[test]
    fn a_checkpoint_with_a_damaged_chunk_is_neither_loaded_nor_kept() {
        let journal = journal_with_two_checkpoints();
        let bad = ChunkHash::of(&[2; 100]);
        journal.damage(|_, chunks| chunks.get_mut(&bad).unwrap()[5] ^= 1);
        let (fill, found) = loaded(&journal);
        assert_eq!((fill, found.damaged.as_slice()), (1, [bad].as_slice()));

        now(journal.discard(&found.damaged));
        checkpoint(&journal, &image(3, 3), 3);
        assert_eq!(loaded(&journal).0, 3);
        journal.damage(|manifests, _| manifests.newest = None);
        assert_eq!(loaded(&journal).0, 1);
        assert_ne!(now(journal.read(1, 100)), Read::Gone);
    }

    #[test]
    fn a_discarded_chunk_is_written_anew_by_the_next_checkpoint() {
        let journal = journal_with_two_checkpoints();
        let bad = ChunkHash::of(&[2; 100]);
        journal.damage(|_, chunks| chunks.get_mut(&bad).unwrap()[5] ^= 1);
        now(journal.discard(&[bad]));
        checkpoint(&journal, &image(2, 3), 3);
        assert_eq!(loaded(&journal).0, 2);
    }

    #[test]
    fn records_go_once_the_older_checkpoint_covers_them() {
        let journal = journal_with_two_checkpoints();
        assert_eq!(now(journal.read(0, 100)), Read::Gone);
        assert_ne!(now(journal.read(1, 100)), Read::Gone);
        checkpoint(&journal, &image(3, 3), 3);
        assert_eq!(now(journal.read(1, 100)), Read::Gone);
    }

    #[test]
    fn only_chunks_that_changed_are_written() {
        let journal = MemoryJournal::default();
        checkpoint(&journal, &image(1, 5), 1);
        let before = now(journal.chunk_hashes());
        checkpoint(&journal, &image(2, 5), 2);
        let after = now(journal.chunk_hashes());
        assert_eq!(after.iter().filter(|hash| !before.contains(hash)).count(), 1);
        assert_eq!(after.len(), 7);
    }

    #[test]
    fn reading_stops_at_the_limit_but_gives_one_record_at_least() {
        let journal = MemoryJournal::default();
        now(journal.append(&[vec![0; 10], vec![1; 10], vec![2; 10]]));
        let Read::Records { records, last } = now(journal.read(0, 20)) else {
            panic!("nothing was dropped")
        };
        assert_eq!((records.len(), last), (2, 2));
        let Read::Records { records, last } = now(journal.read(2, 1)) else {
            panic!("nothing was dropped")
        };
        assert_eq!((records.len(), last), (1, 3));
    }
}
