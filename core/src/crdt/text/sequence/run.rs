//! Operations of one client that follow each other, and the clients.

use super::super::sound::Place;
use super::spell::Spelled;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

/// Operations of one client that followed each other when they were made and still do.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) client: u64,
    /// Of its first operation.
    pub(super) clock: u32,
    /// How many operations: UTF-16 code units.
    pub(super) length: u32,
    /// What its first operation was written behind.
    pub(super) origin: Option<Place>,
    /// What all of it was written before.
    pub(super) right_origin: Option<Place>,
    /// `None` once it is deleted.
    pub(super) text: Option<String>,
}

impl Run {
    pub(super) const fn first(&self) -> Place {
        (self.client, self.clock)
    }

    pub(super) const fn last(&self) -> Place {
        (self.client, self.clock + self.length - 1)
    }

    pub(super) const fn end(&self) -> u32 {
        self.clock + self.length
    }

    /// How much of it readers see.
    pub(super) const fn visible(&self) -> u32 {
        if self.text.is_some() { self.length } else { 0 }
    }
}

/// Where a text is cut to leave some UTF-16 code units before it. `None` inside of a character.
pub(super) fn byte_at(text: &str, length: u32, units: u32) -> Option<usize> {
    if text.len() == length as usize {
        return Some(units as usize);
    }
    let mut seen = 0;
    for (at, character) in text.char_indices() {
        if seen >= units {
            return (seen == units).then_some(at);
        }
        seen += character.len_utf16() as u32;
    }
    (seen == units).then_some(text.len())
}

/// What one client wrote.
#[derive(Debug, Default)]
pub(super) struct Client {
    /// The runs by the clock of their first operation.
    pub(super) runs: BTreeMap<u32, u32>,
    /// The clock of the operation that comes next.
    pub(super) next: u32,
    /// How what it had seen of others grew, in the order of its clock.
    pub(super) seen: Vec<Seen>,
    /// The latest of these for each other client.
    pub(super) newest: BTreeMap<u64, u32>,
    /// What of it was deleted: clocks and how many, apart from each other.
    pub(super) deleted: BTreeMap<u32, u32>,
    /// What of it is spelled.
    pub(super) spelled: Spelled,
}

impl Client {
    /// Notes that operations were deleted, none of them before.
    pub(super) fn delete(&mut self, clock: u32, length: u32) {
        let before = self.deleted.range(..clock).next_back();
        let before =
            before.filter(|(first, many)| *first + *many == clock).map(|(first, _)| *first);
        let length = length + self.deleted.remove(&(clock + length)).unwrap_or_default();
        *self.deleted.entry(before.unwrap_or(clock)).or_default() += length;
        self.spelled.forget(clock);
    }
}

/// From an operation of a client on, all of its operations build on what another wrote before a clock.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    pub(super) from: u32,
    pub(super) client: u64,
    pub(super) below: u32,
}
