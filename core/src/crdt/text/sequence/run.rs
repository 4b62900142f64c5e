//! Operations of one client that follow each other, and the clients.

use super::super::sound::Place;
use super::spell::Spelled;
use alloc::string::String;
use alloc::vec::Vec;
use hashbrown::HashMap;

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

    /// What of it is from a clock on: its origin, its length and its text. `None` where that is nothing, or
    /// begins inside of a character.
    pub(super) fn rest(&self, from: u32) -> Option<(Option<Place>, u32, Option<&str>)> {
        let skip = from.saturating_sub(self.clock);
        let length = self.length.checked_sub(skip).filter(|length| *length > 0)?;
        let text = match &self.text {
            Some(text) => Some(text.get(byte_at(text, self.length, skip)?..)?),
            None => None,
        };
        let origin = if skip == 0 { self.origin } else { Some((self.client, from - 1)) };
        Some((origin, length, text))
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
    /// The clock of each run's first operation, rising, and its number.
    runs: Vec<(u32, u32)>,
    /// The clock of the operation that comes next.
    pub(super) next: u32,
    /// How what it had seen of others grew, in the order of its clock.
    pub(super) seen: Vec<Seen>,
    /// The latest of these for each other client.
    newest: HashMap<u64, u32>,
    /// What of it was deleted: clocks and how many, rising and apart from each other.
    pub(super) deleted: Vec<(u32, u32)>,
    /// What of it is spelled.
    pub(super) spelled: Spelled,
}

impl Client {
    /// The number of the run that a clock is in, or of the last one before it.
    pub(super) fn run(&self, clock: u32) -> Option<u32> {
        self.runs_from(clock).next()
    }

    /// The numbers of the runs from that on.
    pub(super) fn runs_from(&self, clock: u32) -> impl Iterator<Item = u32> {
        let before = self.runs.partition_point(|(first, _)| *first <= clock);
        self.runs.iter().skip(before.saturating_sub(1)).map(|(_, number)| *number)
    }

    /// Notes where a run is.
    pub(super) fn place(&mut self, clock: u32, number: u32, end: u32) {
        let at = self.runs.partition_point(|(first, _)| *first < clock);
        self.runs.insert(at, (clock, number));
        self.next = self.next.max(end);
    }

    /// Notes that what is from a clock on builds on what another wrote below a clock.
    pub(super) fn see(&mut self, from: u32, client: u64, below: u32) {
        let newest = self.newest.entry(client).or_default();
        if *newest < below {
            *newest = below;
            self.seen.push(Seen { from, client, below });
        }
    }

    /// Notes that operations were deleted, none of them before.
    pub(super) fn delete(&mut self, clock: u32, length: u32) {
        let at = self.deleted.partition_point(|(first, _)| *first < clock);
        let goes_on = |(first, many): (u32, u32)| first + many == clock;
        let joins = self.deleted.get(at).is_some_and(|(first, _)| *first == clock + length);
        let more = if joins { self.deleted.remove(at).1 } else { 0 };
        match at.checked_sub(1).and_then(|before| self.deleted.get_mut(before)) {
            Some(before) if goes_on(*before) => before.1 += length + more,
            _ => self.deleted.insert(at, (clock, length + more)),
        }
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
