//! The document of a field as yrs opens it: its root, its content, its bytes.

use super::super::doc::{Doc, Ground};
use super::canonical::canonical;
use super::client::base_client_on;
use super::edit::TextEdit;
use super::sound::Place;
use super::value::{any, value};
use crate::model::{SharedKind, Value, gather};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use yrs::types::ToJson;
use yrs::updates::decoder::Decode;
use yrs::{
    Array, ArrayRef, Assoc, ClientID, GetString, ID, IndexedSequence, OffsetKind, Options, ReadTxn,
    StateVector, StickyIndex, Text, TextRef, Transact, Update,
};

const ROOT: &str = "value";
/// Yjs draws its clients below this.
pub(super) const YJS_CLIENTS: u64 = 1 << 32;

/// A document that yrs holds open.
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
        if !stored.state.is_empty() {
            return Self::read(kind, client, &stored.state);
        }
        let opened = Self::new(kind, client);
        let first = Self::new(kind, base_client_on(ground.floor));
        first.write_base(ground.value());
        opened.apply(Update::decode_v1(&first.state()).ok()?)?;
        Some(opened)
    }

    /// The document of these bytes.
    pub(super) fn read(kind: SharedKind, client: u64, state: &[u8]) -> Option<Self> {
        let opened = Self::new(kind, client);
        opened.apply(Update::decode_v1(state).ok()?)?;
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

    /// Integrates an update of an editor, which may hold what is here; gives what was not.
    pub(super) fn take(&self, update: Update) -> Option<Vec<u8>> {
        let mut txn = self.doc.transact_mut();
        txn.apply_update(update).ok()?;
        (!txn.has_missing_updates()).then(|| txn.encode_update_v1())
    }

    /// Edits a text; gives the update.
    pub(super) fn edit_text(&self, edit: &TextEdit) -> Option<Vec<u8>> {
        let Root::Text(text) = &self.root else { return None };
        let mut txn = self.doc.transact_mut();
        if edit.remove > 0 {
            text.remove_range(&mut txn, edit.at, edit.remove);
        }
        if !edit.insert.is_empty() {
            text.insert(&mut txn, edit.at, &edit.insert);
        }
        Some(txn.encode_update_v1())
    }

    /// Edits a list; gives the update.
    pub(super) fn edit_list(&self, at: u32, remove: u32, insert: &[Value]) -> Option<Vec<u8>> {
        let Root::List(list) = &self.root else { return None };
        let mut txn = self.doc.transact_mut();
        if remove > 0 {
            list.remove_range(&mut txn, at, remove);
        }
        if !insert.is_empty() {
            list.insert_range(&mut txn, at, insert.iter().map(any));
        }
        Some(txn.encode_update_v1())
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

    /// The whole document as an update of Yjs.
    pub(super) fn state(&self) -> Vec<u8> {
        self.doc.transact().encode_state_as_update_v1(&StateVector::default())
    }

    /// The identity of what stands at an offset.
    pub(super) fn identity(&self, at: u32) -> Option<Place> {
        let txn = self.doc.transact();
        let sticky = match &self.root {
            Root::Text(text) => text.sticky_index(&txn, at, Assoc::After),
            Root::List(list) => list.sticky_index(&txn, at, Assoc::After),
        };
        sticky?.id().map(|id| (id.client.get(), id.clock))
    }

    /// Where a character or item is, and whether readers see it: else where it would be.
    pub(super) fn offset(&self, (client, clock): Place) -> Option<(u32, bool)> {
        let sticky = StickyIndex::from_id(ID::new(ClientID::new(client), clock), Assoc::After);
        let at = sticky.get_offset(&self.doc.transact())?.index;
        // A removed one stands where the next that is there begins.
        Some((at, self.identity(at) == Some((client, clock))))
    }

    /// The clock of a client's next operation.
    pub(super) fn next_clock(&self, client: u64) -> u32 {
        self.doc.transact().state_vector().get(&ClientID::new(client))
    }

    /// What is kept of the document. Readers see what [`content`] makes of that, not what is open
    /// here. `None` where yrs wrote what cannot be read.
    pub(super) fn kept(&self) -> Option<Kept> {
        let state = canonical(&self.state()).ok()?;
        let clocks = self.doc.transact().state_vector();
        let clocks = gather(clocks.iter().map(|(client, clock)| (client.get(), *clock)));
        Some(Kept { state, clocks })
    }
}
