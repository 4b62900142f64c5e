//! Taking in an update of Yjs.

use super::super::order::in_order;
use super::super::sound::{self, Block, Content, Place, Update, Written};
use super::past::Past;
use super::run::Run;
use super::spell::ROOT;
use super::{Budget, Sequence, Unfit};
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::OnceCell;
use hashbrown::HashMap;

/// Steps that an update may take. Most take fewer than they have operations; a forger's may take the square.
const STEPS: usize = 1 << 22;

/// How an update went in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Taken {
    /// All of it is in.
    Done,
    /// Something that it builds on is missing. Nothing of it is in.
    Early,
}

impl Sequence {
    /// Reads what [`Sequence::state`] wrote, or yrs.
    pub(in super::super) fn read(state: &[u8]) -> Result<Self, Unfit> {
        let mut sequence = Self::default();
        let update = sound::read(state).ok_or(Unfit)?;
        match sequence.take(update)? {
            Taken::Done => {
                sequence.gone.clear();
                Ok(sequence)
            }
            Taken::Early => Err(Unfit),
        }
    }

    /// Takes in an update. It is to be dropped where that fails: some of it may be in then.
    pub(in super::super) fn take(&mut self, update: Update<'_>) -> Result<Taken, Unfit> {
        if !is_text(&update) {
            return Err(Unfit);
        }
        if !self.follows(&update) {
            return Ok(Taken::Early);
        }
        self.content = OnceCell::new();
        let mut budget = Budget(STEPS);
        for (client, clock, block) in in_order(update.clients).ok_or(Unfit)? {
            let text = match block.content {
                Content::Text(text) => Some(String::from(text)),
                _ => None,
            };
            let Block { length, origin, right_origin, .. } = block;
            self.integrate(Run { client, clock, length, origin, right_origin, text }, &mut budget)?;
        }
        for (client, clock, length) in update.deleted {
            self.delete_range(client, clock, length)?;
        }
        Ok(Taken::Done)
    }

    /// Whether all that an update names is here or in it.
    pub(super) fn follows(&self, update: &Update<'_>) -> bool {
        let ends = update.clients.iter().map(|written| (written.client, written.end()));
        let mut ends: HashMap<u64, u32> = ends.collect();
        for (client, next) in self.clocks() {
            let end = ends.entry(client).or_default();
            *end = next.max(*end);
        }
        let below = |(client, clock): Place| ends.get(&client).is_some_and(|end| clock < *end);
        update.clients.iter().all(|Written { client, first, blocks }| {
            let neighbours = || blocks.iter().flat_map(|block| [block.origin, block.right_origin]);
            *first <= self.next_clock(*client) && neighbours().flatten().all(below)
        }) && update.deleted.iter().all(|(client, clock, length)| {
            length.checked_sub(1).is_none_or(|last| below((*client, clock + last)))
        })
    }

    /// Places a block among what is there, as Yjs does.
    fn integrate(&mut self, mut run: Run, budget: &mut Budget) -> Result<(), Unfit> {
        budget.spend(1)?;
        let next = self.next_clock(run.client);
        if run.end() <= next {
            return Ok(());
        }
        if run.clock < next {
            let (origin, length, text) = run.rest(next).ok_or(Unfit)?;
            let text = text.map(String::from);
            run = Run { clock: next, length, origin, text, ..run };
        }
        let left = match run.origin {
            Some(origin) => {
                let left = self.covering(origin).ok_or(Unfit)?;
                self.split(left, origin.1 - self.run(left).clock + 1)?;
                Some(left)
            }
            None => None,
        };
        let right = match run.right_origin {
            Some(origin) => {
                let right = self.covering(origin).ok_or(Unfit)?;
                match origin.1 - self.run(right).clock {
                    0 => Some(right),
                    units => self.split(right, units)?,
                }
            }
            None => None,
        };
        let between = self.between(left, right, budget)?;
        let left = match between.as_slice() {
            [] => left,
            between => {
                let before = run.clock.checked_sub(1).map(|clock| (run.client, clock));
                let neighbours = run.origin.into_iter().chain(run.right_origin).chain(before);
                let past = self.past(neighbours, budget)?;
                self.concurrent(between, &past)?;
                self.leftmost(&run, left, between)
            }
        };
        for neighbour in run.origin.into_iter().chain(run.right_origin) {
            self.note_seen(run.client, run.clock, neighbour);
        }
        match &run.text {
            Some(text) => self.bytes += text.len(),
            None => self.note_deleted(run.client, run.clock, run.length),
        }
        self.place(left, run);
        Ok(())
    }

    /// The runs between two.
    fn between(
        &self,
        left: Option<u32>,
        right: Option<u32>,
        budget: &mut Budget,
    ) -> Result<Vec<u32>, Unfit> {
        let mut between = Vec::new();
        let mut run = self.behind(left);
        while run != right {
            budget.spend(1)?;
            // The right one stands left of the left one.
            let here = run.ok_or(Unfit)?;
            between.push(here);
            run = self.line.next(here);
        }
        Ok(between)
    }

    /// Refuses what has seen something between its neighbours.
    fn concurrent(&self, between: &[u32], past: &Past) -> Result<(), Unfit> {
        let seen = |number: &u32| {
            let (client, clock) = self.run(*number).first();
            past.get(&client).is_some_and(|below| clock < *below)
        };
        if between.iter().any(seen) { Err(Unfit) } else { Ok(()) }
    }

    /// What a run goes behind among those written at the same place at the same time: the conflict
    /// resolution of Yjs.
    fn leftmost(&self, run: &Run, left: Option<u32>, between: &[u32]) -> Option<u32> {
        let places: HashMap<u32, usize> =
            between.iter().enumerate().map(|(place, number)| (*number, place)).collect();
        let (mut left, mut conflicting) = (left, 0);
        for (place, number) in between.iter().enumerate() {
            let other = self.run(*number);
            if other.origin == run.origin {
                if other.client < run.client {
                    (left, conflicting) = (Some(*number), place + 1);
                } else if other.right_origin == run.right_origin {
                    break;
                }
                continue;
            }
            let origin = other.origin.and_then(|origin| self.covering(origin));
            match origin.and_then(|origin| places.get(&origin)) {
                Some(at) if *at >= conflicting => {}
                Some(_) => (left, conflicting) = (Some(*number), place + 1),
                None => break,
            }
        }
        left
    }

    fn delete_range(&mut self, client: u64, clock: u32, length: u32) -> Result<(), Unfit> {
        let end = clock + length;
        let mut clock = clock;
        while clock < end {
            let mut number = self.covering((client, clock)).ok_or(Unfit)?;
            let units = clock - self.run(number).clock;
            if units > 0 {
                number = self.split(number, units)?.ok_or(Unfit)?;
            }
            self.split(number, end - clock)?;
            self.delete(number);
            clock = self.run(number).end();
        }
        Ok(())
    }
}

/// Whether an update holds nothing but a text.
fn is_text(update: &Update<'_>) -> bool {
    update.clients.iter().flat_map(|written| &written.blocks).all(|block| {
        let is_text = match block.content {
            Content::Text(_) => true,
            Content::Gone => !block.is_collected() && !block.is_left_out(),
            _ => false,
        };
        let alone = block.origin.is_none() && block.right_origin.is_none();
        is_text && !block.has_parent_key() && (!alone || block.parent == ROOT)
    })
}
