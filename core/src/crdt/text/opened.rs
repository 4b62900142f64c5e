//! The document of a field, open: its root, its content, its bytes.

use super::super::doc::{Doc, Ground};
use super::canonical::canonical;
use super::client::base_client_on;
use super::value::{any, value};
use crate::model::{SharedKind, Value, gather};
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use std::panic::{AssertUnwindSafe, catch_unwind};
use yrs::types::ToJson;
use yrs::updates::decoder::Decode;
use yrs::{
    Array, ArrayRef, ClientID, GetString, OffsetKind, Options, ReadTxn, StateVector, Text, TextRef,
    Transact, Update,
};

const ROOT: &str = "value";
/// Yjs draws its clients below this.
pub(super) const YJS_CLIENTS: u64 = 1 << 32;

/// A document that is open.
pub(super) struct Opened {
    pub(super) doc: yrs::Doc,
    pub(super) root: Root,
}

/// A document as [`Doc`] keeps it.
pub(super) struct Kept {
    pub(super) state: Vec<u8>,
    pub(super) clocks: BTreeMap<u64, u32>,
}

pub(super) enum Root {
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
    pub(super) fn of(
        stored: &Doc,
        kind: SharedKind,
        ground: &Ground<'_>,
        client: u64,
    ) -> Option<Self> {
        let opened = Self::new(kind, client);
        if !stored.state.is_empty() {
            opened.apply(Update::decode_v1(&stored.state).ok()?)?;
            return Some(opened);
        }
        let first = Self::new(kind, base_client_on(ground.floor));
        first.write_base(ground.value());
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
    pub(super) fn apply(&self, update: Update) -> Option<()> {
        let mut txn = self.doc.transact_mut();
        txn.apply_update(update).ok()?;
        (!txn.has_missing_updates()).then_some(())
    }

    pub(super) fn content(&self) -> Value {
        let txn = self.doc.transact();
        match &self.root {
            Root::Text(text) => Value::Text(text.get_string(&txn)),
            Root::List(list) => {
                Value::Array(list.iter(&txn).map(|out| value(&out.to_json(&txn), 1)).collect())
            }
        }
    }

    /// What is kept of the document. Readers see what [`content`] makes of that, not what is open
    /// here. `None` where yrs wrote what cannot be read.
    pub(super) fn kept(&self) -> Option<Kept> {
        let txn = self.doc.transact();
        let state = canonical(&txn.encode_state_as_update_v1(&StateVector::default())).ok()?;
        let clocks = txn.state_vector();
        let clocks = gather(clocks.iter().map(|(client, clock)| (client.get(), *clock)));
        Some(Kept { state, clocks })
    }
}

pub(in super::super) fn content(doc: &Doc, kind: SharedKind, ground: &Ground<'_>) -> Value {
    let empty = match kind {
        SharedKind::Text => Value::Text(String::new()),
        _ => Value::Array(Vec::new()),
    };
    let client = base_client_on(ground.floor);
    let read = || Opened::of(doc, kind, ground, client).map(|opened| opened.content());
    catch_unwind(AssertUnwindSafe(read)).ok().flatten().unwrap_or(empty)
}
