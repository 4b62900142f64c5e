//! A device's storage: a journal as a browser has it, with writes that fail or end in the middle.
//!
//! It can be copied whole, which is what a backup is.

use crate::ledger::{Id, Ids};
use crate::rng::Rng;
use pluresdb::journal::{
    ChunkHash, Journal, Manifest, Manifests, MemoryJournal, NotInstalled, Position, Read,
};
use pluresdb::model::Head;
use pluresdb::{ActorId, Append};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::task::{Context, Poll, Waker};

/// A device's storage.
#[derive(Debug, Clone, Default)]
pub(crate) struct Disk {
    journal: MemoryJournal,
    /// Actors that tabs of this device may lease.
    pub(crate) pool: Vec<ActorId>,
    /// Where the stored log of each actor ends that wrote here.
    heads: BTreeMap<ActorId, Head>,
    /// The cursor at the relay, as bytes.
    pub(crate) cursor: Option<Vec<u8>>,
    /// Every record ever stored here.
    contents: Ids,
    /// Those that a compaction forgot: a checkpoint has what they did, and not themselves.
    forgotten: Ids,
    /// How many steps still succeed, when the power is about to go.
    fuse: Cell<Option<u32>>,
    /// The newest checkpoint was changed once.
    damaged: bool,
}

/// Why a step failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DiskError {
    #[error("the power went")]
    Power,
    #[error("another tab has written as this one")]
    OtherWriter,
}

impl Disk {
    /// Stores records in one step, unless that would fork the log of an actor that writes here.
    pub(crate) fn append_as(&mut self, append: &Append, ids: &[Id]) -> Result<Position, DiskError> {
        let mut ends = Vec::new();
        for succession in &append.successions {
            let actor = succession.actor;
            let writes_here = self.heads.contains_key(&actor) || self.pool.contains(&actor);
            if succession.is_own() || writes_here {
                let end = succession.after(self.stored_head(&actor));
                ends.push((actor, end.map_err(|_| DiskError::OtherWriter)?));
            }
        }
        self.heads.extend(ends);
        let position = done(self.journal.append(&append.records)).expect("memory does not fail");
        self.contents.extend(ids);
        Ok(position)
    }

    /// The actor is leased to no tab any more: its log has forked.
    pub(crate) fn drop_actor(&mut self, actor: ActorId) {
        self.pool.retain(|pooled| *pooled != actor);
    }

    pub(crate) fn stored_head(&self, actor: &ActorId) -> Head {
        self.heads.get(actor).copied().unwrap_or_default()
    }

    pub(crate) const fn contents(&self) -> &Ids {
        &self.contents
    }

    pub(crate) const fn forgotten(&self) -> &Ids {
        &self.forgotten
    }

    pub(crate) fn forget(&mut self, ids: impl IntoIterator<Item = Id>) {
        self.forgotten.extend(ids);
    }

    /// Spoils the newest checkpoint, as a failing disk would. Once only: the one before it, or all
    /// records if there is none, must then be there.
    pub(crate) fn damage(&mut self, rng: &mut Rng) {
        let is_first = !self.damaged;
        self.journal.damage(|manifests, chunks| {
            let Some(newest) = manifests.newest.as_mut().filter(|_| is_first) else { return };
            let named = Manifest::decode(newest).map(|newest| newest.chunks).unwrap_or_default();
            let older = manifests.previous.as_ref().and_then(|bytes| Manifest::decode(bytes).ok());
            let shared = older.map(|older| older.chunks).unwrap_or_default();
            let own = named.iter().find(|chunk| !shared.contains(chunk));
            let bytes = match own.and_then(|chunk| chunks.get_mut(chunk)) {
                Some(chunk) if rng.percent(60) => chunk,
                _ => newest,
            };
            let place = rng.place(bytes.len());
            bytes[place] ^= 1 << rng.below(8);
            self.damaged = true;
        });
    }

    /// Whether the newest checkpoint may be found damaged.
    pub(crate) const fn is_damaged(&self) -> bool {
        self.damaged
    }

    /// After so many more steps all fail.
    pub(crate) fn light_fuse(&self, steps: Option<u32>) {
        self.fuse.set(steps);
    }

    /// One step; false where the power goes before it.
    fn step(&self) -> Result<(), DiskError> {
        match self.fuse.get() {
            Some(0) => return Err(DiskError::Power),
            Some(steps) => self.fuse.set(Some(steps - 1)),
            None => {}
        }
        Ok(())
    }
}

/// The result of what waits for nothing.
pub(crate) fn done<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => panic!("a simulated disk answers at once"),
    }
}

fn sound<T>(result: Result<T, std::convert::Infallible>) -> Result<T, DiskError> {
    result.map_err(|never| match never {})
}

impl Journal for Disk {
    type Error = DiskError;
    type Chunk = Vec<u8>;

    async fn append(&self, records: &[Vec<u8>]) -> Result<Position, DiskError> {
        self.step()?;
        sound(self.journal.append(records).await)
    }

    async fn read(&self, after: Position, max_bytes: usize) -> Result<Read, DiskError> {
        sound(self.journal.read(after, max_bytes).await)
    }

    async fn manifests(&self) -> Result<Manifests, DiskError> {
        sound(self.journal.manifests().await)
    }

    async fn chunk_hashes(&self) -> Result<Vec<ChunkHash>, DiskError> {
        sound(self.journal.chunk_hashes().await)
    }

    async fn read_chunks(&self, hashes: &[ChunkHash]) -> Result<Vec<Option<Vec<u8>>>, DiskError> {
        sound(self.journal.read_chunks(hashes).await)
    }

    /// Chunks that were written before the power went stay.
    async fn add_chunks(&self, chunks: &[(ChunkHash, &[u8])]) -> Result<(), DiskError> {
        for chunk in chunks {
            self.step()?;
            sound(self.journal.add_chunks(std::slice::from_ref(chunk)).await)?;
        }
        Ok(())
    }

    async fn install(&self, manifest: &Manifest) -> Result<Result<(), NotInstalled>, DiskError> {
        self.step()?;
        sound(self.journal.install(manifest).await)
    }

    async fn discard(&self, chunks: &[ChunkHash]) -> Result<(), DiskError> {
        self.step()?;
        sound(self.journal.discard(chunks).await)
    }
}
