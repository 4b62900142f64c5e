//! A transaction of JavaScript: steps that come one at a time, whatever runs in between.

use crate::convert::{self, Keys, Parameters};
use crate::database::CoreDatabase;
use crate::env::{now_ms, random_id};
use crate::error::{Fault, Outcome};
use crate::fields::FieldChange;
use pluresdb::{EdgeRef, OpenTransaction, SqlLimits, Transaction};
use std::cell::RefCell;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

/// A transaction under way. Freeing it undoes it.
#[wasm_bindgen]
#[derive(Debug)]
pub struct CoreTransaction {
    database: CoreDatabase,
    open: RefCell<Option<OpenTransaction>>,
}

#[wasm_bindgen]
impl CoreDatabase {
    /// Begins a transaction. Nothing else may be committed until it ends: the package's gate.
    pub fn begin(&self) -> Outcome<CoreTransaction> {
        let open = RefCell::new(Some(self.open()?.begin_open()?));
        Ok(CoreTransaction { database: self.clone(), open })
    }
}

#[wasm_bindgen]
impl CoreTransaction {
    /// One operation, with up to five parts.
    pub fn step(
        &self,
        operation: &str,
        a: JsValue,
        b: JsValue,
        c: JsValue,
        d: JsValue,
        e: JsValue,
    ) -> Outcome<JsValue> {
        let mut open = self.open.borrow_mut();
        let open = open.as_mut().ok_or_else(ended)?;
        let mut keys = Keys::default();
        let parts = [a, b, c, d, e];
        // What a step refuses undoes that step alone.
        self.database.open()?.step(open, |tx| Ok(apply(tx, &mut keys, operation, parts)))?
    }

    /// Commits it.
    pub fn commit(&self) -> Outcome<()> {
        let open = self.open.borrow_mut().take().ok_or_else(ended)?;
        Ok(self.database.open()?.finish(open)?)
    }
}

fn ended() -> Fault {
    Fault::new("ended", "this transaction has ended; its methods are for its callback")
}

fn apply(
    transaction: &mut Transaction<'_, '_>,
    keys: &mut Keys,
    operation: &str,
    [a, b, c, d, e]: [JsValue; 5],
) -> Outcome<JsValue> {
    match operation {
        "put" => {
            let id = match a.is_undefined() || a.is_null() {
                true => random_id()?,
                false => text(&a, "id")?,
            };
            transaction.put(&id, &text(&b, "type")?, convert::data(&c)?)?;
            Ok(id.into())
        }
        "patch" => {
            transaction.patch(&text(&a, "id")?, convert::patch(&b)?)?;
            Ok(JsValue::UNDEFINED)
        }
        "delete" => Ok(transaction.delete(&text(&a, "id")?)?.into()),
        "link" => {
            transaction.link_as(edge_ref(&a, &b, &c, &d)?, convert::optional_data(&e)?)?;
            Ok(JsValue::UNDEFINED)
        }
        "unlink" => Ok(transaction.unlink_as(edge_ref(&a, &b, &c, &d)?)?.into()),
        "exec" => {
            let limits = SqlLimits { memory: Some(SqlLimits::MOST_HELD), ..SqlLimits::default() };
            let done = Parameters::read(&b)?.with(&text(&a, "sql")?, |statement| {
                transaction.execute_with(&statement.limited(limits))
            })?;
            Ok(convert::executed(&done).into())
        }
        "get" => get(transaction, keys, &text(&a, "id")?),
        other => {
            FieldChange::read(other, &b, &c, &d)?.apply(transaction, &text(&a, "id")?)?;
            Ok(JsValue::UNDEFINED)
        }
    }
}

fn get(transaction: &mut Transaction<'_, '_>, keys: &mut Keys, id: &str) -> Outcome<JsValue> {
    let Some((kind, data)) = transaction.get(id)? else {
        return Ok(JsValue::NULL);
    };
    let node = pluresdb::Node {
        id: id.to_owned(),
        kind,
        data,
        // The stamp comes with the commit; until then a node read here is as of now.
        updated: now_ms(),
    };
    Ok(convert::node(&node, keys).into())
}

/// An edge by its four parts; a key left out is empty.
pub(crate) fn edge_ref(
    source: &JsValue,
    label: &JsValue,
    target: &JsValue,
    key: &JsValue,
) -> Outcome<EdgeRef> {
    Ok(EdgeRef {
        source: text(source, "source")?,
        label: text(label, "label")?,
        target: text(target, "target")?,
        key: match key.is_undefined() {
            true => String::new(),
            false => text(key, "key")?,
        },
    })
}

/// A text that must be there.
pub(crate) fn text(value: &JsValue, name: &str) -> Outcome<String> {
    convert::string(value).ok_or_else(|| {
        let why = if value.is_string() {
            "the text holds half of a surrogate pair, which UTF-8 has no bytes for".into()
        } else {
            format!("expected a text, found {}", convert::describe(value))
        };
        Fault::new("bad-value", format!("{name}: {why}"))
    })
}
