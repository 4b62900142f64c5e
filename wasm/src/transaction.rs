//! A transaction whose writes come from a JavaScript callback.
//!
//! The callback is handed a function `step(operation, ...)` that lives only as long as the call: a
//! step after the end throws. That way no reference into the engine outlives its transaction.

use crate::convert::{self, Keys, Parameters};
use crate::env::{now_ms, random_id};
use crate::error::{Fault, Outcome};
use crate::fields::FieldChange;
use pluresdb::{Database, EdgeRef, Error, Transaction};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    /// The callback, as an object with one method.
    pub type TransactionBody;

    #[wasm_bindgen(method, catch)]
    fn run(
        this: &TransactionBody,
        step: &mut dyn FnMut(
            String,
            JsValue,
            JsValue,
            JsValue,
            JsValue,
            JsValue,
        ) -> Result<JsValue, JsValue>,
    ) -> Result<JsValue, JsValue>;
}

/// Runs the callback as one transaction; what it throws undoes everything and is thrown on.
pub(crate) fn run(
    database: &mut Database,
    keys: &mut Keys,
    body: &TransactionBody,
) -> Outcome<JsValue> {
    let mut thrown = None;
    let outcome = database.transaction(|transaction| {
        let mut step = |operation: String, a, b, c, d, e| {
            apply(transaction, keys, &operation, [a, b, c, d, e]).map_err(JsValue::from)
        };
        body.run(&mut step).map_err(|value| {
            thrown = Some(value);
            // Any error undoes the transaction; this one is never seen.
            Error::Busy
        })
    });
    match thrown {
        Some(value) => Err(Fault::Thrown(value)),
        None => Ok(outcome?),
    }
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
            let done = Parameters::read(&b)?
                .with(&text(&a, "sql")?, |statement| transaction.execute_with(&statement))?;
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
        Fault::new(
            "bad-value",
            format!("{name}: expected a text, found {}", convert::describe(value)),
        )
    })
}
