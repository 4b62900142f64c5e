//! A sequence as an update of Yjs, version 1, in the one spelling of `canonical.rs`.

use super::super::sound::{HAS_ORIGIN, HAS_RIGHT_ORIGIN, Place};
use super::Sequence;
use super::run::{Run, byte_at};
use crate::codec::Writer;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

/// First bytes of blocks.
pub(super) const DELETED: u8 = 1;
pub(super) const TEXT: u8 = 4;
/// That the parent is the root `value`, which only a block without neighbours says.
pub(super) const ROOT: &[u8] = &[1, 5, b'v', b'a', b'l', b'u', b'e'];

/// How far a sequence was: for each client, how many of its operations were in.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Mark(BTreeMap<u64, u32>);

impl Sequence {
    /// From here on, changes are new.
    pub(in super::super) fn mark(&mut self) -> Mark {
        self.gone.clear();
        Mark(self.clocks().collect())
    }

    /// Whether anything changed since the last mark.
    pub(in super::super) fn has_changed(&self, since: &Mark) -> bool {
        !self.gone.is_empty() || self.written_since(since).next().is_some()
    }

    /// The clients that wrote something since a mark, and from which clock.
    pub(in super::super) fn written_since(
        &self,
        Mark(since): &Mark,
    ) -> impl DoubleEndedIterator<Item = (u64, u32)> {
        self.clients.iter().map(|(client, of)| (*client, of.next)).filter_map(|(client, next)| {
            let from = since.get(&client).copied().unwrap_or_default();
            (from < next).then_some((client, from))
        })
    }

    /// All that is in it.
    pub(in super::super) fn state(&self) -> Vec<u8> {
        let runs = self.clients.values().flat_map(|of| of.runs.values());
        let deleted = runs.map(|number| self.run(*number)).filter(|run| run.text.is_none());
        self.spelled(&Mark::default(), deleted.map(|run| (run.first(), run.length)).collect())
    }

    /// What was written and deleted since the last mark.
    pub(in super::super) fn changes(&self, since: &Mark) -> Vec<u8> {
        self.spelled(since, self.gone.clone())
    }

    fn spelled(&self, since: &Mark, deleted: Vec<(Place, u32)>) -> Vec<u8> {
        let mut out = Writer::new();
        out.length(self.written_since(since).count());
        // Yjs and yrs write the higher client first, and what was deleted by the lower.
        for (client, from) in self.written_since(since).rev() {
            self.spell_client(&mut out, client, from);
        }
        spell_deleted(&mut out, deleted);
        out.into_bytes()
    }

    fn spell_client(&self, out: &mut Writer, client: u64, from: u32) {
        let Some(of) = self.clients.get(&client) else {
            return;
        };
        let first = of.runs.range(..=from).next_back().map_or(from, |(clock, _)| *clock);
        let runs = || of.runs.range(first..).map(|(_, number)| self.run(*number));
        let mut texts: Vec<&str> = Vec::with_capacity(of.runs.len());
        let mut blocks: Vec<Block> = Vec::with_capacity(of.runs.len());
        for (block, text) in runs().filter_map(|run| Block::of(run, from)) {
            texts.extend(text);
            match blocks.last_mut() {
                Some(last) if last.goes_on_with(&block) => last.take(&block),
                _ => blocks.push(block),
            }
        }
        out.length(blocks.len());
        out.varint(client);
        out.varint(from.into());
        let mut texts = texts.as_slice();
        for block in &blocks {
            let (mine, rest) = texts.split_at_checked(block.texts).unwrap_or_default();
            block.write(out, mine);
            texts = rest;
        }
    }
}

/// Runs that can be one block.
struct Block {
    last: Place,
    length: u32,
    origin: Option<Place>,
    right_origin: Option<Place>,
    /// How many texts it is of; none where it is deleted.
    texts: usize,
}

impl Block {
    /// What of a run is from a clock on, and its text.
    fn of(run: &Run, from: u32) -> Option<(Self, Option<&str>)> {
        let skip = from.saturating_sub(run.clock);
        let length = run.length.checked_sub(skip).filter(|length| *length > 0)?;
        let text = match &run.text {
            Some(text) => Some(text.get(byte_at(text, run.length, skip)?..)?),
            None => None,
        };
        let before = run.clock.checked_add(skip).and_then(|clock| clock.checked_sub(1));
        let origin = if skip == 0 { run.origin } else { before.map(|clock| (run.client, clock)) };
        let (last, right_origin, texts) = (run.last(), run.right_origin, text.iter().count());
        Some((Self { last, length, origin, right_origin, texts }, text))
    }

    fn goes_on_with(&self, next: &Self) -> bool {
        next.origin == Some(self.last)
            && next.right_origin == self.right_origin
            && (next.texts > 0) == (self.texts > 0)
    }

    const fn take(&mut self, next: &Self) {
        self.last = next.last;
        self.length += next.length;
        self.texts += next.texts;
    }

    fn write(&self, out: &mut Writer, texts: &[&str]) {
        let flag = |neighbour: Option<Place>, flag: u8| if neighbour.is_some() { flag } else { 0 };
        let kind = if self.texts > 0 { TEXT } else { DELETED };
        out.u8(kind | flag(self.origin, HAS_ORIGIN) | flag(self.right_origin, HAS_RIGHT_ORIGIN));
        for (client, clock) in self.origin.iter().chain(&self.right_origin) {
            out.varint(*client);
            out.varint((*clock).into());
        }
        if self.origin.is_none() && self.right_origin.is_none() {
            out.raw(ROOT);
        }
        if self.texts > 0 {
            out.length(texts.iter().map(|text| text.len()).sum());
            texts.iter().for_each(|text| out.raw(text.as_bytes()));
        } else {
            out.varint(self.length.into());
        }
    }
}

fn spell_deleted(out: &mut Writer, mut deleted: Vec<(Place, u32)>) {
    deleted.sort_unstable();
    let goes_on = |((client, clock), length): &(Place, u32), next: &(Place, u32)| {
        (*client, clock + length) == next.0
    };
    let of_one = |(left, _): &(Place, u32), (right, _): &(Place, u32)| left.0 == right.0;
    out.length(deleted.chunk_by(of_one).count());
    for of_client in deleted.chunk_by(of_one) {
        let ranges =
            || of_client.chunk_by(goes_on).filter_map(|range| Some((range.first()?, range)));
        out.varint(of_client.first().map_or(0, |((client, _), _)| *client));
        out.length(ranges().count());
        for (((_, clock), _), range) in ranges() {
            out.varint((*clock).into());
            out.varint(range.iter().map(|(_, length)| u64::from(*length)).sum());
        }
    }
}
