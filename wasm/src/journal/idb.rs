//! The journal in IndexedDB: the one file that knows IndexedDB.
//!
//! What is written here is written with strict durability: the browser says that a transaction is
//! complete once the system has said that the bytes are on the disk. The default of Chromium
//! (relaxed) says so once the system has the bytes, which a power cut then takes back; records alone
//! are appended so, where the application asks for it. The library opens relaxed transactions only,
//! so transactions are opened by [`RawDatabase`] here.

use super::error::StorageError;
use super::schema::{
    ACTORS, CHUNKS, DROPPED, HARDENED, IDENTITY, META, NEWEST, PREVIOUS, RECORDS, VERSION, actor,
    actor_of, cursor, database, head,
};
use idb::builder::{DatabaseBuilder, ObjectStoreBuilder};
use idb::{KeyRange, ObjectStore, Query, Transaction, TransactionResult};
use js_sys::{Array, Object, Reflect, Uint8Array};
use pluresdb::journal::{
    CHUNK_BYTES, ChunkHash, Journal, Manifest, Manifests, NotInstalled, Position, Read, Rotation,
};
use pluresdb::log::Succession;
use pluresdb::model::{Head, RecordHash};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::IntoFuture;
use wasm_bindgen::prelude::{Closure, wasm_bindgen};
use wasm_bindgen::{JsCast, JsValue};

/// Requests under way at once where many values are read.
const WINDOW: usize = 32;
/// Records asked for at once.
const RECORDS_AT_ONCE: u32 = 512;

#[wasm_bindgen]
extern "C" {
    /// An `IDBDatabase`.
    #[derive(Debug, Clone)]
    type RawDatabase;

    #[wasm_bindgen(method, catch)]
    fn transaction(
        this: &RawDatabase,
        stores: &Array,
        mode: &str,
        options: &Object,
    ) -> Result<RawTransaction, JsValue>;

    #[wasm_bindgen(method)]
    fn close(this: &RawDatabase);

    #[wasm_bindgen(method, setter)]
    fn set_onversionchange(this: &RawDatabase, listener: &js_sys::Function);

    /// An `IDBTransaction`.
    #[derive(Debug, Clone)]
    type RawTransaction;

    #[wasm_bindgen(method, getter)]
    fn error(this: &RawTransaction) -> JsValue;

    #[wasm_bindgen(method, catch)]
    fn commit(this: &RawTransaction) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch)]
    fn abort(this: &RawTransaction) -> Result<(), JsValue>;
}

/// What an empty database becomes when the first tab opens it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Identity {
    /// As hex.
    pub(super) space: String,
    pub(super) text_index: bool,
}

/// An open journal.
#[wasm_bindgen]
#[derive(Debug)]
pub struct IdbJournal {
    name: String,
    connection: RefCell<RawDatabase>,
}

#[wasm_bindgen]
impl IdbJournal {
    /// Opens the journal of `idb://name`, making it where there is none.
    pub async fn open(name: String) -> Result<Self, StorageError> {
        let connection = RefCell::new(connect(&name).await?);
        Ok(Self { name, connection })
    }

    /// The pool of actors, as hex.
    pub async fn actors(&self) -> Result<Vec<String>, StorageError> {
        let work = self.begin(&[META], Mode::Read)?;
        let range = KeyRange::bound(&ACTORS.0.into(), &ACTORS.1.into(), None, Some(true))?;
        let keys = work.store(META)?.get_all_keys(Some(range.into()), None)?;
        let keys = keys.await?;
        Ok(keys.iter().filter_map(|key| actor_of(&key.as_string()?)).collect())
    }

    /// Adds an actor to the pool.
    #[wasm_bindgen(js_name = addActor)]
    pub async fn add_actor(&self, hex: &str) -> Result<(), StorageError> {
        let work = self.begin(&[META], Mode::Write)?;
        work.put(META, &actor(hex), &true.into())?;
        work.finish().await
    }

    /// Takes an actor out of the pool: nobody writes as this one any more.
    #[wasm_bindgen(js_name = dropActor)]
    pub async fn drop_actor(&self, hex: &str) -> Result<(), StorageError> {
        let work = self.begin(&[META], Mode::Write)?;
        work.store(META)?.delete(JsValue::from(actor(hex)))?;
        work.finish().await
    }

    /// Closes the connection.
    pub fn close(&self) {
        self.connection.borrow().close();
    }
}

impl IdbJournal {
    /// What the database is; `wanted` where nothing was said before.
    pub(super) async fn identity(&self, wanted: &Identity) -> Result<Identity, StorageError> {
        let work = self.begin(&[META], Mode::Write)?;
        let found = work.get(META, IDENTITY)?.await?;
        if let Some(found) = found {
            return Ok(Identity::from_js(&found));
        }
        work.put(META, IDENTITY, &wanted.to_js())?;
        work.finish().await?;
        Ok(wanted.clone())
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

    /// [`Journal::append`], refused where another writer has written as one of the actors that
    /// write here.
    pub(super) async fn append_as(
        &self,
        records: &[Vec<u8>],
        successions: &[Succession],
        durability: Durability,
    ) -> Result<Position, StorageError> {
        let mode = match durability {
            Durability::Strict => Mode::Write,
            Durability::Relaxed => Mode::WriteRelaxed,
        };
        let work = self.begin(&[RECORDS, META], mode)?;
        let last = match work.append(records, successions).await {
            Ok(last) => last,
            Err(error) => {
                work.abort();
                return Err(error);
            }
        };
        work.commit();
        let key = match last {
            Some(last) => last.await?,
            None => JsValue::from(0),
        };
        work.finish().await?;
        Ok(position(&key))
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
        let connection = connect(&self.name).await?;
        let known = begin(&connection, &[META], Mode::Read)?.get(META, IDENTITY)?.await?;
        if known.is_none() {
            connection.close();
            return Err(StorageError::new(
                "the stored database was deleted while it was open; export it before you reload",
            ));
        }
        self.connection.replace(connection);
        Ok(())
    }
}

impl Journal for IdbJournal {
    type Error = StorageError;

    async fn append(&self, records: &[Vec<u8>]) -> Result<Position, StorageError> {
        self.append_as(records, &[], Durability::Strict).await
    }

    async fn read(&self, after: Position, max_bytes: usize) -> Result<Read, StorageError> {
        let work = self.begin(&[RECORDS, META], Mode::Read)?;
        let dropped = work.get(META, DROPPED)?;
        let store = work.store(RECORDS)?;
        let range = || KeyRange::lower_bound(&key(after), Some(true)).map(Query::from);
        let keys = store.get_all_keys(Some(range()?), Some(RECORDS_AT_ONCE))?.into_future();
        let values = store.get_all(Some(range()?), Some(RECORDS_AT_ONCE))?.into_future();
        if dropped.await?.as_ref().map_or(0, position) > after {
            return Ok(Read::Gone);
        }
        let (keys, values) = (keys.await?, values.await?);
        let (mut records, mut last, mut length) = (Vec::new(), after, 0);
        for (key, value) in keys.iter().zip(&values) {
            let record = bytes(value);
            length += record.len();
            if length > max_bytes && !records.is_empty() {
                break;
            }
            records.push(record);
            last = position(key);
        }
        Ok(Read::Records { records, last })
    }

    async fn manifests(&self) -> Result<Manifests, StorageError> {
        self.begin(&[META], Mode::Read)?.manifests().await
    }

    async fn chunk_hashes(&self) -> Result<Vec<ChunkHash>, StorageError> {
        self.begin(&[CHUNKS], Mode::Read)?.chunk_hashes().await
    }

    async fn read_chunks(
        &self,
        hashes: &[ChunkHash],
        into: &mut [u8],
        arrived: &mut dyn FnMut(usize, Option<&[u8]>),
    ) -> Result<(), StorageError> {
        let work = self.begin(&[CHUNKS], Mode::Read)?;
        let store = work.store(CHUNKS)?;
        let mut hashes = hashes.iter();
        let mut asked = VecDeque::new();
        for (number, piece) in into.chunks_mut(CHUNK_BYTES).enumerate() {
            while asked.len() < WINDOW
                && let Some(hash) = hashes.next()
            {
                asked.push_back(store.get(chunk_key(hash))?.into_future());
            }
            let found = match asked.pop_front() {
                Some(request) => request.await?,
                None => None,
            };
            match found.as_ref().and_then(JsValue::dyn_ref::<Uint8Array>) {
                Some(found) if found.length() as usize == piece.len() => {
                    found.copy_to(piece);
                    arrived(number, Some(piece));
                }
                _ => arrived(number, None),
            }
        }
        Ok(())
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
        let stored = work.manifests().await?;
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

async fn connect(name: &str) -> Result<RawDatabase, StorageError> {
    let records = ObjectStoreBuilder::new(RECORDS).auto_increment(true);
    let opened = DatabaseBuilder::new(&database(name))
        .version(VERSION)
        .add_object_store(records)
        .add_object_store(ObjectStoreBuilder::new(CHUNKS))
        .add_object_store(ObjectStoreBuilder::new(META))
        .build()
        .await?;
    let raw: RawDatabase = JsValue::from(opened).unchecked_into();
    // Who deletes the database, or opens it with a later layout, need not wait for this tab.
    // A closure and no text to evaluate: pages forbid that by their content security policy.
    let closing = raw.clone();
    let close = Closure::once_into_js(move || closing.close());
    raw.set_onversionchange(close.unchecked_ref());
    Ok(raw)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Read,
    Write,
    WriteRelaxed,
}

/// How far a transaction that is complete is on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Durability {
    /// A power cut does not take it back.
    Strict,
    /// A power cut may; the end of the browser does not.
    Relaxed,
}

fn begin(connection: &RawDatabase, stores: &[&str], mode: Mode) -> Result<Work, StorageError> {
    let stores: Array = stores.iter().copied().map(JsValue::from).collect();
    let options = Object::new();
    let (mode, durability) = match mode {
        Mode::Read => ("readonly", "default"),
        Mode::Write => ("readwrite", "strict"),
        Mode::WriteRelaxed => ("readwrite", "relaxed"),
    };
    let set = Reflect::set(&options, &"durability".into(), &durability.into());
    set.map_err(|error| StorageError::thrown(&error))?;
    let raw = connection
        .transaction(&stores, mode, &options)
        .map_err(|error| StorageError::thrown(&error))?;
    let transaction = Transaction::try_from(JsValue::from(raw.clone()))?;
    Ok(Work { raw, transaction })
}

/// A transaction under way.
struct Work {
    raw: RawTransaction,
    transaction: Transaction,
}

impl Work {
    fn store(&self, name: &str) -> Result<ObjectStore, StorageError> {
        Ok(self.transaction.object_store(name)?)
    }

    fn put(&self, store: &str, key: &str, value: &JsValue) -> Result<(), StorageError> {
        self.store(store)?.put(value, Some(&key.into()))?;
        Ok(())
    }

    fn get(
        &self,
        store: &str,
        key: &str,
    ) -> Result<impl Future<Output = Result<Option<JsValue>, idb::Error>> + use<>, StorageError>
    {
        // Asked for at once: a transaction without a request under way ends.
        Ok(self.store(store)?.get(JsValue::from(key))?.into_future())
    }

    /// Adds records, if the stored logs are as `successions` expect; gives the key of the last one once it
    /// is there. Where this fails, all of it is to be taken back.
    async fn append(
        &self,
        records: &[Vec<u8>],
        successions: &[Succession],
    ) -> Result<Option<impl Future<Output = Result<JsValue, idb::Error>> + use<>>, StorageError>
    {
        let mut asked = Vec::with_capacity(successions.len());
        for succession in successions {
            let hex = succession.actor.to_string();
            asked.push((self.get(META, &head(&hex))?, self.get(META, &actor(&hex))?, hex));
        }
        // Right behind the questions, before the answers are there.
        let last = self.add_records(records)?;
        for (succession, (stored, pooled, hex)) in successions.iter().zip(asked) {
            let (stored, pooled) = (stored.await?, pooled.await?);
            if !succession.is_own() && stored.is_none() && pooled.is_none() {
                continue;
            }
            let found = stored.as_ref().map(head_from_js).unwrap_or_default();
            let end = succession.after(found).map_err(|_| {
                StorageError::new(
                    "another tab has written as this one; what it wrote is read, and this is \
                     stored as another's then",
                )
            })?;
            if end != found {
                self.put(META, &head(&hex), &head_to_js(&end))?;
            }
        }
        Ok(last)
    }

    /// Adds records; gives the key of the last one once it is there.
    fn add_records(
        &self,
        records: &[Vec<u8>],
    ) -> Result<Option<impl Future<Output = Result<JsValue, idb::Error>> + use<>>, StorageError>
    {
        let store = self.store(RECORDS)?;
        let mut last = None;
        for record in records {
            last = Some(store.add(&Uint8Array::from(record.as_slice()), None)?);
        }
        Ok(last.map(IntoFuture::into_future))
    }

    async fn manifests(&self) -> Result<Manifests, StorageError> {
        let newest = self.get(META, NEWEST)?;
        let previous = self.get(META, PREVIOUS)?;
        Ok(Manifests {
            newest: newest.await?.as_ref().map(bytes),
            previous: previous.await?.as_ref().map(bytes),
        })
    }

    async fn chunk_hashes(&self) -> Result<Vec<ChunkHash>, StorageError> {
        let keys = self.store(CHUNKS)?.get_all_keys(None, None)?.await?;
        Ok(keys.iter().filter_map(|key| bytes(key).try_into().ok().map(ChunkHash)).collect())
    }

    /// Nothing more will be asked: the browser need not wait for that. One without this method finds out
    /// by itself.
    fn commit(&self) {
        let _ = self.raw.commit();
    }

    /// Takes back everything; a transaction that is let go is committed.
    fn abort(&self) {
        let _ = self.raw.abort();
    }

    /// Resolves once everything is durable.
    async fn finish(self) -> Result<(), StorageError> {
        self.commit();
        let Self { raw, transaction } = self;
        match transaction.await {
            Ok(TransactionResult::Committed) => Ok(()),
            Ok(TransactionResult::Aborted) => Err(StorageError::thrown(&raw.error())),
            Err(error) => Err(error.into()),
        }
    }
}

impl Identity {
    fn to_js(&self) -> JsValue {
        let object = Object::new();
        crate::convert::set(&object, &"space".into(), &self.space.as_str().into());
        crate::convert::set(&object, &"textIndex".into(), &self.text_index.into());
        object.into()
    }

    fn from_js(value: &JsValue) -> Self {
        let field = |name: &str| Reflect::get(value, &name.into()).unwrap_or_default();
        Self {
            space: field("space").as_string().unwrap_or_default(),
            text_index: field("textIndex").as_bool().unwrap_or(true),
        }
    }
}

impl From<idb::Error> for StorageError {
    fn from(error: idb::Error) -> Self {
        match &error {
            idb::Error::DomException(exception) => Self::thrown(exception),
            _ => Self::new(error.to_string()),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "IndexedDB counts to 2^53 itself")]
fn key(position: Position) -> JsValue {
    JsValue::from(position as f64)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a key that IndexedDB counted: whole and at most 2^53"
)]
fn position(key: &JsValue) -> Position {
    key.as_f64().unwrap_or_default() as Position
}

fn chunk_key(hash: &ChunkHash) -> JsValue {
    Uint8Array::from(hash.0.as_slice()).into()
}

/// The end of a log: its number, little-endian, and its hash.
fn head_to_js(head: &Head) -> JsValue {
    let mut bytes = head.seq.to_le_bytes().to_vec();
    bytes.extend(head.hash.0);
    Uint8Array::from(bytes.as_slice()).into()
}

/// What cannot be read is before the first record: an append as an actor that has records is then
/// refused, and the tab writes on as another.
fn head_from_js(value: &JsValue) -> Head {
    let bytes = bytes(value);
    let parts =
        bytes.split_first_chunk().and_then(|(seq, hash)| Some((seq, hash.try_into().ok()?)));
    parts.map_or_else(Head::default, |(seq, hash)| Head {
        seq: u64::from_le_bytes(*seq),
        hash: RecordHash(hash),
    })
}

/// Bytes of a `Uint8Array` or an `ArrayBuffer`; none of anything else.
fn bytes(value: &JsValue) -> Vec<u8> {
    if value.is_object() { Uint8Array::new(value).to_vec() } else { Vec::new() }
}
