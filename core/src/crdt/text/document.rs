//! A field's document, open: a text as a sequence where it can be one, all else by yrs.

use super::super::doc::{Doc, Ground};
use super::client::base_client_on;
use super::opened::Opened;
use super::recent;
use super::sequence::{Sequence, Unfit};
use super::sound::Place;
use crate::model::{SharedKind, Value};
use alloc::string::String;
use alloc::vec::Vec;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A document that is open.
pub(super) enum Document {
    Sequence(Sequence),
    Yrs(Opened),
}

impl Document {
    /// The document as it stands, or as it begins on top of a plain value. `client` is who writes in it.
    pub(super) fn of(
        stored: &Doc,
        kind: SharedKind,
        ground: &Ground<'_>,
        client: u64,
    ) -> Option<Self> {
        if kind == SharedKind::Text
            && let Ok(sequence) = sequence_of(stored, ground)
        {
            return Some(Self::Sequence(sequence));
        }
        Opened::of(stored, kind, ground, client).map(Self::Yrs)
    }

    pub(super) fn content(&self) -> Value {
        match self {
            Self::Sequence(sequence) => Value::Text(sequence.content().into()),
            Self::Yrs(opened) => opened.content(),
        }
    }

    /// All of it, as an update of Yjs.
    pub(super) fn state(&mut self) -> Vec<u8> {
        match self {
            Self::Sequence(sequence) => sequence.state(),
            Self::Yrs(opened) => opened.state(),
        }
    }

    /// The identity of what stands at an offset.
    pub(super) fn identity(&self, at: u32) -> Option<Place> {
        match self {
            Self::Sequence(sequence) => sequence.identity(at),
            Self::Yrs(opened) => opened.identity(at),
        }
    }

    /// Where a character or item is, and whether readers see it: else where it would be.
    pub(super) fn offset(&self, place: Place) -> Option<(u32, bool)> {
        match self {
            Self::Sequence(sequence) => sequence.offset(place),
            Self::Yrs(opened) => opened.offset(place),
        }
    }

    /// The clock of a client's next operation.
    pub(super) fn next_clock(&self, client: u64) -> u32 {
        match self {
            Self::Sequence(sequence) => sequence.next_clock(client),
            Self::Yrs(opened) => opened.next_clock(client),
        }
    }
}

/// The sequence of a text as it stands, or as it begins on top of a plain value.
pub(super) fn sequence_of(stored: &Doc, ground: &Ground<'_>) -> Result<Sequence, Unfit> {
    if !stored.state.is_empty() {
        return recent::take(&stored.state, None).map_or_else(|| Sequence::read(&stored.state), Ok);
    }
    Ok(match ground.value() {
        Some(Value::Text(text)) => Sequence::beginning(text, base_client_on(ground.floor)),
        _ => Sequence::default(),
    })
}

/// What readers see of a field that was changed.
pub(in super::super) fn content(doc: &Doc, kind: SharedKind, ground: &Ground<'_>) -> Value {
    let empty = match kind {
        SharedKind::Text => Value::Text(String::new()),
        _ => Value::Array(Vec::new()),
    };
    let client = base_client_on(ground.floor);
    let read = || {
        let document = Document::of(doc, kind, ground, client)?;
        let content = document.content();
        if let Document::Sequence(sequence) = document {
            recent::keep(&doc.state, None, sequence);
        }
        Some(content)
    };
    catch_unwind(AssertUnwindSafe(read)).ok().flatten().unwrap_or(empty)
}
