//! Undo and redo of this device's own transactions, in this session.
//!
//! An undo is a new transaction that takes back what the old one did, as far as that still stands:
//! what others have changed since is theirs and stays. So undo and redo merge like anything else.
//!
//! | what the transaction did | what undo does |
//! |---|---|
//! | wrote a field | gives it its value before, unless somebody has written it since |
//! | added to a counter | subtracts the same |
//! | put into or took out of a set | takes out, puts in |
//! | edited a text or list | deletes what it inserted, inserts what it deleted, where these are now |
//! | made a node or edge | deletes it, unless somebody has changed it since |
//! | deleted one | puts it again, unless somebody has done so since |

use crate::crdt::{Aliases, Editor, Entity, value_at};
use crate::engine::commit::draft::{Draft, Reversals};
use crate::engine::commit::transaction::Transaction;
use crate::engine::database::Database;
use crate::engine::error::Error;
use crate::engine::typing::typed::Typed;
use crate::model::{Op, Part, Path, SharedChange, Stamp, Target, Value, Write};
use std::collections::{HashMap, VecDeque};

/// What undoes one transaction.
#[derive(Debug)]
pub(in crate::engine) struct Entry {
    pub(in crate::engine) stamp: Stamp,
    pub(in crate::engine) steps: Vec<Step>,
}

/// What undoes what a transaction did to one node or edge.
#[derive(Debug)]
pub(in crate::engine) struct Step {
    part: Part,
    before: Entity,
    reversals: Reversals,
}

impl Step {
    pub(in crate::engine) fn new(part: &Part, before: &Entity, reversals: Reversals) -> Self {
        Self { part: part.clone(), before: before.clone(), reversals }
    }
}

type AllAliases = HashMap<(Target, Path), Aliases>;

/// The transactions that can be undone and redone, the last one last.
#[derive(Debug, Default)]
pub(in crate::engine) struct UndoStacks {
    limit: usize,
    undo: VecDeque<Entry>,
    redo: Vec<Entry>,
    /// What was removed and inserted anew by undos, by field.
    aliases: AllAliases,
}

impl UndoStacks {
    pub(in crate::engine) const fn is_kept(&self) -> bool {
        self.limit > 0
    }

    /// Notes a transaction of the user's.
    pub(in crate::engine) fn done(&mut self, entry: Option<Entry>) {
        if let Some(entry) = entry {
            self.redo.clear();
            self.keep(entry);
        }
    }

    /// Forgets all of them.
    pub(in crate::engine) fn clear(&mut self) {
        self.undo.clear();
        self.redo.clear();
        self.aliases.clear();
    }

    fn keep(&mut self, entry: Entry) {
        self.undo.push_back(entry);
        while self.undo.len() > self.limit {
            self.undo.pop_front();
        }
    }
}

/// What an undo or redo did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Undone {
    /// Nodes and edges that were changed.
    pub changed: usize,
    /// Nodes and edges that stay as they are, because somebody has changed them since.
    pub kept: usize,
}

impl Database {
    /// Keeps up to so many transactions for [`Database::undo`]; 0, as at the start, keeps none.
    /// What is kept lives in memory, with this `Database`.
    pub fn keep_undo(&mut self, transactions: usize) {
        self.undo.limit = transactions;
        while self.undo.undo.len() > transactions {
            self.undo.undo.pop_front();
        }
    }

    /// How many transactions are kept at most.
    #[must_use]
    pub const fn undo_limit(&self) -> usize {
        self.undo.limit
    }

    /// How many transactions can be undone, and how many undone ones redone.
    #[must_use]
    pub fn undo_depth(&self) -> (usize, usize) {
        (self.undo.undo.len(), self.undo.redo.len())
    }

    /// Undoes the last own transaction that is not undone; `None` where there is none.
    ///
    /// ```
    /// use pluresdb::{Database, object};
    ///
    /// let mut db = Database::memory()?;
    /// db.keep_undo(100);
    /// db.put("n", "Note", object([("title", "Milk".into())]))?;
    /// db.put("n", "Note", object([("title", "Bread".into())]))?;
    /// db.undo()?;
    /// assert_eq!(db.get("n")?.unwrap().data, object([("title", "Milk".into())]));
    /// db.redo()?;
    /// assert_eq!(db.get("n")?.unwrap().data, object([("title", "Bread".into())]));
    /// # Ok::<(), pluresdb::Error>(())
    /// ```
    pub fn undo(&mut self) -> Result<Option<Undone>, Error> {
        let Some(entry) = self.undo.undo.pop_back() else {
            return Ok(None);
        };
        match self.take_back(&entry) {
            Ok((done, redo)) => {
                self.undo.redo.push(redo);
                Ok(Some(done))
            }
            Err(error) => {
                self.undo.undo.push_back(entry);
                Err(error)
            }
        }
    }

    /// Does again what the last undo took back; `None` where there is none, or where another
    /// transaction was made since.
    pub fn redo(&mut self) -> Result<Option<Undone>, Error> {
        let Some(entry) = self.undo.redo.pop() else {
            return Ok(None);
        };
        match self.take_back(&entry) {
            Ok((done, undo)) => {
                self.undo.keep(undo);
                Ok(Some(done))
            }
            Err(error) => {
                self.undo.redo.push(entry);
                Err(error)
            }
        }
    }

    fn take_back(&mut self, entry: &Entry) -> Result<(Undone, Entry), Error> {
        let mut aliases = self.undo.aliases.clone();
        let (done, undone) = self.transact(|tx| {
            let mut done = Undone::default();
            for step in entry.steps.iter().rev() {
                if step.take_back(tx, entry.stamp, &mut aliases)? {
                    done.changed += 1;
                } else {
                    done.kept += 1;
                }
            }
            Ok(done)
        })?;
        self.undo.aliases = aliases;
        // Where nothing was left to take back, nothing is left to do again.
        Ok((done, undone.unwrap_or(Entry { stamp: entry.stamp, steps: Vec::new() })))
    }
}

impl Step {
    /// False where nothing of it could be taken back.
    fn take_back(
        &self,
        tx: &mut Transaction<'_, '_>,
        stamp: Stamp,
        aliases: &mut AllAliases,
    ) -> Result<bool, Error> {
        let editor = tx.editor;
        let typed = tx.typed(self.before.kind());
        let draft = tx.draft(self.part.target.clone())?;
        if self.part.delete || !self.before.exists() {
            return Ok(self.take_back_whole(draft, stamp, typed.as_deref()));
        }
        if !draft.exists() {
            return Ok(false);
        }
        let mut any = false;
        if self.part.kind.is_some()
            && let Some((kind, data)) = draft.current()
            && kind.as_deref() == self.part.kind.as_deref()
        {
            draft.put(self.before.kind().map(str::to_owned), data);
            any = true;
        }
        for write in &self.part.writes {
            any |= self.take_back_write(draft, write, stamp, editor, aliases)?;
        }
        Ok(any)
    }

    /// Takes back that the target was made or deleted.
    fn take_back_whole(&self, draft: &mut Draft, stamp: Stamp, typed: Option<&Typed>) -> bool {
        let now = draft.before();
        let untouched = !now.is_changed_by_others(stamp);
        if self.part.put && !self.before.exists() {
            return untouched && draft.remove();
        }
        // Deleted, or deleted and put anew in one transaction.
        let ours = now.deleted.is_some_and(|deleted| is_ours(deleted, stamp));
        let stands = ours && untouched;
        if stands {
            let mut data = self.before.object();
            if let Some(typed) = typed {
                // All is written at one time now, so what was written last under any name is first
                // given the present one.
                typed.rename(&self.before, &mut data);
            }
            draft.put(self.before.kind().map(str::to_owned), data);
        }
        stands
    }

    fn take_back_write(
        &self,
        draft: &mut Draft,
        Write { path, op }: &Write,
        stamp: Stamp,
        editor: Editor,
        aliases: &mut AllAliases,
    ) -> Result<bool, Error> {
        let last_plain = draft.before().last_plain(path.as_joined());
        let is_ours = last_plain.is_some_and(|last| is_ours(last, stamp));
        match op {
            Op::Set(_) | Op::Remove if !is_ours => return Ok(false),
            Op::Set(_) | Op::Remove => self.restore(draft, path)?,
            Op::Shared(shared) => match &shared.change {
                SharedChange::Counter { add } => {
                    draft.increment(path, add.saturating_neg())?;
                }
                SharedChange::Set { add, remove } => {
                    let had = self.items_before(path);
                    let new: Vec<Value> =
                        add.iter().filter(|value| !had.contains(value)).cloned().collect();
                    draft.remove_from_set(path, &new)?;
                    let taken: Vec<Value> = remove.iter().map(|(value, _)| value.clone()).collect();
                    draft.add_to_set(path, &taken)?;
                }
                // The document that was edited is gone, with a delete that was taken back since:
                // what stands there now is what the edit had left.
                SharedChange::List(_) | SharedChange::Text(_)
                    if is_ours && last_plain.map(|last| last.floor()) != shared.floor =>
                {
                    self.restore(draft, path)?;
                }
                change @ (SharedChange::List(_) | SharedChange::Text(_)) => {
                    let reversals = self.reversals.get(path).map_or(&[][..], Vec::as_slice);
                    let field = (self.part.target.clone(), path.clone());
                    let aliases = aliases.entry(field).or_default();
                    draft.edit(path, change.kind(), editor, |content| {
                        let mut reversals = reversals.iter().rev();
                        reversals.try_for_each(|reversal| content.reverse(reversal, aliases))
                    })?;
                }
            },
        }
        Ok(true)
    }

    /// Gives a path, and what was below it, the values from before.
    fn restore(&self, draft: &mut Draft, path: &Path) -> Result<(), Error> {
        draft.patch(self.values_before(path)?);
        // An object that was made for the field goes with the last field in it, and gives way to
        // what was there.
        let before = self.before.object();
        let above: Vec<Path> = path
            .ancestors()
            .map(|above| Path::joined(above.to_owned()))
            .collect::<Result<_, _>>()?;
        for above in above.iter().rev() {
            let data = draft.current().map(|(_, data)| data).unwrap_or_default();
            let Some(Value::Object(left)) = value_at(&data, above) else {
                continue;
            };
            match value_at(&before, above) {
                Some(Value::Object(_)) => {}
                was if left.is_empty() => draft.patch(vec![(above.clone(), was.cloned())]),
                _ => {}
            }
        }
        Ok(())
    }

    /// A patch that gives a path, and what was below it, what was there before.
    fn values_before(&self, path: &Path) -> Result<Vec<(Path, Option<Value>)>, Error> {
        let mut patch = vec![(path.clone(), None)];
        for (leaf, value) in self.before.leaves() {
            let leaf = Path::joined(leaf.to_owned())?;
            if leaf == *path || leaf.is_below(path.as_joined()) {
                patch.push((leaf, Some(value.into_owned())));
            }
        }
        Ok(patch)
    }

    fn items_before(&self, path: &Path) -> Vec<Value> {
        let leaves = self.before.leaves();
        match leaves.get(path.as_joined()) {
            Some(Value::Array(items)) => items.clone(),
            _ => Vec::new(),
        }
    }
}

/// Whether a stamp is of the transaction that is taken back, or of a later one of the same writer:
/// those that were later have been taken back before, so what they left is what was before them.
fn is_ours(found: Stamp, stamp: Stamp) -> bool {
    found.actor == stamp.actor && found >= stamp
}
