//! Who looks on while a database is checked: is told how far it is, and may end it.

use crate::engine::error::Error;
use crate::engine::query::limits::Cancel;
use std::fmt;

/// What a check is looking at, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CheckStep {
    /// The pages and indexes of the file, which SQLite looks at without telling how far it is.
    File,
    /// The records of every log.
    Log,
    /// The rows of nodes and edges, in some passes over all of them.
    Rows,
    /// What is derived from rows and records: first which records touched a node, told record by
    /// record, then types, vectors and indexes.
    Derived,
    /// The words of nodes, as the text index must hold them, told node by node.
    Words,
    /// The text index against these words, which is told without how far it is.
    Text,
}

/// How far a check is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckProgress {
    /// What it is looking at.
    pub step: CheckStep,
    /// How many records or rows of it were looked at.
    pub done: u64,
    /// Of how many; 0 where that is not known.
    pub total: u64,
}

/// How many records or rows lie between two reports.
const BETWEEN: u64 = 1_000;

/// Is told how far a check is.
pub(super) type Told<'a> = &'a mut dyn FnMut(CheckProgress);

/// The onlooker; by default nobody.
#[derive(Default)]
pub(super) struct Onlooker<'a> {
    told: Option<Told<'a>>,
    cancel: Option<&'a Cancel>,
    now: Option<CheckProgress>,
}

impl fmt::Debug for Onlooker<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Onlooker").field("now", &self.now).finish_non_exhaustive()
    }
}

impl<'a> Onlooker<'a> {
    pub(super) fn new(told: Told<'a>, cancel: Option<&'a Cancel>) -> Self {
        Self { told: Some(told), cancel, now: None }
    }

    pub(super) fn begin(&mut self, step: CheckStep, total: u64) -> Result<(), Error> {
        self.now = Some(CheckProgress { step, done: 0, total });
        self.tell()
    }

    /// One more record or row was looked at.
    pub(super) fn count(&mut self) -> Result<(), Error> {
        let Some(now) = &mut self.now else { return Ok(()) };
        now.done += 1;
        if now.done.is_multiple_of(BETWEEN) { self.tell() } else { Ok(()) }
    }

    /// Fails where the check is to end.
    pub(super) fn go_on(&self) -> Result<(), Error> {
        match self.cancel {
            Some(cancel) if cancel.is_cancelled() => Err(Error::Cancelled),
            _ => Ok(()),
        }
    }

    fn tell(&mut self) -> Result<(), Error> {
        if let (Some(told), Some(now)) = (&mut self.told, self.now) {
            told(now);
        }
        self.go_on()
    }
}
