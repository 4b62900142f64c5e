//! Counters, sets, texts and lists as JavaScript changes them. The same change outside and inside
//! a transaction is one function here.

use crate::convert;
use crate::database::CoreDatabase;
use crate::error::{Fault, Outcome};
use js_sys::Uint8Array;
use pluresdb::{ListEdit, Path, SharedKind, TextEdit, Transaction, Value};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

/// A change of one field, converted.
pub(crate) struct FieldChange {
    path: Path,
    change: Change,
}

enum Change {
    Increment(i64),
    AddToSet(Vec<Value>),
    RemoveFromSet(Vec<Value>),
    EditText(Vec<TextEdit>),
    EditList(Vec<ListEdit>),
    Update(SharedKind, Vec<u8>),
}

impl FieldChange {
    /// From the name of the operation, the field, and up to two arguments.
    pub(crate) fn read(
        operation: &str,
        field: &JsValue,
        first: &JsValue,
        second: &JsValue,
    ) -> Outcome<Self> {
        let change = match operation {
            "increment" => Change::Increment(convert::whole(first, "by")?),
            "addToSet" => Change::AddToSet(convert::values(first)?),
            "removeFromSet" => Change::RemoveFromSet(convert::values(first)?),
            "editText" => Change::EditText(convert::text_edits(first)?),
            "editList" => Change::EditList(convert::list_edits(first)?),
            "applyUpdate" => {
                Change::Update(convert::document_kind(first)?, convert::update(second)?)
            }
            other => return Err(Fault::new("bad-value", format!("{other} is no operation"))),
        };
        Ok(Self { path: convert::path(field)?, change })
    }

    pub(crate) fn apply(
        &self,
        transaction: &mut Transaction<'_, '_>,
        id: &str,
    ) -> Result<(), pluresdb::Error> {
        let path = &self.path;
        match &self.change {
            Change::Increment(by) => transaction.increment(id, path, *by),
            Change::AddToSet(values) => transaction.add_to_set(id, path, values),
            Change::RemoveFromSet(values) => transaction.remove_from_set(id, path, values),
            Change::EditText(edits) => transaction.edit_text(id, path, edits),
            Change::EditList(edits) => transaction.edit_list(id, path, edits),
            Change::Update(kind, update) => transaction.apply_update(id, path, *kind, update),
        }
    }
}

#[wasm_bindgen]
impl CoreDatabase {
    /// Changes a counter, set, text or list, as one transaction; an update that is too large for one as several.
    #[wasm_bindgen(js_name = changeField)]
    pub fn change_field(
        &self,
        operation: &str,
        id: &str,
        field: &JsValue,
        first: &JsValue,
        second: &JsValue,
    ) -> Outcome<()> {
        let change = FieldChange::read(operation, field, first, second)?;
        let mut database = self.open()?;
        match &change {
            FieldChange { path, change: Change::Update(kind, update) } => {
                database.apply_update(id, path, *kind, update)?;
            }
            change => database.transaction(|tx| change.apply(tx, id))?,
        }
        Ok(())
    }

    /// The whole document of a text or list as an update of Yjs; undefined where there is no node.
    #[wasm_bindgen(js_name = fieldUpdate)]
    pub fn field_update(
        &self,
        id: &str,
        field: &JsValue,
        kind: &JsValue,
    ) -> Outcome<Option<Uint8Array>> {
        let (path, kind) = (convert::path(field)?, convert::document_kind(kind)?);
        let update = self.reading()?.field_update(id, &path, kind)?;
        Ok(update.map(|update| Uint8Array::from(update.as_slice())))
    }
}
