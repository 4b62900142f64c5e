//! Texts and lists by yrs, the port of Yjs to Rust. The only file that knows it.
//!
//! A document has one root, `value`. Its clients are those of actors ([`super::client_of`]) and, below
//! 2^32, the random clients of Yjs documents elsewhere. A change may only add operations of its own
//! actor or of the latter.
//!
//! A change is integrated only when everything it builds on is in: a document of yrs then never
//! holds anything pending, whose handling differs between versions.

use super::doc::{Doc, FIRST_CLIENT, writes_as};
use crate::model::{ActorId, BYTES_KEY, MAX_DEPTH, Map, SharedKind, Value};
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use yrs::updates::decoder::Decode;
use yrs::{
    Any, Array, ArrayRef, ClientID, GetString, OffsetKind, Options, ReadTxn, StateVector, Text,
    TextRef, Transact, Update,
};

const ROOT: &str = "value";
/// The client that a plain value is taken over by, the same everywhere; no change may be by it.
const BASE_CLIENT: u64 = FIRST_CLIENT - 1;
/// Yjs draws its clients below this.
const YJS_CLIENTS: u64 = 1 << 32;

/// A document that is open.
struct Opened {
    doc: yrs::Doc,
    root: Root,
}

enum Root {
    Text(TextRef),
    List(ArrayRef),
}

impl Opened {
    fn new(kind: SharedKind, client: u64) -> Self {
        let mut options = Options::with_client_id(ClientID::new(client));
        options.offset_kind = OffsetKind::Utf16;
        let doc = yrs::Doc::with_options(options);
        let root = match kind {
            SharedKind::Text => Root::Text(doc.get_or_insert_text(ROOT)),
            _ => Root::List(doc.get_or_insert_array(ROOT)),
        };
        Self { doc, root }
    }

    /// The document as it stands, or as it begins on top of a plain value.
    fn of(stored: &Doc, kind: SharedKind, base: Option<&Value>, client: u64) -> Option<Self> {
        let opened = Self::new(kind, client);
        if !stored.state.is_empty() {
            opened.apply(Update::decode_v1(&stored.state).ok()?)?;
            return Some(opened);
        }
        let first = Self::new(kind, BASE_CLIENT);
        first.write_base(base);
        let state = first.doc.transact().encode_state_as_update_v1(&StateVector::default());
        opened.apply(Update::decode_v1(&state).ok()?)?;
        Some(opened)
    }

    fn write_base(&self, base: Option<&Value>) {
        let mut txn = self.doc.transact_mut();
        match (&self.root, base) {
            (Root::Text(text), Some(Value::Text(base))) => text.insert(&mut txn, 0, base),
            (Root::List(list), Some(Value::Array(base))) => {
                list.insert_range(&mut txn, 0, base.iter().map(any));
            }
            _ => {}
        }
    }

    /// Integrates an update wholly. `None` where something that it builds on is missing.
    fn apply(&self, update: Update) -> Option<()> {
        let mut txn = self.doc.transact_mut();
        txn.apply_update(update).ok()?;
        (!txn.has_missing_updates()).then_some(())
    }

    fn content(&self) -> Value {
        let txn = self.doc.transact();
        match &self.root {
            Root::Text(text) => Value::Text(text.get_string(&txn)),
            Root::List(list) => {
                Value::Array(list.iter(&txn).map(|out| value(&out_any(out, &txn), 1)).collect())
            }
        }
    }

    fn store(&self, into: &mut Doc) {
        let txn = self.doc.transact();
        into.state = txn.encode_state_as_update_v1(&StateVector::default());
        into.clocks =
            txn.state_vector().iter().map(|(client, clock)| (client.get(), *clock)).collect();
        drop(txn);
        into.content = Some(self.content());
    }
}

fn out_any(out: yrs::Out, txn: &impl ReadTxn) -> Any {
    use yrs::types::ToJson;
    out.to_json(txn)
}

pub(super) fn content(doc: &Doc, kind: SharedKind, base: Option<&Value>) -> Value {
    let empty = match kind {
        SharedKind::Text => Value::Text(String::new()),
        _ => Value::Array(Vec::new()),
    };
    Opened::of(doc, kind, base, BASE_CLIENT).map_or(empty, |opened| opened.content())
}

/// Integrates the changes that wait on the document's floor, as far as what they build on is
/// there. One that can never be is dropped: it is no update, or writes in another's name.
pub(super) fn integrate(doc: &mut Doc, kind: SharedKind, base: Option<&Value>) {
    let mut progress = true;
    while progress {
        progress = false;
        let ready: Vec<_> = doc
            .waiting
            .iter()
            .filter(|(_, change)| change.floor == doc.floor)
            .map(|(stamp, change)| (*stamp, change.update.clone()))
            .collect();
        for (stamp, update) in ready {
            // A document of yrs must not be used after a panic inside it; it is dropped here.
            let tried = AssertUnwindSafe(|| attempt(doc, kind, base, &stamp.actor, &update));
            match catch_unwind(tried).unwrap_or(Attempt::Never) {
                Attempt::Done(opened) => {
                    opened.store(doc);
                    doc.waiting.remove(&stamp);
                    progress = true;
                }
                Attempt::Never => {
                    doc.waiting.remove(&stamp);
                }
                Attempt::Early => {}
            }
        }
    }
}

enum Attempt {
    Done(Opened),
    Early,
    Never,
}

fn attempt(
    doc: &Doc,
    kind: SharedKind,
    base: Option<&Value>,
    author: &ActorId,
    update: &[u8],
) -> Attempt {
    let Ok(update) = Update::decode_v1(update) else {
        return Attempt::Never;
    };
    let lower = update.state_vector_lower();
    let foreign = |client: u64| !writes_as(author, client) && client >= YJS_CLIENTS;
    if lower.iter().any(|(client, _)| foreign(client.get())) {
        return Attempt::Never;
    }
    let Some(opened) = Opened::of(doc, kind, base, BASE_CLIENT) else {
        return Attempt::Never;
    };
    let known = opened.doc.transact().state_vector();
    // A hole before the first operation of a client would be skipped over silently by yrs.
    if lower.iter().any(|(client, first)| *first > known.get(client)) {
        return Attempt::Early;
    }
    match opened.apply(update) {
        Some(()) => Attempt::Done(opened),
        None => Attempt::Early,
    }
}

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
    /// Beyond the end, or inside a character that takes two code units.
    #[error("the edit is at {at} and removes {remove}; the field has {length}")]
    Range {
        /// Where the edit is.
        at: u32,
        /// How much it removes.
        remove: u32,
        /// How long the field is.
        length: u32,
    },
    /// Not an update of Yjs, or one whose beginning is missing here.
    #[error("the bytes are no Yjs update that follows what is here")]
    Update,
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

/// A text or list that a transaction is changing.
pub struct ContentDraft {
    opened: Opened,
    updates: Vec<Vec<u8>>,
}

impl fmt::Debug for ContentDraft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContentDraft").finish_non_exhaustive()
    }
}

impl ContentDraft {
    /// Opens a field to be changed as a client of Yjs.
    pub fn open(
        stored: Option<&Doc>,
        kind: SharedKind,
        base: Option<&Value>,
        client: u64,
    ) -> Result<Self, EditError> {
        let fresh = Doc::default();
        let opened = Opened::of(stored.unwrap_or(&fresh), kind, base, client);
        Ok(Self { opened: opened.ok_or(EditError::Damaged)?, updates: Vec::new() })
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
        let fault = EditError::Range { at: edit.at, remove: edit.remove, length };
        let end = edit.at.checked_add(edit.remove).filter(|end| *end <= length);
        let end = end.ok_or_else(|| fault.clone())?;
        if !is_boundary(&whole, edit.at) || !is_boundary(&whole, end) {
            return Err(fault);
        }
        let mut txn = self.opened.doc.transact_mut();
        if edit.remove > 0 {
            text.remove_range(&mut txn, edit.at, edit.remove);
        }
        if !edit.insert.is_empty() {
            text.insert(&mut txn, edit.at, &edit.insert);
        }
        self.updates.push(txn.encode_update_v1());
        Ok(())
    }

    /// Edits a list.
    pub fn edit_list(&mut self, edit: &ListEdit) -> Result<(), EditError> {
        let Root::List(list) = &self.opened.root else {
            return Err(EditError::Damaged);
        };
        let mut txn = self.opened.doc.transact_mut();
        let length = list.len(&txn);
        if edit.at.checked_add(edit.remove).is_none_or(|end| end > length) {
            return Err(EditError::Range { at: edit.at, remove: edit.remove, length });
        }
        if edit.remove > 0 {
            list.remove_range(&mut txn, edit.at, edit.remove);
        }
        if !edit.insert.is_empty() {
            list.insert_range(&mut txn, edit.at, edit.insert.iter().map(any));
        }
        self.updates.push(txn.encode_update_v1());
        Ok(())
    }

    /// Takes in an update of a Yjs document of the same field. It may hold what is here already.
    pub fn apply_update(&mut self, bytes: &[u8]) -> Result<(), EditError> {
        let update = Update::decode_v1(bytes).map_err(|_| EditError::Update)?;
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
                self.updates.push(fresh);
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

    /// The change as one update, `None` where there is none.
    #[must_use]
    pub fn finish(self) -> Option<Vec<u8>> {
        match self.updates.as_slice() {
            [] => None,
            [update] => Some(update.clone()),
            updates => yrs::merge_updates_v1(updates).ok(),
        }
    }
}

fn is_boundary(text: &str, at: u32) -> bool {
    let mut place = 0;
    for character in text.chars() {
        if place >= at {
            break;
        }
        place += character.len_utf16() as u32;
    }
    place == at
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

/// A value as Yjs holds it.
fn any(value: &Value) -> Any {
    match value {
        Value::Null => Any::Null,
        Value::Bool(value) => Any::Bool(*value),
        Value::Int(number) => Any::from(*number),
        Value::Float(number) => Any::from(*number),
        Value::Text(text) => Any::String(text.as_str().into()),
        Value::Bytes(bytes) => Any::Buffer(bytes.as_slice().into()),
        Value::Array(items) => Any::Array(items.iter().map(any).collect()),
        Value::Object(map) => {
            let fields = map.iter().map(|(key, value)| (key.clone(), any(value)));
            Any::Map(Arc::new(fields.collect()))
        }
    }
}

/// A value of Yjs as readers see it. What no value of ours can be is null.
fn value(any: &Any, depth: usize) -> Value {
    if depth > MAX_DEPTH {
        return Value::Null;
    }
    match any {
        Any::Null | Any::Undefined => Value::Null,
        Any::Bool(value) => Value::Bool(*value),
        Any::Number(yrs::any::Number::Int(number)) => Value::Int(*number),
        Any::Number(yrs::any::Number::Float(number)) => {
            Value::number(*number).unwrap_or(Value::Null)
        }
        Any::String(text) => Value::Text((**text).into()),
        Any::Buffer(bytes) => Value::Bytes(bytes.to_vec()),
        Any::Array(items) => {
            Value::Array(items.iter().map(|item| value(item, depth + 1)).collect())
        }
        Any::Map(map) if map.contains_key(BYTES_KEY) => Value::Null,
        Any::Map(map) => {
            let fields: BTreeMap<_, _> =
                map.iter().map(|(key, item)| (key.clone(), value(item, depth + 1))).collect();
            Value::Object(Map::from_iter(fields))
        }
    }
}
