//! A disk that tests crash: it notes every step, and makes of any number of them what a crash
//! would leave. Of what was not synced any part may be lost, in sectors of 512 bytes.

use crate::draw::Draw;
use pluresdb::journal::Directory;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{Error, ErrorKind};
use std::rc::Rc;

const SECTOR: usize = 512;

#[derive(Debug, Clone)]
pub(crate) enum Step {
    Write(String, Vec<u8>),
    Append(String, Vec<u8>),
    Truncate(String, usize),
    Rename(String, String),
    Remove(String),
    Sync(String),
    SyncNames,
}

/// A file as it is and as the disk is sure to have it.
#[derive(Debug, Clone, Default)]
struct Content {
    now: Vec<u8>,
    durable: Vec<u8>,
}

/// A change of names that is not durable: which file a name has then.
type NameChange = Vec<(String, Option<usize>)>;

/// The state of a disk after some steps.
#[derive(Debug, Clone, Default)]
pub(crate) struct Platter {
    contents: Vec<Content>,
    names: BTreeMap<String, usize>,
    durable_names: BTreeMap<String, usize>,
    changes: Vec<NameChange>,
}

impl Platter {
    pub(crate) fn take(&mut self, step: &Step) {
        match step {
            Step::Write(name, bytes) => {
                let number = self.file(name);
                self.contents[number].now = bytes.clone();
            }
            Step::Append(name, bytes) => {
                let number = self.file(name);
                self.contents[number].now.extend(bytes);
            }
            Step::Truncate(name, length) => {
                let number = self.file(name);
                self.contents[number].now.truncate(*length);
            }
            Step::Rename(from, to) => {
                let number = self.names[from];
                self.change(vec![(from.clone(), None), (to.clone(), Some(number))]);
            }
            Step::Remove(name) => self.change(vec![(name.clone(), None)]),
            Step::Sync(name) => {
                let number = self.names[name];
                let content = &mut self.contents[number];
                content.durable.clone_from(&content.now);
            }
            Step::SyncNames => {
                self.changes.clear();
                self.durable_names.clone_from(&self.names);
            }
        }
    }

    /// What a crash now leaves: all that is not durable, nothing of it, or any part.
    pub(crate) fn crash(&self, draw: &mut Draw) -> Disk {
        let (everything, nothing) = (draw.below(5) == 0, draw.below(5) == 0);
        let mut keep = |draw: &mut Draw| everything || (!nothing && draw.coin());
        let mut names = self.durable_names.clone();
        for change in self.changes.iter().filter(|_| keep(draw)) {
            apply(&mut names, change);
        }
        let mut after = Self::default();
        for (name, number) in names {
            let Content { now, durable } = &self.contents[number];
            let bytes = torn(durable, now, draw, &mut keep);
            after.names.insert(name, after.contents.len());
            after.contents.push(Content { now: bytes.clone(), durable: bytes });
        }
        after.durable_names.clone_from(&after.names);
        Disk::starting_as(after)
    }

    fn file(&mut self, name: &str) -> usize {
        if let Some(number) = self.names.get(name) {
            return *number;
        }
        let number = self.contents.len();
        self.contents.push(Content::default());
        self.change(vec![(name.to_owned(), Some(number))]);
        number
    }

    fn change(&mut self, change: NameChange) {
        apply(&mut self.names, &change);
        self.changes.push(change);
    }
}

fn apply(names: &mut BTreeMap<String, usize>, change: &NameChange) {
    for (name, number) in change {
        match number {
            Some(number) => names.insert(name.clone(), *number),
            None => names.remove(name),
        };
    }
}

/// A mixture of two versions of a file by sectors; a sector that never came is zero.
pub(crate) fn torn(
    old: &[u8],
    new: &[u8],
    draw: &mut Draw,
    keep: &mut impl FnMut(&mut Draw) -> bool,
) -> Vec<u8> {
    if old == new {
        return new.to_vec();
    }
    let (short, long) = (old.len().min(new.len()), old.len().max(new.len()));
    let length = match draw.below(3) {
        0 => old.len(),
        1 => new.len(),
        _ => short + draw.below(long - short + 1),
    };
    let mut bytes = vec![0; length];
    for (number, sector) in bytes.chunks_mut(SECTOR).enumerate() {
        let from = if keep(draw) { new } else { old };
        let from = from.get(number * SECTOR..).unwrap_or_default();
        for (into, byte) in sector.iter_mut().zip(from) {
            *into = *byte;
        }
    }
    bytes
}

#[derive(Debug, Default)]
struct Turning {
    start: Platter,
    platter: Platter,
    steps: Vec<Step>,
}

/// A disk in use. Clones are the same disk.
#[derive(Debug, Clone, Default)]
pub(crate) struct Disk(Rc<RefCell<Turning>>);

impl Disk {
    pub(crate) fn steps(&self) -> Vec<Step> {
        self.0.borrow().steps.clone()
    }

    pub(crate) fn step_count(&self) -> usize {
        self.0.borrow().steps.len()
    }

    /// Every file with its length.
    pub(crate) fn files(&self) -> Vec<(String, usize)> {
        let turning = self.0.borrow();
        let Platter { names, contents, .. } = &turning.platter;
        names.iter().map(|(name, number)| (name.clone(), contents[*number].now.len())).collect()
    }

    /// A disk with the same files, one bit of one of them flipped.
    pub(crate) fn flipped(&self, file: &str, bit: usize) -> Self {
        let mut platter = self.0.borrow().platter.clone();
        let number = platter.names[file];
        platter.contents[number].now[bit / 8] ^= 1 << (bit % 8);
        Self::starting_as(platter)
    }

    /// What a crash after the first `cut` steps leaves.
    pub(crate) fn crash_again(&self, cut: usize, draw: &mut Draw) -> Self {
        let turning = self.0.borrow();
        let mut platter = turning.start.clone();
        turning.steps[..cut].iter().for_each(|step| platter.take(step));
        platter.crash(draw)
    }

    fn starting_as(platter: Platter) -> Self {
        let start = platter.clone();
        Self(Rc::new(RefCell::new(Turning { start, platter, steps: Vec::new() })))
    }

    fn step(&self, step: Step) -> Result<(), Error> {
        let turning = &mut *self.0.borrow_mut();
        turning.platter.take(&step);
        turning.steps.push(step);
        Ok(())
    }

    fn content(&self, name: &str) -> Option<Vec<u8>> {
        let Platter { names, contents, .. } = &self.0.borrow().platter;
        names.get(name).map(|number| contents[*number].now.clone())
    }
}

impl Directory for Disk {
    type Error = Error;

    fn names(&self) -> Result<Vec<String>, Error> {
        Ok(self.0.borrow().platter.names.keys().cloned().collect())
    }

    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, Error> {
        Ok(self.content(name))
    }

    fn read_at(&self, name: &str, offset: u64, into: &mut [u8]) -> Result<(), Error> {
        let content = self.content(name).unwrap_or_default();
        let from = content.get(offset as usize..).unwrap_or_default();
        let from = from.get(..into.len()).ok_or(ErrorKind::UnexpectedEof)?;
        into.copy_from_slice(from);
        Ok(())
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        self.step(Step::Write(name.into(), bytes.into()))
    }

    fn append(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        self.step(Step::Append(name.into(), bytes.into()))
    }

    fn truncate(&self, name: &str, length: u64) -> Result<(), Error> {
        self.step(Step::Truncate(name.into(), length as usize))
    }

    fn rename(&self, from: &str, to: &str) -> Result<(), Error> {
        self.step(Step::Rename(from.into(), to.into()))
    }

    fn remove(&self, name: &str) -> Result<(), Error> {
        self.step(Step::Remove(name.into()))
    }

    fn sync(&self, name: &str) -> Result<(), Error> {
        self.step(Step::Sync(name.into()))
    }

    fn sync_names(&self) -> Result<(), Error> {
        self.step(Step::SyncNames)
    }
}
