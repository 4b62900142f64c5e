//! The rows of an open transaction, shown to statements that run inside it.
//!
//! What a transaction wants is folded into the tables behind a savepoint, so that its statements see
//! what it has written. Before the commit the savepoint is rolled back, and the record is folded as
//! always: what is written does not depend on what was shown. A draft that changes after it was
//! shown is folded anew from the state that the transaction found, so showing costs what has
//! changed since, not the whole transaction.

use crate::crdt::Entity;
use crate::engine::commit::cache::Known;
use crate::engine::commit::draft::Outcome;
use crate::engine::commit::fold::{Change, Folded};
use crate::engine::commit::rows::Row;
use crate::engine::commit::transaction::{Transaction, typed_of};
use crate::engine::error::Error;
use crate::model::{Part, Target, gather};
use crate::types::TYPE_OF_TYPES;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// What of a transaction the tables hold for now.
#[derive(Debug)]
pub(super) struct Exposed {
    /// What the cache knew before.
    known: Known,
    /// Whether the text index had what is held back of it before.
    texts_written: bool,
    /// How many drafts were loaded before; the rows of later ones may bear numbers that go again.
    sound: usize,
    /// Drafts that the tables hold, by place.
    shown: HashMap<usize, Shown>,
    /// Drafts that were touched since.
    dirty: BTreeSet<usize>,
}

#[derive(Debug, Clone, Copy)]
struct Shown {
    alive: bool,
    is_definition: bool,
}

impl Exposed {
    pub(super) fn touch(&mut self, place: usize) {
        self.dirty.insert(place);
    }
}

impl Transaction<'_, '_> {
    /// Whether statements would not see all that this transaction wants.
    pub(in crate::engine) fn hides_something(&self) -> bool {
        self.exposed.as_ref().map_or(!self.drafts.is_empty(), |exposed| !exposed.dirty.is_empty())
    }

    /// Whether the tables hold rows that are not committed.
    pub(in crate::engine) const fn is_exposed(&self) -> bool {
        self.exposed.is_some()
    }

    /// Lets the tables hold what this transaction wants.
    pub(in crate::engine) fn expose(&mut self) -> Result<(), Error> {
        let is_definition = |exposed: &Exposed| {
            let mut dirty = exposed.dirty.iter();
            dirty.any(|place| exposed.shown.get(place).is_some_and(|shown| shown.is_definition))
        };
        // What follows from a definition that was shown is taken back with everything.
        if self.exposed.as_ref().is_some_and(is_definition) {
            self.withdraw()?;
        }
        self.define()?;
        let mut exposed = match self.exposed.take() {
            Some(exposed) => exposed,
            None => self.begin_exposed()?,
        };
        let mut fold = self.writer.fold_beside();
        for place in std::mem::take(&mut exposed.dirty) {
            let Some((change, shown)) = self.shown_change(place, exposed.shown.get(&place))? else {
                continue;
            };
            self.writer.fold_with(&mut fold, change, self.stamp)?;
            exposed.shown.insert(place, shown);
        }
        self.exposed = Some(exposed);
        // Texts are written, and not held back: statements are to find them.
        let Folded { texts, .. } =
            fold.finish(self.writer.conn, self.writer.cache, self.writer.held)?;
        if let Some(mut texts) = texts {
            self.writer.held.write(self.writer.conn)?;
            texts.write(self.writer.conn)?;
        }
        Ok(())
    }

    /// Takes back what the tables were made to hold.
    pub(super) fn withdraw(&mut self) -> Result<(), Error> {
        let Some(Exposed { known, texts_written, sound, .. }) = self.exposed.take() else {
            return Ok(());
        };
        self.writer.conn.execute_batch("ROLLBACK TO pdb_open; RELEASE pdb_open")?;
        self.writer.cache.restore(known);
        self.writer.held.set_written(texts_written);
        self.types = Arc::clone(&self.writer.cache.types);
        self.writer.forget_numbers();
        for draft in self.drafts.iter_mut().skip(sound) {
            draft.row = self.writer.row(&draft.target)?;
        }
        Ok(())
    }

    fn begin_exposed(&self) -> Result<Exposed, Error> {
        self.writer.conn.execute_batch("SAVEPOINT pdb_open")?;
        Ok(Exposed {
            known: self.writer.cache.known(),
            texts_written: self.writer.held.are_written(),
            sound: self.drafts.len(),
            shown: HashMap::new(),
            dirty: gather(0..self.drafts.len()),
        })
    }

    /// What brings a draft into the tables; nothing where they hold it as it was found and is.
    fn shown_change(
        &self,
        place: usize,
        before: Option<&Shown>,
    ) -> Result<Option<(Change, Shown)>, Error> {
        let Some(draft) = self.drafts.get(place) else {
            return Ok(None);
        };
        let mut wanted = draft.shown_copy();
        let types = Arc::clone(&self.types);
        let typed = typed_of(&types, &wanted);
        if let Some(typed) = typed {
            // What breaks the type may be mended before the commit, which refuses it otherwise.
            let _ = wanted.settle(typed);
        }
        let alive = wanted.exists();
        let outcome = wanted.into_part(self.stamp, self.editor, typed)?;
        let (part, mut row) = match outcome {
            Some(Outcome { part, row, .. }) => (part, row),
            None if before.is_some() => (unchanged(draft.target.clone()), draft.row.clone()),
            None => return Ok(None),
        };
        if let (Row::Node(row), Some(before)) = (&mut row, before) {
            row.alive = before.alive;
        }
        let kind = part.kind.as_deref().or_else(|| Entity::kind(draft.before()));
        let is_definition = kind == Some(TYPE_OF_TYPES);
        Ok(Some((Change { part, row }, Shown { alive, is_definition })))
    }
}

/// A part that leaves its target as it is.
const fn unchanged(target: Target) -> Part {
    Part { target, delete: false, put: false, kind: None, writes: Vec::new() }
}
