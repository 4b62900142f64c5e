//! The journal in IndexedDB: the one folder that knows IndexedDB.

mod asked;
mod connection;
mod values;
mod work;

pub(super) use connection::Durability;
pub(super) use values::Identity;
pub use values::JsChunk;

use super::error::StorageError;
use super::schema::{
    CHUNKS, CURSORS, DROPPED, HARDENED, IDENTITY, META, NEWEST, PREVIOUS, RECORDS, actor, cursor,
    head,
};
use asked::asked;
use connection::{Mode, OnClosed, RawDatabase, begin, connect, connect_again};
use idb::KeyRange;
use js_sys::{Function, Promise, Uint8Array};
use pluresdb::ActorId;
use pluresdb::journal::{
    ChunkHash, Journal, Manifest, Manifests, NotInstalled, Position, Read, Rotation, grouped,
    ungrouped,
};
use pluresdb::log::Succession;
use pluresdb::model::Head;
use std::cell::RefCell;
use std::collections::VecDeque;
use values::{bytes, chunk_key, head_from_js, key, position};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::future_to_promise;
use work::Work;

/// Requests under way at once where many values are read.
const WINDOW: usize = 32;
/// Values of records asked for at first, and at most at once. A value may be a record of some bytes or a group
/// of many, so how many are wanted shows as they come.
const FEW_VALUES: u32 = 4;
const MANY_VALUES: u32 = 512;

/// What an append has done.
#[derive(Debug, Clone, Copy)]
pub(super) struct Appended {
    /// Where the last record is.
    pub(super) last: Position,
    /// How many positions the records took: those up to the last one, without a gap.
    pub(super) places: Position,
}

/// An open journal.
#[wasm_bindgen]
#[derive(Debug)]
pub struct IdbJournal {
    name: String,
    connection: RefCell<RawDatabase>,
    closed: OnClosed,
    /// What the database is, once that is stored.
    identity: RefCell<Option<Identity>>,
    pool: Vec<String>,
}

/// What is stored beside records and images, as it is at one moment.
#[derive(Debug)]
pub(super) struct Standing {
    /// The pool of actors, as hex.
    pub(super) pool: Vec<String>,
    /// Where the logs of those who have written here end.
    pub(super) heads: Vec<(ActorId, Head)>,
    pub(super) manifests: Manifests,
    /// Whether there are records.
    pub(super) has_records: bool,
}

#[wasm_bindgen]
impl IdbJournal {
    /// Opens the journal of `idb://name`, making it where there is none.
    pub async fn open(name: String) -> Result<Self, StorageError> {
        let closed = OnClosed::default();
        let connection = connect(&name, &closed).await?;
        let work = begin(&connection, &[META], Mode::Read)?;
        let (identity, pool) = (work.get(META, IDENTITY)?, work.pool()?);
        let identity = RefCell::new(identity.await?.as_ref().map(Identity::from_js));
        let pool = pool.await?;
        Ok(Self { name, connection: RefCell::new(connection), closed, identity, pool })
    }

    /// The pool of actors as this was opened, as hex.
    #[wasm_bindgen(getter)]
    pub fn pool(&self) -> Vec<String> {
        self.pool.clone()
    }

    /// Adds an actor to the pool. Begun at once; the promise resolves when it is stored.
    #[wasm_bindgen(js_name = addActor, unchecked_return_type = "Promise<void>")]
    pub fn add_actor(&self, hex: &str) -> Result<Promise, StorageError> {
        let work = self.begin(&[META], Mode::Write)?;
        work.put(META, &actor(hex), &true.into())?;
        Ok(future_to_promise(async {
            work.finish().await?;
            Ok(JsValue::UNDEFINED)
        }))
    }

    /// Takes an actor out of the pool: nobody writes as this one any more.
    #[wasm_bindgen(js_name = dropActor)]
    pub async fn drop_actor(&self, hex: &str) -> Result<(), StorageError> {
        let work = self.begin(&[META], Mode::Write)?;
        work.store(META)?.delete(JsValue::from(actor(hex)))?;
        work.finish().await
    }

    /// Calls back when the connection is closed by another: what wants the database deleted or in a
    /// later layout, or the browser itself.
    pub(super) fn on_closed(&self, listener: Function) {
        self.closed.replace(Some(listener));
    }

    /// Closes the connection.
    pub fn close(&self) {
        self.closed.replace(None);
        self.connection.borrow().close();
    }
}

impl IdbJournal {
    /// What the database is; `wanted` where nothing was said before. Asked for at once.
    pub(super) fn identity(
        &self,
        wanted: &Identity,
    ) -> Result<impl Future<Output = Result<Identity, StorageError>>, StorageError> {
        let work = self.begin(&[META], Mode::Write)?;
        let found = work.get(META, IDENTITY)?;
        let wanted = wanted.clone();
        Ok(async move {
            let identity = match found.await? {
                Some(found) => Identity::from_js(&found),
                None => {
                    work.put(META, IDENTITY, &wanted.to_js())?;
                    work.finish().await?;
                    wanted
                }
            };
            self.identity.replace(Some(identity.clone()));
            Ok(identity)
        })
    }

    /// What the database is, where that is known to be stored.
    pub(super) fn known(&self) -> Option<Identity> {
        self.identity.borrow().clone()
    }

    /// See [`Standing`].
    pub(super) async fn standing(&self) -> Result<Standing, StorageError> {
        let work = self.begin(&[META, RECORDS], Mode::Read)?;
        let (pool, heads, manifests) = (work.pool()?, work.heads()?, work.manifests()?);
        let first = asked(work.store(RECORDS)?.get_all_keys(None, Some(1))?);
        Ok(Standing {
            pool: pool.await?,
            heads: heads.await?,
            manifests: manifests.await?,
            has_records: !first.await?.is_empty(),
        })
    }

    /// Where the stored log of an actor ends.
    pub(super) async fn head(&self, actor: &str) -> Result<Head, StorageError> {
        let work = self.begin(&[META], Mode::Read)?;
        let found = work.get(META, &head(actor))?.await?;
        Ok(found.as_ref().map(head_from_js).unwrap_or_default())
    }

    /// The cursor stored last for a relay.
    pub(crate) async fn cursor(&self, relay: &str) -> Result<Option<Vec<u8>>, StorageError> {
        let work = self.begin(&[META], Mode::Read)?;
        Ok(work.get(META, &cursor(relay))?.await?.as_ref().map(bytes))
    }

    /// Stores a cursor. The records before it must be stored.
    pub(crate) async fn set_cursor(&self, relay: &str, bytes: &[u8]) -> Result<(), StorageError> {
        let work = self.begin(&[META], Mode::Write)?;
        work.put(META, &cursor(relay), &Uint8Array::from(bytes))?;
        work.finish().await
    }

    /// Forgets all cursors: the next sync asks for everything.
    pub(super) async fn forget_cursors(&self) -> Result<(), StorageError> {
        let work = self.begin(&[META], Mode::Write)?;
        let range = KeyRange::bound(&CURSORS.0.into(), &CURSORS.1.into(), None, Some(true))?;
        work.store(META)?.delete(range)?;
        work.finish().await
    }

    /// [`Journal::append`], refused where another writer has written as one of the actors that
    /// write here.
    pub(super) async fn append_as(
        &self,
        records: &[Vec<u8>],
        successions: &[Succession],
        durability: Durability,
    ) -> Result<Appended, StorageError> {
        let values = grouped(records);
        let mode = match durability {
            Durability::Strict => Mode::Write,
            Durability::Relaxed => Mode::WriteRelaxed,
        };
        let work = self.begin(&[RECORDS, META], mode)?;
        let last = match work.append(&values, successions).await {
            Ok(last) => last,
            Err(error) => {
                work.abort();
                return Err(error);
            }
        };
        work.commit();
        let key = match last {
            Some(last) => last.await,
            None => Ok(JsValue::from(0)),
        };
        // The transaction knows why a request failed that failed with another.
        work.finished().await?;
        Ok(Appended { last: position(&key?), places: values.len() as Position })
    }

    /// Makes durable what was written relaxed: a strict write reaches the disk after all before it.
    pub(super) async fn harden(&self) -> Result<(), StorageError> {
        let work = self.begin(&[META], Mode::Write)?;
        work.put(META, HARDENED, &JsValue::TRUE)?;
        work.finish().await
    }

    /// Opens a transaction, on a new connection where the browser has closed the old one.
    fn begin(&self, stores: &[&str], mode: Mode) -> Result<Work, StorageError> {
        begin(&self.connection.borrow(), stores, mode)
    }

    /// Opens a new connection where the old one is gone.
    pub(super) async fn reconnect(&self, after: &StorageError) -> Result<(), StorageError> {
        if !after.is_disconnected() {
            return Ok(());
        }
        let Some(connection) = connect_again(&self.name, &self.closed).await? else {
            return Err(StorageError::deleted("export it before you reload"));
        };
        let found = identity_at(&connection).await?;
        if found.is_some() && found == *self.identity.borrow() {
            self.connection.replace(connection);
            return Ok(());
        }
        connection.close();
        // What is stored here would be records of a log that has no beginning there.
        Err(StorageError::deleted(
            "there is a new one of its name, in which this is not stored; export it before you reload",
        ))
    }
}

/// What the database of a connection is, where that was said.
async fn identity_at(connection: &RawDatabase) -> Result<Option<Identity>, StorageError> {
    let found = begin(connection, &[META], Mode::Read)?.get(META, IDENTITY)?.await?;
    Ok(found.as_ref().map(Identity::from_js))
}

impl Journal for IdbJournal {
    type Error = StorageError;
    type Chunk = JsChunk;

    async fn append(&self, records: &[Vec<u8>]) -> Result<Position, StorageError> {
        Ok(self.append_as(records, &[], Durability::Strict).await?.last)
    }

    async fn read(&self, after: Position, max_bytes: usize) -> Result<Read, StorageError> {
        let work = self.begin(&[RECORDS, META], Mode::Read)?;
        let dropped = work.get(META, DROPPED)?;
        let mut count = FEW_VALUES;
        let mut values = work.records_after(after, count)?;
        if dropped.await?.as_ref().map_or(0, position) > after {
            return Ok(Read::Gone);
        }
        let (mut records, mut last, mut length) = (Vec::new(), after, 0);
        loop {
            let found = values.await?;
            for (key, value) in &found {
                length += value.len();
                if length > max_bytes && !records.is_empty() {
                    return Ok(Read::Records { records, last });
                }
                records.append(&mut ungrouped(value));
                last = *key;
            }
            if found.len() < count as usize || length >= max_bytes {
                return Ok(Read::Records { records, last });
            }
            count = MANY_VALUES.min(count * 4);
            values = work.records_after(last, count)?;
        }
    }

    async fn manifests(&self) -> Result<Manifests, StorageError> {
        self.begin(&[META], Mode::Read)?.manifests()?.await
    }

    async fn chunk_hashes(&self) -> Result<Vec<ChunkHash>, StorageError> {
        self.begin(&[CHUNKS], Mode::Read)?.chunk_hashes().await
    }

    async fn read_chunks(
        &self,
        hashes: &[ChunkHash],
    ) -> Result<Vec<Option<JsChunk>>, StorageError> {
        let work = self.begin(&[CHUNKS], Mode::Read)?;
        let store = work.store(CHUNKS)?;
        let mut chunks = Vec::with_capacity(hashes.len());
        let mut under_way = VecDeque::new();
        let mut hashes = hashes.iter();
        loop {
            while under_way.len() < WINDOW
                && let Some(hash) = hashes.next()
            {
                under_way.push_back(asked(store.get(chunk_key(hash))?));
            }
            let Some(request) = under_way.pop_front() else { return Ok(chunks) };
            chunks.push(request.await?.and_then(JsChunk::of));
        }
    }

    async fn add_chunks(&self, chunks: &[(ChunkHash, &[u8])]) -> Result<(), StorageError> {
        let work = self.begin(&[CHUNKS], Mode::Write)?;
        let store = work.store(CHUNKS)?;
        for (hash, bytes) in chunks {
            store.put(&Uint8Array::from(*bytes), Some(&chunk_key(hash)))?;
        }
        work.finish().await
    }

    async fn install(&self, manifest: &Manifest) -> Result<Result<(), NotInstalled>, StorageError> {
        let work = self.begin(&[META, CHUNKS, RECORDS], Mode::Write)?;
        let stored = work.manifests()?.await?;
        let present = work.chunk_hashes().await?;
        let plan = match Rotation::plan(stored, &present, manifest) {
            Ok(plan) => plan,
            Err(why) => return Ok(Err(why)),
        };
        let newest = Uint8Array::from(manifest.encode().as_slice());
        work.put(META, NEWEST, &newest)?;
        match plan.previous {
            Some(previous) => work.put(META, PREVIOUS, &Uint8Array::from(previous.as_slice()))?,
            None => drop(work.store(META)?.delete(JsValue::from(PREVIOUS))?),
        }
        let chunks = work.store(CHUNKS)?;
        for hash in &plan.drop_chunks {
            chunks.delete(chunk_key(hash))?;
        }
        if plan.drop_through > 0 {
            let dropped = key(plan.drop_through);
            let range = KeyRange::upper_bound(&dropped, Some(false))?;
            work.store(RECORDS)?.delete(range)?;
            work.put(META, DROPPED, &dropped)?;
        }
        work.finish().await?;
        Ok(Ok(()))
    }

    async fn discard(&self, chunks: &[ChunkHash]) -> Result<(), StorageError> {
        let work = self.begin(&[CHUNKS], Mode::Write)?;
        let store = work.store(CHUNKS)?;
        for hash in chunks {
            store.delete(chunk_key(hash))?;
        }
        work.finish().await
    }
}
