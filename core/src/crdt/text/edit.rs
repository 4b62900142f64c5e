//! Changing a text or list inside a transaction.

use super::super::doc::{Doc, Ground};
use super::client::client_on;
use super::document::Document;
use super::opened::{Opened, Root, YJS_CLIENTS};
use super::recent;
use super::reverse::{Reversal, boundary_from};
use super::sequence::{Mark, Taken};
use super::sound;
use super::value::whole;
use crate::model::{SharedKind, Value, ValueError};
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use yrs::updates::decoder::Decode;
use yrs::{GetString, Transact, Update};

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
    pub(super) document: Document,
    pub(super) kind: SharedKind,
    pub(super) client: u64,
    keep_undo: bool,
    /// The bytes that the document was read from.
    base: Vec<u8>,
    /// How far a sequence was before what is not in `updates`.
    mark: Mark,
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
        let stored = stored.unwrap_or(&fresh);
        let client = client_on(editor.client, ground.floor);
        let mut document = Document::of(stored, kind, ground, client).ok_or(EditError::Damaged)?;
        let mark = match &mut document {
            Document::Sequence(sequence) => sequence.mark(),
            Document::Yrs(_) => Mark::default(),
        };
        Ok(Self {
            document,
            kind,
            client,
            keep_undo: editor.keep_undo,
            base: stored.state.clone(),
            mark,
            updates: Vec::new(),
            reversals: Vec::new(),
        })
    }

    /// What the field holds now.
    #[must_use]
    pub fn content(&self) -> Value {
        self.document.content()
    }

    /// The whole document as an update of Yjs, version 1.
    #[must_use]
    pub fn state(&mut self) -> Vec<u8> {
        self.document.state()
    }

    /// Edits a text.
    pub fn edit_text(&mut self, edit: &TextEdit) -> Result<(), EditError> {
        let whole = match &self.document {
            Document::Yrs(Opened { doc, root: Root::Text(text) }) => {
                text.get_string(&doc.transact())
            }
            Document::Yrs(_) => return Err(EditError::Damaged),
            Document::Sequence(_) => String::new(),
        };
        let (at, remove) = (edit.at, edit.remove);
        let length = match &self.document {
            Document::Sequence(sequence) => sequence.length(),
            Document::Yrs(_) => whole.encode_utf16().count() as u32,
        };
        let is_boundary = |at: u32| match &self.document {
            Document::Sequence(sequence) => sequence.is_boundary(at),
            Document::Yrs(_) => is_boundary(&whole, at),
        };
        let end = at.checked_add(remove).filter(|end| *end <= length);
        let end = end.ok_or(EditError::Range { at, remove, length })?;
        if !is_boundary(at) || !is_boundary(end) {
            return Err(EditError::HalfCharacter { at, remove });
        }
        if remove == 0 && edit.insert.is_empty() {
            return Ok(());
        }
        let reversal = self.reversal(at, remove);
        let removed = match &mut self.document {
            Document::Sequence(sequence) => {
                let removed = sequence.remove(at, remove);
                if !edit.insert.is_empty() {
                    sequence.insert(at, &edit.insert, self.client);
                }
                removed
            }
            Document::Yrs(opened) => {
                self.updates.extend(opened.edit_text(edit));
                slice_of(&whole, at, end)
            }
        };
        self.keep(reversal, Value::Text(removed));
        Ok(())
    }

    /// Edits a list.
    pub fn edit_list(&mut self, edit: &ListEdit) -> Result<(), EditError> {
        let Value::Array(insert) = Value::Array(edit.insert.clone()).checked()? else {
            return Err(EditError::Damaged);
        };
        insert.iter().try_for_each(check_numbers)?;
        let Value::Array(whole) = self.content() else {
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
        let reversal = self.reversal(edit.at, edit.remove);
        if let Document::Yrs(opened) = &self.document {
            self.updates.extend(opened.edit_list(edit.at, edit.remove, &insert));
        }
        self.keep(reversal, removed);
        Ok(())
    }

    fn reversal(&self, at: u32, remove: u32) -> Option<Reversal> {
        self.keep_undo.then(|| Reversal::before(&self.document, self.client, at, remove))
    }

    fn keep(&mut self, reversal: Option<Reversal>, removed: Value) {
        self.reversals.extend(reversal.map(|reversal| reversal.after(&self.document, removed)));
    }

    /// Takes in an update of a Yjs document of the same field. It may hold what is here already.
    pub fn apply_update(&mut self, bytes: &[u8]) -> Result<(), EditError> {
        let update = sound::read_of_editor(bytes).ok_or(EditError::Update)?;
        for written in &update.clients {
            let client = written.client;
            let is_new = written.end() > self.document.next_clock(client);
            if is_new && client != self.client && client >= YJS_CLIENTS {
                return Err(EditError::OtherWriter { client });
            }
        }
        if let Document::Sequence(sequence) = &mut self.document {
            let before = sequence.state();
            let changes = sequence.has_changed(&self.mark).then(|| sequence.changes(&self.mark));
            match sequence.take(update) {
                Ok(Taken::Done) => return Ok(()),
                Ok(Taken::Early) => return Err(EditError::Update),
                // It is no sequence any more.
                Err(_) => {
                    let opened = Opened::read(self.kind, self.client, &before);
                    self.document = Document::Yrs(opened.ok_or(EditError::Damaged)?);
                    self.updates.extend(changes);
                }
            }
        }
        let Document::Yrs(opened) = &self.document else {
            return Err(EditError::Damaged);
        };
        let update = Update::decode_v1(bytes).map_err(|_| EditError::Update)?;
        let apply = AssertUnwindSafe(|| opened.take(update));
        let fresh = catch_unwind(apply).ok().flatten().ok_or(EditError::Update)?;
        // All of it may have been here before.
        if fresh != Update::EMPTY_V1 {
            self.updates.push(fresh);
        }
        Ok(())
    }

    /// Whether the field holds this.
    fn holds(&self, value: &Value) -> bool {
        match (&self.document, value) {
            (Document::Sequence(sequence), Value::Text(text)) => {
                recent::same(sequence.content().as_bytes(), text.as_bytes())
            }
            _ => self.content() == *value,
        }
    }

    /// Edits the field to hold `wanted`, leaving what both have at the beginning and the end.
    pub fn turn_into(&mut self, wanted: &Value) -> Result<(), EditError> {
        if self.holds(wanted) {
            return Ok(());
        }
        match (self.content(), wanted) {
            (Value::Text(old), Value::Text(new)) => self.edit_text(&text_difference(&old, new)),
            (Value::Array(old), Value::Array(new)) => self.edit_list(&list_difference(&old, new)),
            _ => Ok(()),
        }
    }

    /// The change as one update with what undoes it, `None` where there is none.
    #[must_use]
    pub fn finish(self) -> Option<(Vec<u8>, Vec<Reversal>)> {
        let update = match (self.document, self.updates.as_slice()) {
            (Document::Sequence(sequence), _) => {
                if !sequence.has_changed(&self.mark) {
                    recent::keep(&self.base, None, sequence);
                    return None;
                }
                let update = sequence.changes(&self.mark);
                recent::keep(&self.base, Some(&update), sequence);
                Some(update)
            }
            (_, []) => None,
            (_, [update]) => Some(update.clone()),
            (_, updates) => yrs::merge_updates_v1(updates).ok(),
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
