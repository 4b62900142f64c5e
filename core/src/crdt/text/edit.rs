//! Changing a text or list inside a transaction.

use super::super::doc::{Doc, Ground};
use super::client::client_on;
use super::opened::{Opened, Root, YJS_CLIENTS};
use super::reverse::{Reversal, boundary_from};
use super::sound;
use super::value::{any, whole};
use crate::model::{SharedKind, Value, ValueError};
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use yrs::updates::decoder::Decode;
use yrs::{Array, GetString, ReadTxn, StateVector, Text, Transact, Update};

/// An edit of a text. Offsets and lengths count UTF-16 code units, as in JavaScript.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextEdit {
    /// Where.
    pub at: u32,
    /// How much goes.
    pub remove: u32,
    /// What comes in its place.
    pub insert: String,
}

/// An edit of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct ListEdit {
    /// Where.
    pub at: u32,
    /// How many values go.
    pub remove: u32,
    /// What comes in their place.
    pub insert: Vec<Value>,
}

/// Why an edit cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// Beyond the end.
    #[error("the edit is at {at} and removes {remove}; the field has {length}")]
    Range {
        /// Where the edit is.
        at: u32,
        /// How much it removes.
        remove: u32,
        /// How long the field is.
        length: u32,
    },
    /// Begins or ends inside a character that takes two code units.
    #[error(
        "the edit is at {at} and removes {remove}, which would leave half a character: some take \
         two UTF-16 code units"
    )]
    HalfCharacter {
        /// Where the edit is.
        at: u32,
        /// How much it removes.
        remove: u32,
    },
    /// A value that cannot be stored.
    #[error(transparent)]
    Value(#[from] ValueError),
    /// A number that Yjs would give back as another.
    #[error(
        "a list cannot keep the number {0} as it is; store a whole number beyond 2^53 as an \
         integer of 64 bits (a bigint), or as a text"
    )]
    Inexact(String),
    /// Not an update of Yjs, or one whose beginning is missing here.
    #[error("the bytes are no Yjs update that follows what is here")]
    Update,
    /// A kind of field without a document of Yjs.
    #[error("a {kind} has no Yjs document; only texts and lists do")]
    NoDocument {
        /// What the field was to be.
        kind: SharedKind,
    },
    /// Operations of a device that writes here itself.
    #[error(
        "the update has operations of Yjs client {client}, who writes for another device; \
         they come by sync"
    )]
    OtherWriter {
        /// The client of Yjs.
        client: u64,
    },
    /// The stored document cannot be read.
    #[error("the stored document cannot be read; run a check of the database")]
    Damaged,
}

/// As whom a text or list is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Editor {
    /// The client of Yjs.
    pub client: u64,
    /// Whether what undoes the edits is noted.
    pub keep_undo: bool,
}

/// A text or list that a transaction is changing.
pub struct ContentDraft {
    pub(super) opened: Opened,
    keep_undo: bool,
    updates: Vec<Vec<u8>>,
    reversals: Vec<Reversal>,
}

impl fmt::Debug for ContentDraft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContentDraft").finish_non_exhaustive()
    }
}

impl ContentDraft {
    /// Opens a field to be changed.
    pub fn open(
        stored: Option<&Doc>,
        kind: SharedKind,
        ground: &Ground<'_>,
        editor: Editor,
    ) -> Result<Self, EditError> {
        if !matches!(kind, SharedKind::List | SharedKind::Text) {
            return Err(EditError::NoDocument { kind });
        }
        if let (None, SharedKind::List, Some(Value::Array(items))) = (stored, kind, ground.value())
        {
            items.iter().try_for_each(check_numbers)?;
        }
        let fresh = Doc::default();
        let client = client_on(editor.client, ground.floor);
        let opened = Opened::of(stored.unwrap_or(&fresh), kind, ground, client);
        Ok(Self {
            opened: opened.ok_or(EditError::Damaged)?,
            keep_undo: editor.keep_undo,
            updates: Vec::new(),
            reversals: Vec::new(),
        })
    }

    /// What the field holds now.
    #[must_use]
    pub fn content(&self) -> Value {
        self.opened.content()
    }

    /// The whole document as an update of Yjs, version 1.
    #[must_use]
    pub fn state(&self) -> Vec<u8> {
        self.opened.doc.transact().encode_state_as_update_v1(&StateVector::default())
    }

    /// Edits a text.
    pub fn edit_text(&mut self, edit: &TextEdit) -> Result<(), EditError> {
        let Root::Text(text) = &self.opened.root else {
            return Err(EditError::Damaged);
        };
        let whole = text.get_string(&self.opened.doc.transact());
        let length = whole.encode_utf16().count() as u32;
        let (at, remove) = (edit.at, edit.remove);
        let end = at.checked_add(remove).filter(|end| *end <= length);
        let end = end.ok_or(EditError::Range { at, remove, length })?;
        if !is_boundary(&whole, at) || !is_boundary(&whole, end) {
            return Err(EditError::HalfCharacter { at, remove });
        }
        if remove == 0 && edit.insert.is_empty() {
            return Ok(());
        }
        let removed = Value::Text(slice_of(&whole, edit.at, end));
        let reversal =
            self.keep_undo.then(|| Reversal::before(&self.opened, edit.at, edit.remove, removed));
        let mut txn = self.opened.doc.transact_mut();
        if edit.remove > 0 {
            text.remove_range(&mut txn, edit.at, edit.remove);
        }
        if !edit.insert.is_empty() {
            text.insert(&mut txn, edit.at, &edit.insert);
        }
        self.updates.push(txn.encode_update_v1());
        drop(txn);
        self.reversals.extend(reversal.map(|reversal| reversal.after(&self.opened)));
        Ok(())
    }

    /// Edits a list.
    pub fn edit_list(&mut self, edit: &ListEdit) -> Result<(), EditError> {
        let Root::List(list) = &self.opened.root else {
            return Err(EditError::Damaged);
        };
        let Value::Array(insert) = Value::Array(edit.insert.clone()).checked()? else {
            return Err(EditError::Damaged);
        };
        insert.iter().try_for_each(check_numbers)?;
        let Value::Array(whole) = self.opened.content() else {
            return Err(EditError::Damaged);
        };
        let (from, many) = (edit.at as usize, edit.remove as usize);
        let Some(removed) = whole.get(from..).and_then(|rest| rest.get(..many)) else {
            let (at, remove, length) = (edit.at, edit.remove, whole.len() as u32);
            return Err(EditError::Range { at, remove, length });
        };
        if removed.is_empty() && insert.is_empty() {
            return Ok(());
        }
        let removed = Value::Array(removed.to_vec());
        let reversal =
            self.keep_undo.then(|| Reversal::before(&self.opened, edit.at, edit.remove, removed));
        let mut txn = self.opened.doc.transact_mut();
        if edit.remove > 0 {
            list.remove_range(&mut txn, edit.at, edit.remove);
        }
        if !insert.is_empty() {
            list.insert_range(&mut txn, edit.at, insert.iter().map(any));
        }
        self.updates.push(txn.encode_update_v1());
        drop(txn);
        self.reversals.extend(reversal.map(|reversal| reversal.after(&self.opened)));
        Ok(())
    }

    /// Takes in an update of a Yjs document of the same field. It may hold what is here already.
    pub fn apply_update(&mut self, bytes: &[u8]) -> Result<(), EditError> {
        let update = sound::decode_of_editor(bytes).ok_or(EditError::Update)?;
        let apply = AssertUnwindSafe(|| {
            let mut txn = self.opened.doc.transact_mut();
            txn.apply_update(update).ok()?;
            (!txn.has_missing_updates()).then(|| txn.encode_update_v1())
        });
        let fresh = catch_unwind(apply).ok().flatten().ok_or(EditError::Update)?;
        let own = self.opened.doc.client_id().get();
        let news = Update::decode_v1(&fresh).map_err(|_| EditError::Update)?;
        let by_others = |client: u64| client != own && client >= YJS_CLIENTS;
        match news.state_vector_lower().iter().find(|(client, _)| by_others(client.get())) {
            Some((client, _)) => Err(EditError::OtherWriter { client: client.get() }),
            None => {
                // All of it may have been here before.
                if fresh != Update::EMPTY_V1 {
                    self.updates.push(fresh);
                }
                Ok(())
            }
        }
    }

    /// Edits the field to hold `wanted`, leaving what both have at the beginning and the end.
    pub fn turn_into(&mut self, wanted: &Value) -> Result<(), EditError> {
        match (self.content(), wanted) {
            (Value::Text(old), Value::Text(new)) if old != *new => {
                self.edit_text(&text_difference(&old, new))
            }
            (Value::Array(old), Value::Array(new)) if old != *new => {
                self.edit_list(&list_difference(&old, new))
            }
            _ => Ok(()),
        }
    }

    /// The change as one update with what undoes it, `None` where there is none.
    #[must_use]
    pub fn finish(self) -> Option<(Vec<u8>, Vec<Reversal>)> {
        let update = match self.updates.as_slice() {
            [] => None,
            [update] => Some(update.clone()),
            updates => yrs::merge_updates_v1(updates).ok(),
        };
        update.map(|update| (update, self.reversals))
    }
}

/// Refuses the numbers that would come back as others. yrs writes a whole number as a float where
/// that is exact, and holds the largest one to be; so whole floats are read as integers again.
fn check_numbers(value: &Value) -> Result<(), EditError> {
    match value {
        Value::Int(i64::MAX) => Err(EditError::Inexact(i64::MAX.to_string())),
        Value::Float(number) if whole(*number).is_some() => {
            Err(EditError::Inexact(number.to_string()))
        }
        Value::Array(items) => items.iter().try_for_each(check_numbers),
        Value::Object(map) => map.values().try_for_each(check_numbers),
        _ => Ok(()),
    }
}

fn is_boundary(text: &str, at: u32) -> bool {
    boundary_from(text, at) == at
}

/// The part of a text between two offsets in UTF-16 code units, both between characters.
fn slice_of(text: &str, from: u32, to: u32) -> String {
    let mut place = 0;
    text.chars()
        .filter(|character| {
            let here = place;
            place += character.len_utf16() as u32;
            (from..to).contains(&here)
        })
        .collect()
}

fn text_difference(old: &str, new: &str) -> TextEdit {
    let same = |(a, b): &(char, char)| a == b;
    let shared = old.chars().zip(new.chars()).take_while(same);
    let front: usize = shared.map(|(character, _)| character.len_utf8()).sum();
    let (old_rest, new_rest) =
        (old.get(front..).unwrap_or_default(), new.get(front..).unwrap_or_default());
    let shared = old_rest.chars().rev().zip(new_rest.chars().rev()).take_while(same);
    let back: usize = shared.map(|(character, _)| character.len_utf8()).sum();
    let units = |text: &str| text.encode_utf16().count() as u32;
    let removed = old_rest.get(..old_rest.len() - back).unwrap_or_default();
    let inserted = new_rest.get(..new_rest.len() - back).unwrap_or_default();
    TextEdit {
        at: units(old.get(..front).unwrap_or_default()),
        remove: units(removed),
        insert: inserted.into(),
    }
}

fn list_difference(old: &[Value], new: &[Value]) -> ListEdit {
    let front = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let (old_rest, new_rest) =
        (old.get(front..).unwrap_or_default(), new.get(front..).unwrap_or_default());
    let back = old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(|(a, b)| a == b).count();
    ListEdit {
        at: front as u32,
        remove: (old_rest.len() - back) as u32,
        insert: new_rest.get(..new_rest.len() - back).unwrap_or_default().to_vec(),
    }
}
