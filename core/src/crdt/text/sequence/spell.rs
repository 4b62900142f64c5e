//! A sequence as an update of Yjs, version 1, in the one spelling of `canonical.rs`.

use super::super::sound::{HAS_ORIGIN, HAS_RIGHT_ORIGIN, Place};
use super::Sequence;
use super::run::{Client, Run};
use crate::codec::Writer;
use alloc::vec::Vec;

/// First bytes of blocks.
pub(super) const DELETED: u8 = 1;
pub(super) const TEXT: u8 = 4;
/// That the parent is the root `value`, which only a block without neighbours says.
pub(super) const ROOT: &[u8] = &[1, 5, b'v', b'a', b'l', b'u', b'e'];

/// How far a sequence was: for each client, how many of its operations were in.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Mark(Vec<(u64, u32)>);

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
            let at = since.binary_search_by_key(&client, |(client, _)| *client);
            let from = at.ok().and_then(|at| since.get(at)).map_or(0, |(_, next)| *next);
            (from < next).then_some((client, from))
        })
    }

    /// All that is in it.
    pub(in super::super) fn state(&mut self) -> Vec<u8> {
        let mut out = Writer::new();
        out.length(self.clients.iter().filter(|(_, of)| of.next > 0).count());
        for (client, of) in self.clients.iter_mut().rev().filter(|(_, of)| of.next > 0) {
            let Blocks { blocks, texts } = Blocks::of(of, &self.runs, of.spelled.next);
            let last = of.spelled.take(&blocks, &texts);
            out.length(of.spelled.blocks.len() + last.iter().count());
            out.varint(*client);
            out.varint(0);
            out.raw(&of.spelled.bytes);
            if let Some((block, texts)) = last {
                block.write(&mut out, texts);
            }
        }
        let deleted = || self.clients.iter().filter(|(_, of)| !of.deleted.is_empty());
        out.length(deleted().count());
        for (client, of) in deleted() {
            out.varint(*client);
            out.length(of.deleted.len());
            for (clock, length) in &of.deleted {
                out.varint((*clock).into());
                out.varint((*length).into());
            }
        }
        out.into_bytes()
    }

    /// What was written and deleted since the last mark.
    pub(in super::super) fn changes(&self, since: &Mark) -> Vec<u8> {
        let mut out = Writer::new();
        out.length(self.written_since(since).count());
        // Yjs and yrs write the higher client first, and what was deleted by the lower.
        for (client, from) in self.written_since(since).rev() {
            let Some(of) = self.client(client) else {
                continue;
            };
            let Blocks { blocks, texts } = Blocks::of(of, &self.runs, from);
            out.length(blocks.len());
            out.varint(client);
            out.varint(from.into());
            let mut texts = texts.as_slice();
            for block in &blocks {
                let (mine, rest) = texts.split_at_checked(block.texts).unwrap_or_default();
                block.write(&mut out, mine);
                texts = rest;
            }
        }
        spell_deleted(&mut out, self.gone.clone());
        out.into_bytes()
    }
}

/// The blocks of a client that are spelled already: all but the last, which more may go on with. What is
/// written later changes none of them, and what is deleted only the one that it is in, which may then go
/// on with the one before.
#[derive(Debug, Default)]
pub(super) struct Spelled {
    bytes: Vec<u8>,
    /// The clock of each block, and where it begins.
    blocks: Vec<(u32, usize)>,
    /// The clock from which on nothing is spelled.
    next: u32,
}

impl Spelled {
    /// Spells what follows, but for the last block, which it gives.
    fn take<'a, 't>(
        &mut self,
        blocks: &'a [Block],
        mut texts: &'t [&'t str],
    ) -> Option<(&'a Block, &'t [&'t str])> {
        let (last, whole) = blocks.split_last()?;
        let mut out = Writer::new();
        for block in whole {
            let (mine, rest) = texts.split_at_checked(block.texts).unwrap_or_default();
            self.blocks.push((block.clock(), self.bytes.len() + out.len()));
            block.write(&mut out, mine);
            texts = rest;
        }
        self.bytes.extend_from_slice(&out.into_bytes());
        self.next = last.clock();
        Some((last, texts))
    }

    pub(super) fn weight(&self) -> usize {
        self.bytes.len() + self.blocks.len() * size_of::<(u32, usize)>()
    }

    /// Forgets what a deletion of an operation changes.
    pub(super) fn forget(&mut self, clock: u32) {
        let stay = self.blocks.partition_point(|(first, _)| *first <= clock).saturating_sub(2);
        if let Some((first, at)) = self.blocks.get(stay).copied() {
            self.blocks.truncate(stay);
            self.bytes.truncate(at);
            self.next = first;
        }
    }
}

/// What a client wrote from a clock on.
struct Blocks<'a> {
    blocks: Vec<Block>,
    /// Their texts, in the same order.
    texts: Vec<&'a str>,
}

impl<'a> Blocks<'a> {
    fn of(client: &Client, runs: &'a [Run], from: u32) -> Self {
        let mine = client.runs_from(from).filter_map(|number| runs.get(number as usize));
        let (mut texts, mut blocks) = (Vec::new(), Vec::<Block>::new());
        for (block, text) in mine.filter_map(|run| Block::of(run, from)) {
            texts.extend(text);
            match blocks.last_mut() {
                Some(last) if last.goes_on_with(&block) => last.take(&block),
                _ => blocks.push(block),
            }
        }
        Self { blocks, texts }
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
    /// Of its first operation.
    const fn clock(&self) -> u32 {
        self.last.1 + 1 - self.length
    }

    /// What of a run is from a clock on, and its text.
    fn of(run: &Run, from: u32) -> Option<(Self, Option<&str>)> {
        let (origin, length, text) = run.rest(from)?;
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
