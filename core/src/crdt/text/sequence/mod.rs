//! A text as the sequence of all its operations, deleted ones too: what is edited in it, where that is, and
//! how it is spelled, without yrs, which walks to each place.
//!
//! It holds only what comes out the same in any order ([`past`]), and texts alone: for all else, and for what
//! a forger makes up, there is yrs ([`Unfit`]). What it gives is what yrs gives, byte by byte; tests hold the
//! two against each other.

mod line;
mod past;
mod run;
mod spell;
mod take;
#[cfg(test)]
mod tests;

use super::sound::Place;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::OnceCell;
use line::Line;
use run::{Client, Run, byte_at};

pub(super) use spell::Mark;
pub(super) use take::Taken;

/// What a [`Sequence`] is not for: the document is for yrs then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unfit;

/// How many steps something may take before it is left to yrs.
#[derive(Debug)]
pub(super) struct Budget(usize);

impl Budget {
    pub(super) const fn spend(&mut self, steps: usize) -> Result<(), Unfit> {
        match self.0.checked_sub(steps) {
            Some(rest) => {
                self.0 = rest;
                Ok(())
            }
            None => Err(Unfit),
        }
    }
}

/// The operations of a text, in the order of the text.
#[derive(Debug, Default)]
pub(super) struct Sequence {
    /// By their number.
    runs: Vec<Run>,
    /// The numbers in the order of the text, each as long as readers see of it.
    line: Line,
    /// By who they are.
    clients: Vec<(u64, Client)>,
    /// What was deleted since the last mark: first operation and how many.
    gone: Vec<(Place, u32)>,
    /// Of what readers see, in UTF-8.
    bytes: usize,
    /// What readers see, if it is at hand.
    content: OnceCell<String>,
}

#[expect(clippy::indexing_slicing, reason = "runs are numbered here and never taken out")]
impl Sequence {
    /// A text that begins as a plain value, written by a client.
    pub(super) fn beginning(text: &str, client: u64) -> Self {
        let mut sequence = Self::default();
        if !text.is_empty() {
            sequence.insert(0, text, client);
        }
        sequence.gone.clear();
        sequence
    }

    /// How many UTF-16 code units readers see.
    pub(super) const fn length(&self) -> u32 {
        self.line.total()
    }

    /// How much it holds, seen or not.
    pub(super) fn weight(&self) -> usize {
        let spelled: usize = self.clients.iter().map(|(_, of)| of.spelled.weight()).sum();
        // A place in the text and one in its client beside each run.
        self.runs.len() * (size_of::<Run>() + 48) + 2 * self.bytes + spelled
    }

    /// What readers see.
    pub(super) fn content(&self) -> &str {
        self.content.get_or_init(|| self.collect())
    }

    fn collect(&self) -> String {
        let mut content = String::with_capacity(self.bytes);
        self.line
            .iter()
            .filter_map(|run| self.run(run).text.as_ref())
            .for_each(|text| content.push_str(text));
        content
    }

    /// Whether each unit of what readers see is a byte.
    const fn is_plain(&self) -> bool {
        self.bytes == self.length() as usize
    }

    /// Lets the content at hand follow an edit of what was plain, and drops that of what was not.
    fn splice(&mut self, was_plain: bool, at: u32, removed: usize, inserted: &str) {
        let at = at as usize;
        match self.content.get_mut() {
            Some(content) if was_plain => content.replace_range(at..at + removed, inserted),
            _ => self.content = OnceCell::new(),
        }
    }

    /// Whether an offset is between characters. Past the end nothing is.
    pub(super) fn is_boundary(&self, at: u32) -> bool {
        let Some((run, units)) = self.line.find(at) else {
            return at == self.length();
        };
        let run = self.run(run);
        run.text.as_ref().is_some_and(|text| byte_at(text, run.length, units).is_some())
    }

    /// Writes a text as a client, at an offset between characters.
    pub(super) fn insert(&mut self, at: u32, text: &str, client: u64) {
        let left = match at.checked_sub(1).and_then(|before| self.line.find(before)) {
            Some((run, units)) => {
                let _ = self.split(run, units + 1);
                Some(run)
            }
            None => None,
        };
        let right = self.behind(left).map(|right| self.run(right).first());
        let origin = left.map(|left| self.run(left).last());
        let length = text.encode_utf16().count() as u32;
        self.splice(self.is_plain(), at, 0, text);
        self.bytes += text.len();
        let clock = self.next_clock(client);
        if let Some(number) = left {
            let run = &mut self.runs[number as usize];
            let goes_on = run.client == client && run.end() == clock && run.right_origin == right;
            if let (true, Some(written)) = (goes_on, &mut run.text) {
                written.push_str(text);
                run.length += length;
                self.line.set_length(number, run.length);
                self.client_mut(client).next += length;
                return;
            }
        }
        for neighbour in origin.into_iter().chain(right) {
            self.note_seen(client, clock, neighbour);
        }
        let text = Some(text.into());
        self.place(left, Run { client, clock, length, origin, right_origin: right, text });
    }

    /// Deletes what readers see between two offsets, both between characters; gives it.
    pub(super) fn remove(&mut self, at: u32, length: u32) -> String {
        let mut removed = String::new();
        let mut rest = length;
        let was_plain = self.is_plain();
        while let (1.., Some((run, units))) = (rest, self.line.find(at)) {
            let run = if units > 0 { self.split(run, units).ok().flatten() } else { Some(run) };
            let Some(run) = run else { break };
            if self.run(run).length > rest {
                let _ = self.split(run, rest);
            }
            rest -= self.run(run).length.min(rest);
            removed.push_str(&self.delete(run).unwrap_or_default());
        }
        self.splice(was_plain, at, removed.len(), "");
        removed
    }

    /// The identity of the unit at an offset.
    pub(super) fn identity(&self, at: u32) -> Option<Place> {
        let (run, units) = self.line.find(at)?;
        let (client, clock) = self.run(run).first();
        Some((client, clock + units))
    }

    /// Where an operation is, and whether readers see it: else where it would be.
    pub(super) fn offset(&self, (client, clock): Place) -> Option<(u32, bool)> {
        let number = self.covering((client, clock))?;
        let run = self.run(number);
        let within = if run.text.is_some() { clock - run.clock } else { 0 };
        Some((self.line.offset(number) + within, run.text.is_some()))
    }

    /// For each client, how many of its operations are in.
    pub(super) fn clocks(&self) -> impl Iterator<Item = (u64, u32)> {
        self.clients.iter().map(|(client, of)| (*client, of.next))
    }

    pub(super) fn next_clock(&self, client: u64) -> u32 {
        self.client(client).map_or(0, |of| of.next)
    }

    fn client(&self, client: u64) -> Option<&Client> {
        let at = self.clients.binary_search_by_key(&client, |(client, _)| *client).ok()?;
        Some(&self.clients[at].1)
    }

    fn client_mut(&mut self, client: u64) -> &mut Client {
        let at = self.clients.binary_search_by_key(&client, |(client, _)| *client);
        let at = at.unwrap_or_else(|at| {
            self.clients.insert(at, (client, Client::default()));
            at
        });
        &mut self.clients[at].1
    }

    fn run(&self, number: u32) -> &Run {
        &self.runs[number as usize]
    }

    /// What stands behind a run, or first.
    fn behind(&self, left: Option<u32>) -> Option<u32> {
        left.map_or_else(|| self.line.first(), |left| self.line.next(left))
    }

    /// The run that holds an operation.
    fn covering(&self, (client, clock): Place) -> Option<u32> {
        let number = self.client(client)?.run(clock)?;
        (clock < self.run(number).end()).then_some(number)
    }

    /// Puts a run, the next of its client, behind another.
    fn place(&mut self, left: Option<u32>, run: Run) {
        let number = self.line.insert(left, run.visible());
        self.client_mut(run.client).place(run.clock, number, run.end());
        self.runs.push(run);
    }

    /// Cuts a run so that it keeps some units; gives what is behind the cut, if anything is.
    fn split(&mut self, number: u32, units: u32) -> Result<Option<u32>, Unfit> {
        let run = &mut self.runs[number as usize];
        if units >= run.length {
            return Ok(None);
        }
        let text = match &mut run.text {
            Some(text) => Some(text.split_off(byte_at(text, run.length, units).ok_or(Unfit)?)),
            None => None,
        };
        let rest = Run {
            client: run.client,
            clock: run.clock + units,
            length: run.length - units,
            origin: Some((run.client, run.clock + units - 1)),
            right_origin: run.right_origin,
            text,
        };
        run.length = units;
        let visible = run.visible();
        self.line.set_length(number, visible);
        self.place(Some(number), rest);
        Ok(Some(self.runs.len() as u32 - 1))
    }

    /// Deletes a run; gives what it said, if it was not deleted before.
    fn delete(&mut self, number: u32) -> Option<String> {
        let run = &mut self.runs[number as usize];
        let text = run.text.take()?;
        self.bytes -= text.len();
        let ((client, clock), length) = (run.first(), run.length);
        self.line.set_length(number, 0);
        self.note_deleted(client, clock, length);
        Some(text)
    }

    fn note_deleted(&mut self, client: u64, clock: u32, length: u32) {
        self.gone.push(((client, clock), length));
        self.client_mut(client).delete(clock, length);
    }
}
