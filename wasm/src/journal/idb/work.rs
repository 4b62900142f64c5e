//! A transaction under way, and what is asked of it.

use super::super::error::StorageError;
use super::super::schema::{
    ACTORS, CHUNKS, HEADS, META, NEWEST, PREVIOUS, RECORDS, actor, actor_of, head, head_of,
};
use super::asked::asked;
use super::connection::RawTransaction;
use super::values::{bytes, head_from_js, head_to_js, key, position};
use idb::{KeyRange, ObjectStore, Query, Transaction, TransactionResult};
use js_sys::Uint8Array;
use pluresdb::ActorId;
use pluresdb::journal::{ChunkHash, Manifests, Position};
use pluresdb::log::Succession;
use pluresdb::model::Head;
use std::borrow::Cow;
use wasm_bindgen::JsValue;

/// A value of the records, and where it is.
type Placed = (Position, Vec<u8>);

/// A transaction under way.
pub(super) struct Work {
    pub(super) raw: RawTransaction,
    pub(super) transaction: Transaction,
}

impl Work {
    pub(super) fn store(&self, name: &str) -> Result<ObjectStore, StorageError> {
        Ok(self.transaction.object_store(name)?)
    }

    pub(super) fn put(&self, store: &str, key: &str, value: &JsValue) -> Result<(), StorageError> {
        self.store(store)?.put(value, Some(&key.into()))?;
        Ok(())
    }

    pub(super) fn get(
        &self,
        store: &str,
        key: &str,
    ) -> Result<impl Future<Output = Result<Option<JsValue>, idb::Error>> + use<>, StorageError>
    {
        // Asked for at once: a transaction without a request under way ends.
        Ok(asked(self.store(store)?.get(JsValue::from(key))?))
    }

    /// Adds values to the records, if the stored logs are as `successions` expect; gives the key of the
    /// last one once it is there. Where this fails, all of it is to be taken back.
    pub(super) async fn append(
        &self,
        values: &[Cow<'_, [u8]>],
        successions: &[Succession],
    ) -> Result<Option<impl Future<Output = Result<JsValue, idb::Error>> + use<>>, StorageError>
    {
        let mut answers = Vec::with_capacity(successions.len());
        for succession in successions {
            let hex = succession.actor.to_string();
            let stored = self.get(META, &head(&hex))?;
            let pooled = if succession.is_own() {
                // Before the answer is there, which as a rule is the expected one.
                self.put(META, &head(&hex), &head_to_js(&succession.last()))?;
                None
            } else {
                Some(self.get(META, &actor(&hex))?)
            };
            answers.push((stored, pooled, hex));
        }
        let last = self.add(values)?;
        for (succession, (stored, pooled, hex)) in successions.iter().zip(answers) {
            let stored = stored.await?;
            let found = stored.as_ref().map(head_from_js).unwrap_or_default();
            let is_known = match pooled {
                Some(pooled) => pooled.await?.is_some() || stored.is_some(),
                None => true,
            };
            if !is_known {
                continue;
            }
            let end = succession.after(found).map_err(|_| {
                StorageError::new(
                    "another tab has written as this one; what it wrote is read, and this is \
                     stored as another's then",
                )
            })?;
            if !succession.is_own() && end != found {
                self.put(META, &head(&hex), &head_to_js(&end))?;
            }
        }
        Ok(last)
    }

    /// Adds values to the records; gives the key of the last one once it is there.
    fn add(
        &self,
        values: &[Cow<'_, [u8]>],
    ) -> Result<Option<impl Future<Output = Result<JsValue, idb::Error>> + use<>>, StorageError>
    {
        let store = self.store(RECORDS)?;
        let mut last = None;
        for value in values {
            last = Some(store.add(&Uint8Array::from(value.as_ref()), None)?);
        }
        Ok(last.map(asked))
    }

    pub(super) fn manifests(
        &self,
    ) -> Result<impl Future<Output = Result<Manifests, StorageError>> + use<>, StorageError> {
        let newest = self.get(META, NEWEST)?;
        let previous = self.get(META, PREVIOUS)?;
        Ok(async {
            Ok(Manifests {
                newest: newest.await?.as_ref().map(bytes),
                previous: previous.await?.as_ref().map(bytes),
            })
        })
    }

    /// Values of records behind a position, and where they are.
    pub(super) fn records_after(
        &self,
        after: Position,
        count: u32,
    ) -> Result<impl Future<Output = Result<Vec<Placed>, StorageError>> + use<>, StorageError> {
        let store = self.store(RECORDS)?;
        let range = || KeyRange::lower_bound(&key(after), Some(true)).map(Query::from);
        let keys = asked(store.get_all_keys(Some(range()?), Some(count))?);
        let values = asked(store.get_all(Some(range()?), Some(count))?);
        Ok(async {
            let (keys, values) = (keys.await?, values.await?);
            let both = keys.iter().zip(&values);
            Ok(both.map(|(key, value)| (position(key), bytes(value))).collect())
        })
    }

    /// The pool of actors, as hex. What is none is left where it is.
    pub(super) fn pool(
        &self,
    ) -> Result<impl Future<Output = Result<Vec<String>, StorageError>> + use<>, StorageError> {
        let keys = asked(self.store(META)?.get_all_keys(Some(from_to(ACTORS)?), None)?);
        Ok(async {
            let is_actor = |hex: &String| hex.parse::<ActorId>().is_ok();
            let keys = keys.await?;
            let pool = keys.iter().filter_map(|key| actor_of(&key.as_string()?));
            Ok(pool.filter(is_actor).collect())
        })
    }

    /// Where the stored logs of those who have written here end.
    pub(super) fn heads(
        &self,
    ) -> Result<
        impl Future<Output = Result<Vec<(ActorId, Head)>, StorageError>> + use<>,
        StorageError,
    > {
        let store = self.store(META)?;
        let keys = asked(store.get_all_keys(Some(from_to(HEADS)?), None)?);
        let values = asked(store.get_all(Some(from_to(HEADS)?), None)?);
        Ok(async {
            let (keys, values) = (keys.await?, values.await?);
            let actor = |key: &JsValue| head_of(&key.as_string()?)?.parse().ok();
            let both = keys.iter().zip(&values);
            Ok(both.filter_map(|(key, value)| Some((actor(key)?, head_from_js(value)))).collect())
        })
    }

    pub(super) async fn chunk_hashes(&self) -> Result<Vec<ChunkHash>, StorageError> {
        let keys = self.store(CHUNKS)?.get_all_keys(None, None)?.await?;
        Ok(keys.iter().filter_map(|key| bytes(key).try_into().ok().map(ChunkHash)).collect())
    }

    /// Nothing more will be asked: the browser need not wait for that. One without this method finds out
    /// by itself.
    pub(super) fn commit(&self) {
        let _ = self.raw.commit();
    }

    /// Takes back everything; a transaction that is let go is committed.
    pub(super) fn abort(&self) {
        let _ = self.raw.abort();
    }

    /// Resolves once everything is durable.
    pub(super) async fn finish(self) -> Result<(), StorageError> {
        self.commit();
        self.finished().await
    }

    /// The same for what was committed already.
    pub(super) async fn finished(self) -> Result<(), StorageError> {
        let Self { raw, transaction } = self;
        match transaction.await {
            Ok(TransactionResult::Committed) => Ok(()),
            Ok(TransactionResult::Aborted) => Err(StorageError::thrown(&raw.error())),
            Err(error) => Err(error.into()),
        }
    }
}

/// All keys from one to before another.
fn from_to((from, to): (&str, &str)) -> Result<Query, StorageError> {
    Ok(KeyRange::bound(&from.into(), &to.into(), None, Some(true))?.into())
}
