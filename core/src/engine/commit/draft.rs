//! What one transaction wants of one node or edge, and the part of a record that brings it about.
//!
//! Wanted fields are kept as they will be stored; `draft_typed.rs` turns what users of a type see
//! into that and back.

use crate::crdt::{
    Changed, ContentDraft, EditError, Editor, Entity, FieldError, Found, Ground, Hint, Reversal,
    arranged, replace, revise, value_at,
};
use crate::engine::commit::rows::Row;
use crate::engine::error::Error;
use crate::engine::typing::typed::Typed;
use crate::model::{
    Map, Op, Part, Path, SharedKind, SharedOp, Stamp, Target, Value, ValueError, Write,
};
use std::collections::BTreeMap;

/// What a draft comes to.
#[derive(Debug)]
pub(in crate::engine) struct Outcome {
    pub(in crate::engine) part: Part,
    pub(in crate::engine) row: Row,
    /// What undoes the edits of texts and lists.
    pub(in crate::engine) reversals: Reversals,
}

/// What undoes edits of texts and lists, by field.
pub(in crate::engine) type Reversals = BTreeMap<Path, Vec<Reversal>>;

/// The wanted state of one node or edge while a transaction is open.
#[derive(Debug)]
pub(in crate::engine) struct Draft {
    pub(in crate::engine) target: Target,
    pub(super) row: Row,
    /// What was there before the transaction goes.
    pub(in crate::engine) delete: bool,
    /// The type and fields it is to have at the end, if it is to exist and was written.
    pub(in crate::engine) wanted: Option<(Option<String>, Map)>,
    /// How shared fields came to their wanted values.
    hints: BTreeMap<Path, Hint>,
}

impl Draft {
    pub(in crate::engine) const fn new(target: Target, row: Row) -> Self {
        Self { target, row, delete: false, wanted: None, hints: BTreeMap::new() }
    }

    /// The same as far as readers see it: how shared fields came to their values is left out.
    pub(super) fn shown_copy(&self) -> Self {
        Self {
            target: self.target.clone(),
            row: self.row.clone(),
            delete: self.delete,
            wanted: self.wanted.clone(),
            hints: BTreeMap::new(),
        }
    }

    pub(in crate::engine) fn exists(&self) -> bool {
        self.wanted.is_some() || (!self.delete && self.before().exists())
    }

    /// The type and fields as the transaction leaves them, while the target exists.
    pub(in crate::engine) fn current(&self) -> Option<(Option<String>, Map)> {
        match &self.wanted {
            Some(wanted) => Some(wanted.clone()),
            None if self.exists() => {
                Some((self.before().kind().map(str::to_owned), self.before().object()))
            }
            None => None,
        }
    }

    pub(in crate::engine) fn put(&mut self, kind: Option<String>, data: Map) {
        self.wanted = Some((kind, data));
    }

    pub(in crate::engine) fn patch(&mut self, patch: Vec<(Path, Option<Value>)>) {
        if let Some((kind, data)) = self.current() {
            self.wanted = Some((kind, revise(data, patch)));
        }
    }

    /// Gives whether it existed.
    pub(in crate::engine) fn remove(&mut self) -> bool {
        let existed = self.exists();
        self.delete |= self.before().exists();
        self.wanted = None;
        self.hints.clear();
        existed
    }

    pub(in crate::engine) fn increment(&mut self, path: &Path, by: i64) -> Result<(), Error> {
        let number = match self.shared_value(path, SharedKind::Counter)? {
            Value::Int(number) => number,
            _ => 0,
        };
        let Some(sum) = number.checked_add(by) else {
            let (path, source) = (path.to_string(), ValueError::TooLarge);
            return Err(FieldError::Value { path, source }.into());
        };
        self.want(path, Value::Int(sum), Hint::Counter);
        Ok(())
    }

    pub(in crate::engine) fn add_to_set(
        &mut self,
        path: &Path,
        values: &[Value],
    ) -> Result<(), Error> {
        let values = &checked(path, values)?;
        let mut items = self.items(path)?;
        let mut added = self.added(path);
        for value in values {
            for into in [&mut items, &mut added] {
                if !into.contains(value) {
                    into.push(value.clone());
                }
            }
        }
        self.want(path, Value::Array(arranged(items)), Hint::Set(added));
        Ok(())
    }

    pub(in crate::engine) fn remove_from_set(
        &mut self,
        path: &Path,
        values: &[Value],
    ) -> Result<(), Error> {
        let values = &checked(path, values)?;
        let mut items = self.items(path)?;
        items.retain(|item| !values.contains(item));
        let added = self.added(path);
        self.want(path, Value::Array(arranged(items)), Hint::Set(added));
        Ok(())
    }

    /// Changes a text or list through its document.
    pub(in crate::engine) fn edit(
        &mut self,
        path: &Path,
        kind: SharedKind,
        editor: Editor,
        edit: impl FnOnce(&mut ContentDraft) -> Result<(), EditError>,
    ) -> Result<(), Error> {
        let now = self.shared_value(path, kind)?;
        let mut draft = match self.hints.remove(path) {
            Some(Hint::Content(known, draft)) if known == kind => draft,
            _ => Box::new(self.found(path, kind, editor, None).edit()?),
        };
        let fault = |source| FieldError::Edit { path: path.to_string(), source };
        // Where the transaction has put another value since, the edit is of that one.
        draft.turn_into(&now).map_err(fault)?;
        edit(&mut draft).map_err(fault)?;
        self.want(path, draft.content(), Hint::Content(kind, draft));
        Ok(())
    }

    /// What a shared field holds as the transaction leaves it; nothing yet where it is not there.
    fn shared_value(&self, path: &Path, kind: SharedKind) -> Result<Value, Error> {
        let data = self.current().map(|(_, data)| data).unwrap_or_default();
        let value = Hint::starting_at(kind, value_at(&data, path));
        value.ok_or_else(|| FieldError::Kind { path: path.to_string(), kind }.into())
    }

    fn items(&self, path: &Path) -> Result<Vec<Value>, Error> {
        match self.shared_value(path, SharedKind::Set)? {
            Value::Array(items) => Ok(items),
            _ => Ok(Vec::new()),
        }
    }

    /// What the transaction has put into a set so far.
    fn added(&self, path: &Path) -> Vec<Value> {
        match self.hints.get(path) {
            Some(Hint::Set(added)) => added.clone(),
            _ => Vec::new(),
        }
    }

    fn want(&mut self, path: &Path, value: Value, hint: Hint) {
        if let Some((kind, data)) = self.current() {
            self.wanted = Some((kind, revise(data, vec![(path.clone(), Some(value))])));
            self.hints.insert(path.clone(), hint);
        }
    }

    /// What of the record brings the wanted about; `None` when it is so already.
    ///
    /// A field that its type declares to merge change by change is changed so from the start.
    pub(in crate::engine) fn into_part(
        mut self,
        stamp: Stamp,
        editor: Editor,
        typed: Option<&Typed>,
    ) -> Result<Option<Outcome>, Error> {
        let Some((kind, data)) = self.wanted.take() else {
            let (target, writes) = (self.target, Vec::new());
            let part = Part { target, delete: true, put: false, kind: None, writes };
            let (row, reversals) = (self.row, Reversals::new());
            return Ok(self.delete.then_some(Outcome { part, row, reversals }));
        };
        let before = (!self.delete).then(|| self.before());
        let put = self.delete || !self.before().exists();
        let typed = typed.filter(|typed| typed.shares);
        let stored = typed.and(before).map(Entity::object).unwrap_or_default();
        let difference = replace(before, data, |path| {
            let declared = || {
                let kind = typed?.shared_kind(path)?;
                Hint::starting_at(kind, value_at(&stored, path)).map(|_| (kind, false))
            };
            let hinted = self.hints.get(path).map(|hint| (hint.kind(), true));
            let present = || {
                let (kind, _) = before?.shared.at(path.as_joined())?;
                Some((kind, false))
            };
            hinted.or_else(present).or_else(declared)
        })?;
        let kind = kind.filter(|kind| put || self.before().kind() != Some(kind));
        let mut writes = difference.writes;
        let mut reversals = Reversals::new();
        for (path, kind, value) in difference.shared {
            let hint = self.hints.remove(&path);
            // A field that is there and empty takes a plain write: no change says so.
            let new = typed.is_some() && hint.is_none() && value_at(&stored, &path).is_none();
            let found = self.found(&path, kind, editor, Some(stamp));
            if let Some(Changed { change, reversals: undoing }) = found.change(&value, hint)? {
                let floor = found.ground.floor;
                if !undoing.is_empty() {
                    reversals.insert(path.clone(), undoing);
                }
                writes.push(Write { path, op: Op::Shared(SharedOp { floor, change }) });
            } else if new {
                writes.push(Write { path, op: Op::Set(value) });
            }
        }
        if !put && kind.is_none() && writes.is_empty() {
            return Ok(None);
        }
        let Self { target, row, delete, .. } = self;
        let part = Part { target, delete, put, kind, writes };
        Ok(Some(Outcome { part, row, reversals }))
    }

    /// The state that the transaction found.
    pub(in crate::engine) fn before(&self) -> &Entity {
        self.row.entity()
    }

    /// A shared field as it was before the transaction, or new after its delete.
    fn found<'a>(
        &'a self,
        path: &'a Path,
        kind: SharedKind,
        editor: Editor,
        stamp: Option<Stamp>,
    ) -> Found<'a> {
        if self.delete {
            let ground = Ground { floor: stamp.map(|stamp| stamp.floor()), base: None };
            return Found { path, kind, field: None, ground, editor };
        }
        let entity = self.before();
        let ground = entity.ground(path.as_joined());
        Found { path, kind, field: entity.shared.get(path, kind), ground, editor }
    }
}

/// Values of a set with every number in its one representation, so that equal ones are found.
fn checked(path: &Path, values: &[Value]) -> Result<Vec<Value>, Error> {
    let checked = values.iter().map(|value| value.clone().checked()).collect();
    let fault = |source| FieldError::Value { path: path.to_string(), source };
    Ok(Result::<_, ValueError>::map_err(checked, fault)?)
}
