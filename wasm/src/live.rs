//! Live queries: subscribing, and what changed since the last look.

use crate::convert::{self, Parameters, set};
use crate::database::CoreDatabase;
use crate::error::{Fault, Outcome};
use js_sys::{Array, Object};
use pluresdb::{Delta, SqlRow, Subscription};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
impl CoreDatabase {
    /// Subscribes to a statement; gives `{ subscription, columns, rows }`.
    pub fn subscribe(&self, sql: &str, params: &JsValue) -> Outcome<Object> {
        let mut database = self.open()?;
        let (subscription, rows) =
            Parameters::read(params)?.with(sql, |statement| database.subscribe_to(&statement))?;
        let object = convert::table(&rows.columns, &rows.rows);
        set(&object, &"subscription".into(), &number(subscription));
        Ok(object)
    }

    /// Ends a subscription.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "as given by us")]
    pub fn unsubscribe(&self, subscription: f64) -> Outcome<bool> {
        Ok(self.open()?.unsubscribe(Subscription::from_number(subscription as u64)))
    }

    /// What changed since the last call, as an array of `{ subscription, columns, removed, added,
    /// changed, moved }` or `{ subscription, error }`. `removed` are places before, `moved` pairs of
    /// places before and after, the others pairs of a place after and a row.
    #[wasm_bindgen(js_name = takeChanges)]
    pub fn take_changes(&self) -> Outcome<Array> {
        let mut database = self.open()?;
        let changes = database.take_changes()?;
        let told = Array::new();
        for change in changes {
            let object = Object::new();
            set(&object, &"subscription".into(), &number(change.subscription));
            match change.outcome {
                Ok(delta) => {
                    let (columns, _) = database.live_rows(change.subscription).unwrap_or_default();
                    let columns: Array = columns.iter().map(JsValue::from).collect();
                    set(&object, &"columns".into(), &columns);
                    self::delta(&object, &delta);
                }
                Err(error) => set(&object, &"error".into(), &Fault::from(error).into()),
            }
            told.push(&object);
        }
        Ok(told)
    }
}

fn delta(object: &Object, delta: &Delta) {
    let removed: Array = delta.removed.iter().map(|(at, _)| place(*at)).collect();
    let moved: Array =
        delta.moved.iter().map(|(from, to)| Array::of2(&place(*from), &place(*to))).collect();
    set(object, &"removed".into(), &removed);
    set(object, &"added".into(), &rows(&delta.added));
    set(object, &"changed".into(), &rows(&delta.changed));
    set(object, &"moved".into(), &moved);
}

fn rows(rows: &[(usize, SqlRow)]) -> Array {
    rows.iter().map(|(at, row)| Array::of2(&place(*at), &convert::row(row))).collect()
}

#[expect(clippy::cast_precision_loss, reason = "a count of rows is far below 2^53")]
fn place(at: usize) -> JsValue {
    (at as f64).into()
}

#[expect(clippy::cast_precision_loss, reason = "a count of subscriptions is far below 2^53")]
fn number(subscription: Subscription) -> JsValue {
    (subscription.number() as f64).into()
}
