//! Connections and transactions, with the durability that the library has no word for.
//!
//! What is written here is written with strict durability: the browser says that a transaction is
//! complete once the system has said that the bytes are on the disk. The default of Chromium
//! (relaxed) says so once the system has the bytes, which a power cut then takes back; records alone
//! are appended so, where the application asks for it. The library opens relaxed transactions only,
//! so transactions are opened by [`RawDatabase`] here.

use super::super::error::StorageError;
use super::super::schema::{CHUNKS, META, RECORDS, VERSION, database};
use super::work::Work;
use idb::builder::{DatabaseBuilder, ObjectStoreBuilder};
use idb::{Event as _, Factory, Request as _, Transaction};
use js_sys::{Array, Function, Object, Reflect};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::prelude::{Closure, wasm_bindgen};
use wasm_bindgen::{JsCast, JsValue};

#[wasm_bindgen]
extern "C" {
    /// An `IDBDatabase`.
    #[derive(Debug, Clone)]
    pub(super) type RawDatabase;

    #[wasm_bindgen(method, catch)]
    fn transaction(
        this: &RawDatabase,
        stores: &Array,
        mode: &str,
        options: &Object,
    ) -> Result<RawTransaction, JsValue>;

    #[wasm_bindgen(method)]
    pub(super) fn close(this: &RawDatabase);

    #[wasm_bindgen(method, setter)]
    fn set_onversionchange(this: &RawDatabase, listener: &Function);

    #[wasm_bindgen(method, setter)]
    fn set_onclose(this: &RawDatabase, listener: &Function);

    /// An `IDBTransaction`.
    #[derive(Debug, Clone)]
    pub(super) type RawTransaction;

    #[wasm_bindgen(method, getter)]
    pub(super) fn error(this: &RawTransaction) -> JsValue;

    #[wasm_bindgen(method, catch)]
    pub(super) fn commit(this: &RawTransaction) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch)]
    pub(super) fn abort(this: &RawTransaction) -> Result<(), JsValue>;
}

/// Who is told when a connection is closed by the browser, or for another tab.
pub(super) type OnClosed = Rc<RefCell<Option<Function>>>;

/// Opens the database of `idb://name`, making its stores where there are none.
pub(super) async fn connect(name: &str, closed: &OnClosed) -> Result<RawDatabase, StorageError> {
    let records = ObjectStoreBuilder::new(RECORDS).auto_increment(true);
    let opened = DatabaseBuilder::new(&database(name))
        .version(VERSION)
        .add_object_store(records)
        .add_object_store(ObjectStoreBuilder::new(CHUNKS))
        .add_object_store(ObjectStoreBuilder::new(META))
        .build()
        .await?;
    Ok(watched(opened, closed))
}

/// Opens a database that was opened before; none where it was deleted since, which stays so.
pub(super) async fn connect_again(
    name: &str,
    closed: &OnClosed,
) -> Result<Option<RawDatabase>, StorageError> {
    let mut request = Factory::new()?.open(&database(name), Some(VERSION))?;
    let deleted = Rc::new(Cell::new(false));
    let noted = Rc::clone(&deleted);
    // Asked for what is there already, the browser has nothing to upgrade.
    request.on_upgrade_needed(move |event| {
        noted.set(true);
        if let Some(made) = event.target().ok().and_then(|request| request.transaction()) {
            let _ = JsValue::from(made).unchecked_ref::<RawTransaction>().abort();
        }
    });
    match request.await {
        Ok(opened) => Ok(Some(watched(opened, closed))),
        Err(_) if deleted.get() => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn watched(opened: idb::Database, closed: &OnClosed) -> RawDatabase {
    let raw: RawDatabase = JsValue::from(opened).unchecked_into();
    // Who deletes the database, or opens it with a later layout, need not wait for this tab.
    // A closure and no text to evaluate: pages forbid that by their content security policy. It is called
    // once: a connection that has closed for another is not closed by the browser.
    let (closing, closed) = (raw.clone(), Rc::clone(closed));
    let close = Closure::once_into_js(move || {
        closing.close();
        let told = closed.borrow().clone();
        if let Some(listener) = told {
            let _ = listener.call0(&JsValue::UNDEFINED);
        }
    });
    raw.set_onversionchange(close.unchecked_ref());
    raw.set_onclose(close.unchecked_ref());
    raw
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Read,
    Write,
    WriteRelaxed,
}

/// How far a transaction that is complete is on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::journal) enum Durability {
    /// A power cut does not take it back.
    Strict,
    /// A power cut may; the end of the browser does not.
    Relaxed,
}

/// Opens a transaction over these stores.
pub(super) fn begin(
    connection: &RawDatabase,
    stores: &[&str],
    mode: Mode,
) -> Result<Work, StorageError> {
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
