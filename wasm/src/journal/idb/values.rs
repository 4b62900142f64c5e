//! Values as IndexedDB keeps them.

use super::super::error::StorageError;
use js_sys::{Object, Reflect, Uint8Array};
use pluresdb::journal::{Chunk, ChunkHash, Position};
use pluresdb::model::{Head, RecordHash};
use wasm_bindgen::{JsCast, JsValue};

/// What an empty database becomes when the first tab opens it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::journal) struct Identity {
    /// As hex.
    pub(in crate::journal) space: String,
    pub(in crate::journal) text_index: bool,
    /// Drawn when it began, so that another of the same name and space is known as another; none where an
    /// earlier version began it.
    pub(in crate::journal) born: Option<String>,
}

impl Identity {
    pub(super) fn to_js(&self) -> JsValue {
        let object = Object::new();
        crate::convert::set(&object, &"space".into(), &self.space.as_str().into());
        crate::convert::set(&object, &"textIndex".into(), &self.text_index.into());
        if let Some(born) = &self.born {
            crate::convert::set(&object, &"born".into(), &born.as_str().into());
        }
        object.into()
    }

    pub(super) fn from_js(value: &JsValue) -> Self {
        let field = |name: &str| Reflect::get(value, &name.into()).unwrap_or_default();
        Self {
            space: field("space").as_string().unwrap_or_default(),
            text_index: field("textIndex").as_bool().unwrap_or(true),
            born: field("born").as_string(),
        }
    }
}

impl From<idb::Error> for StorageError {
    fn from(error: idb::Error) -> Self {
        match &error {
            idb::Error::DomException(exception) => Self::thrown(exception),
            _ => Self::new(error.to_string()),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "IndexedDB counts to 2^53 itself")]
pub(super) fn key(position: Position) -> JsValue {
    JsValue::from(position as f64)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a key that IndexedDB counted: whole and at most 2^53"
)]
pub(super) fn position(key: &JsValue) -> Position {
    key.as_f64().unwrap_or_default() as Position
}

pub(super) fn chunk_key(hash: &ChunkHash) -> JsValue {
    Uint8Array::from(hash.0.as_slice()).into()
}

/// A chunk in the memory of JavaScript.
#[derive(Debug)]
pub struct JsChunk(Uint8Array);

impl JsChunk {
    /// Nothing where the value is no bytes.
    pub(super) fn of(value: JsValue) -> Option<Self> {
        value.dyn_into().ok().map(Self)
    }
}

impl Chunk for JsChunk {
    fn length(&self) -> usize {
        self.0.length() as usize
    }

    fn copy_to(&self, into: &mut [u8]) {
        self.0.copy_to(into);
    }
}

/// The end of a log: its number, little-endian, and its hash.
pub(super) fn head_to_js(head: &Head) -> JsValue {
    let mut bytes = head.seq.to_le_bytes().to_vec();
    bytes.extend(head.hash.0);
    Uint8Array::from(bytes.as_slice()).into()
}

/// What cannot be read is before the first record: an append as an actor that has records is then
/// refused, and the tab writes on as another.
pub(super) fn head_from_js(value: &JsValue) -> Head {
    let bytes = bytes(value);
    let parts =
        bytes.split_first_chunk().and_then(|(seq, hash)| Some((seq, hash.try_into().ok()?)));
    parts.map_or_else(Head::default, |(seq, hash)| Head {
        seq: u64::from_le_bytes(*seq),
        hash: RecordHash(hash),
    })
}

/// Bytes of a `Uint8Array` or an `ArrayBuffer`; none of anything else.
pub(super) fn bytes(value: &JsValue) -> Vec<u8> {
    if value.is_object() { Uint8Array::new(value).to_vec() } else { Vec::new() }
}
