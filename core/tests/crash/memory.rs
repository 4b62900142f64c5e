//! The journal in memory, crashed between any two of its calls: each of them is one step.

use crate::points;
use crate::recover::{now, run, survives};
use crate::workload::TRANSACTIONS;
use pluresdb::journal::{
    CHUNK_BYTES, ChunkHash, Journal, Manifest, Manifests, MemoryJournal, NotInstalled, Position,
    Read,
};
use std::cell::{Cell, RefCell};
use std::convert::Infallible;

const SAMPLE: usize = 120;

#[derive(Debug, Clone)]
enum Call {
    Append(Vec<Vec<u8>>),
    AddChunks(Vec<(ChunkHash, Vec<u8>)>),
    Install(Manifest),
}

/// A place in what a journal holds.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Place {
    Record(Position),
    /// The newest manifest, or the one before.
    Manifest(bool),
    Chunk(ChunkHash),
}

/// Passes everything on, notes what changes something, and may give a bit back flipped.
#[derive(Debug, Default)]
pub(crate) struct Noted {
    journal: MemoryJournal,
    calls: RefCell<Vec<Call>>,
    pub(crate) flip: Cell<Option<(Place, usize)>>,
}

impl Noted {
    /// Everything that is stored, with its length in bytes.
    pub(crate) fn places(&self) -> Vec<(Place, usize)> {
        let Manifests { newest, previous } = now(self.manifests()).unwrap();
        let (newest, previous) = (newest.unwrap(), previous.unwrap());
        let after = Manifest::decode(&previous).unwrap().covered;
        let Read::Records { records, .. } = now(self.read(after, usize::MAX)).unwrap() else {
            panic!("records behind a checkpoint are kept")
        };
        let chunks = now(self.chunk_hashes()).unwrap();
        let chunks = chunks.into_iter().map(|hash| (Place::Chunk(hash), CHUNK_BYTES));
        (after + 1..)
            .zip(&records)
            .map(|(position, record)| (Place::Record(position), record.len()))
            .chain([
                (Place::Manifest(true), newest.len()),
                (Place::Manifest(false), previous.len()),
            ])
            .chain(chunks)
            .collect()
    }

    fn spoil(&self, bytes: &mut [u8], here: impl FnOnce(Place) -> bool) {
        if let Some((place, bit)) = self.flip.get()
            && here(place)
            && let Some(byte) = bytes.get_mut(bit / 8)
        {
            *byte ^= 1 << (bit % 8);
        }
    }
}

impl Journal for Noted {
    type Error = Infallible;
    type Chunk = Vec<u8>;

    async fn append(&self, records: &[Vec<u8>]) -> Result<Position, Infallible> {
        self.calls.borrow_mut().push(Call::Append(records.to_vec()));
        self.journal.append(records).await
    }

    async fn read(&self, after: Position, max_bytes: usize) -> Result<Read, Infallible> {
        let mut read = self.journal.read(after, max_bytes).await?;
        if let Read::Records { records, .. } = &mut read {
            for (record, position) in records.iter_mut().zip(after + 1..) {
                self.spoil(record, |place| matches!(place, Place::Record(at) if at == position));
            }
        }
        Ok(read)
    }

    async fn manifests(&self) -> Result<Manifests, Infallible> {
        let Manifests { mut newest, mut previous } = self.journal.manifests().await?;
        for (manifest, is_newest) in [(&mut newest, true), (&mut previous, false)] {
            if let Some(bytes) = manifest {
                self.spoil(bytes, |place| matches!(place, Place::Manifest(at) if at == is_newest));
            }
        }
        Ok(Manifests { newest, previous })
    }

    async fn chunk_hashes(&self) -> Result<Vec<ChunkHash>, Infallible> {
        self.journal.chunk_hashes().await
    }

    async fn read_chunks(&self, hashes: &[ChunkHash]) -> Result<Vec<Option<Vec<u8>>>, Infallible> {
        let mut chunks = self.journal.read_chunks(hashes).await?;
        for (hash, chunk) in hashes.iter().zip(&mut chunks) {
            if let Some(chunk) = chunk {
                self.spoil(chunk, |place| matches!(place, Place::Chunk(at) if at == *hash));
            }
        }
        Ok(chunks)
    }

    async fn add_chunks(&self, chunks: &[(ChunkHash, &[u8])]) -> Result<(), Infallible> {
        let owned = chunks.iter().map(|(hash, bytes)| (*hash, bytes.to_vec())).collect();
        self.calls.borrow_mut().push(Call::AddChunks(owned));
        self.journal.add_chunks(chunks).await
    }

    async fn install(&self, manifest: &Manifest) -> Result<Result<(), NotInstalled>, Infallible> {
        self.calls.borrow_mut().push(Call::Install(manifest.clone()));
        self.journal.install(manifest).await
    }

    async fn discard(&self, chunks: &[ChunkHash]) -> Result<(), Infallible> {
        self.journal.discard(chunks).await
    }
}

fn after(calls: &[Call]) -> MemoryJournal {
    let journal = MemoryJournal::default();
    for call in calls {
        match call {
            Call::Append(records) => drop(now(journal.append(records))),
            Call::AddChunks(chunks) => {
                let chunks: Vec<_> =
                    chunks.iter().map(|(hash, bytes)| (*hash, bytes.as_slice())).collect();
                now(journal.add_chunks(&chunks)).unwrap();
            }
            Call::Install(manifest) => now(journal.install(manifest)).unwrap().unwrap(),
        }
    }
    journal
}

#[test]
fn a_journal_in_memory_stopped_between_any_two_calls_loses_nothing_acknowledged() {
    let journal = Noted::default();
    let expected = run(&journal, || {});
    let calls = journal.calls.take();
    for point in points(calls.len() + 1, SAMPLE) {
        let acked = calls[..point].iter().filter(|call| matches!(call, Call::Append(_))).count();
        assert!(acked <= TRANSACTIONS);
        let what = format!("stopped after call {point}");
        survives(|| after(&calls[..point]), &expected, acked, acked, &what);
    }
}
