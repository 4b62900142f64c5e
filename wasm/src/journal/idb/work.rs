//! A transaction under way, and what is asked of it.

use super::super::error::StorageError;
use super::super::schema::{CHUNKS, META, NEWEST, PREVIOUS, RECORDS, actor, head};
use super::asked::asked;
use super::connection::RawTransaction;
use super::values::{bytes, head_from_js, head_to_js};
use idb::{ObjectStore, Transaction, TransactionResult};
use js_sys::Uint8Array;
use pluresdb::journal::{ChunkHash, Manifests};
use pluresdb::log::Succession;
use wasm_bindgen::JsValue;

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

    /// Adds records, if the stored logs are as `successions` expect; gives the key of the last one once it
    /// is there. Where this fails, all of it is to be taken back.
    pub(super) async fn append(
        &self,
        records: &[Vec<u8>],
        successions: &[Succession],
    ) -> Result<Option<impl Future<Output = Result<JsValue, idb::Error>> + use<>>, StorageError>
    {
        let mut answers = Vec::with_capacity(successions.len());
        for succession in successions {
            let hex = succession.actor.to_string();
            answers.push((self.get(META, &head(&hex))?, self.get(META, &actor(&hex))?, hex));
        }
        // Right behind the questions, before the answers are there.
        let last = self.add_records(records)?;
        for (succession, (stored, pooled, hex)) in successions.iter().zip(answers) {
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
        Ok(last.map(asked))
    }

    pub(super) async fn manifests(&self) -> Result<Manifests, StorageError> {
        let newest = self.get(META, NEWEST)?;
        let previous = self.get(META, PREVIOUS)?;
        Ok(Manifests {
            newest: newest.await?.as_ref().map(bytes),
            previous: previous.await?.as_ref().map(bytes),
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
        let Self { raw, transaction } = self;
        match transaction.await {
            Ok(TransactionResult::Committed) => Ok(()),
            Ok(TransactionResult::Aborted) => Err(StorageError::thrown(&raw.error())),
            Err(error) => Err(error.into()),
        }
    }
}
