//! What was: the history of a node, the node at a time, undo and redo, and forgetting.

use crate::convert::{self, Keys, object};
use crate::database::CoreDatabase;
use crate::error::Outcome;
use js_sys::{Array, Object};
use pluresdb::model::{Op, SharedChange, Write};
use pluresdb::{Compaction, Retention, Revision, Undone};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

const DAY_MS: f64 = 24.0 * 60.0 * 60.0 * 1000.0;

#[wasm_bindgen]
impl CoreDatabase {
    /// The changes of a node, an array of `{ at, actor, seq, deleted, put, type, writes }`.
    pub fn history(&self, id: &str) -> Outcome<Array> {
        let revisions = self.reading()?.history(id)?;
        Ok(convert::list(&revisions, &mut Keys::default(), revision))
    }

    /// A node at a time, or null.
    #[wasm_bindgen(js_name = getAsOf)]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "milliseconds since 1970; what is before counts as 1970"
    )]
    pub fn get_as_of(&self, id: &str, ms: f64) -> Outcome<Option<Object>> {
        let node = self.reading()?.get_as_of(id, ms as u64)?;
        Ok(node.map(|node| convert::node(&node, &mut Keys::default())))
    }

    /// Forgets old history. The days to keep are kept as the database's setting; undefined leaves
    /// that as it is. Gives `{ records, unsynced, bytesBefore, bytesAfter }`.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a time that is no number of milliseconds counts as none"
    )]
    pub fn compact(&self, keep_days: Option<f64>, unsynced: bool) -> Outcome<Object> {
        let mut database = self.open()?;
        if let Some(days) = keep_days {
            let keep_ms = Some((days * DAY_MS) as u64);
            database.set_retention(Retention { keep_ms, unsynced })?;
        }
        Ok(compaction(database.compact()?))
    }

    /// How many transactions can be undone at most.
    #[wasm_bindgen(js_name = keepUndo)]
    pub fn keep_undo(&self, transactions: u32) -> Outcome<()> {
        self.open()?.keep_undo(transactions as usize);
        Ok(())
    }

    /// Undoes the last own transaction; gives `{ changed, kept }`, or null where there is none.
    pub fn undo(&self) -> Outcome<Option<Object>> {
        Ok(self.open()?.undo()?.map(undone))
    }

    /// Does again what was undone last; gives `{ changed, kept }`, or null where there is none.
    pub fn redo(&self) -> Outcome<Option<Object>> {
        Ok(self.open()?.redo()?.map(undone))
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts and times are far below 2^53")]
fn number(count: u64) -> JsValue {
    (count as f64).into()
}

fn undone(undone: Undone) -> Object {
    object(&[("changed", number(undone.changed as u64)), ("kept", number(undone.kept as u64))])
}

fn compaction(done: Compaction) -> Object {
    object(&[
        ("records", number(done.records)),
        ("unsynced", number(done.unsynced)),
        ("bytesBefore", number(done.bytes_before)),
        ("bytesAfter", number(done.bytes_after)),
    ])
}

fn revision(revision: &Revision, keys: &mut Keys) -> Object {
    object(&[
        ("at", number(revision.stamp.hlc.ms())),
        ("actor", revision.stamp.actor.to_string().into()),
        ("seq", number(revision.seq)),
        ("deleted", revision.deleted.into()),
        ("put", revision.put.into()),
        ("type", revision.kind.as_deref().map_or(JsValue::NULL, JsValue::from)),
        ("writes", convert::list(&revision.writes, keys, write).into()),
    ])
}

/// A change of a field as `{ field, op, value, removed }`, the last two where `op` has them.
fn write(write: &Write, keys: &mut Keys) -> Object {
    let field: Array = write.path.keys().map(JsValue::from).collect();
    let mut parts = vec![("field", field.into())];
    let op = match &write.op {
        Op::Set(value) => {
            parts.push(("value", convert::value(value, keys)));
            "set"
        }
        Op::Remove => "remove",
        Op::Shared(shared) => match &shared.change {
            SharedChange::Counter { add } => {
                parts.push(("value", convert::int(*add)));
                "increment"
            }
            SharedChange::Set { add, remove } => {
                let added: Array = add.iter().map(|value| convert::value(value, keys)).collect();
                let removed: Array =
                    remove.iter().map(|(value, _)| convert::value(value, keys)).collect();
                parts.extend([("value", added.into()), ("removed", removed.into())]);
                "change-set"
            }
            SharedChange::List(_) => "edit-list",
            SharedChange::Text(_) => "edit-text",
        },
    };
    parts.push(("op", op.into()));
    object(&parts)
}
