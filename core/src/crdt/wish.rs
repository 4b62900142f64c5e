//! From the wanted value of a shared field to the change that brings it about.

use super::diff::FieldError;
use super::doc::Ground;
use super::set::items;
use super::shared::SharedField;
use super::text::{ContentDraft, EditError, Editor, Reversal};
use crate::model::{Path, SharedChange, SharedKind, Value, ValueError};
use alloc::boxed::Box;
use alloc::vec::Vec;

/// What is known of how a field came to its wanted value. Without it the value alone says so.
#[derive(Debug)]
pub enum Hint {
    /// The field is a counter.
    Counter,
    /// The field is a set, and these values were put in, also where they were in before: the add
    /// wins over a concurrent remove.
    Set(Vec<Value>),
    /// The field is a text or list, edited so far like this.
    Content(SharedKind, Box<ContentDraft>),
}

/// A change with what undoes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Changed {
    /// The change.
    pub change: SharedChange,
    /// What undoes the edits of a text or list. Other changes say it themselves.
    pub reversals: Vec<Reversal>,
}

impl From<SharedChange> for Changed {
    fn from(change: SharedChange) -> Self {
        Self { change, reversals: Vec::new() }
    }
}

impl Hint {
    /// The kind of field that it is of.
    #[must_use]
    pub const fn kind(&self) -> SharedKind {
        match self {
            Self::Counter => SharedKind::Counter,
            Self::Set(_) => SharedKind::Set,
            Self::Content(kind, _) => *kind,
        }
    }
}

impl Hint {
    /// What the field holds where only that is known: a counter of 0, an empty set, text or list.
    /// `None` for a value that a field of this kind cannot hold.
    #[must_use]
    pub fn starting_at(kind: SharedKind, value: Option<&Value>) -> Option<Value> {
        match value {
            None | Some(Value::Null) => Some(match kind {
                SharedKind::Counter => Value::Int(0),
                SharedKind::Set | SharedKind::List => Value::Array(Vec::new()),
                SharedKind::Text => Value::Text(alloc::string::String::new()),
            }),
            Some(value) => super::diff::fits(kind, value).then(|| value.clone()),
        }
    }
}

/// A shared field as a transaction finds it.
#[derive(Debug, Clone, Copy)]
pub struct Found<'a> {
    /// Its path, for errors.
    pub path: &'a Path,
    /// Its kind.
    pub kind: SharedKind,
    /// Its state, `None` before its first change.
    pub field: Option<&'a SharedField>,
    /// What it stands on.
    pub ground: Ground<'a>,
    /// As whom it is changed.
    pub editor: Editor,
}

impl Found<'_> {
    /// What it holds.
    #[must_use]
    pub fn value(&self) -> Value {
        let fresh;
        let field = match self.field {
            Some(field) => field,
            None => {
                fresh = SharedField::new(self.kind);
                &fresh
            }
        };
        field.value(self.kind, &self.ground)
    }

    /// Opens a text or list for edits.
    pub fn edit(&self) -> Result<ContentDraft, FieldError> {
        let stored = match self.field {
            Some(SharedField::Doc(doc)) => Some(doc),
            _ => None,
        };
        ContentDraft::open(stored, self.kind, &self.ground, self.editor)
            .map_err(|error| self.fault(error))
    }

    /// An edit's fault with the field.
    #[must_use]
    pub fn fault(&self, source: EditError) -> FieldError {
        FieldError::Edit { path: alloc::format!("{}", self.path), source }
    }

    /// The change that makes the field hold `wanted`; `None` where it does already.
    pub fn change(
        &self,
        wanted: &Value,
        hint: Option<Hint>,
    ) -> Result<Option<Changed>, FieldError> {
        match self.kind {
            SharedKind::Counter => Ok(self.count(wanted).map(Changed::from)),
            SharedKind::Set => {
                let added = match hint {
                    Some(Hint::Set(added)) => added,
                    _ => Vec::new(),
                };
                Ok(self.collect(wanted, added)?.map(Changed::from))
            }
            SharedKind::List | SharedKind::Text => {
                let mut draft = match hint {
                    Some(Hint::Content(kind, draft)) if kind == self.kind => *draft,
                    _ => self.edit()?,
                };
                draft.turn_into(wanted).map_err(|error| self.fault(error))?;
                Ok(draft.finish().map(|(update, reversals)| {
                    let change = match self.kind {
                        SharedKind::Text => SharedChange::Text(update),
                        _ => SharedChange::List(update),
                    };
                    Changed { change, reversals }
                }))
            }
        }
    }

    fn count(&self, wanted: &Value) -> Option<SharedChange> {
        let whole = |value: &Value| match value {
            Value::Int(number) => *number,
            _ => 0,
        };
        let step = whole(wanted).saturating_sub(whole(&self.value()));
        // A first change of zero makes the field a counter, also where its value is 0.
        let new = self.field.is_none() && self.ground.base.is_none();
        (step != 0 || new).then_some(SharedChange::Counter { add: step })
    }

    fn collect(
        &self,
        wanted: &Value,
        added: Vec<Value>,
    ) -> Result<Option<SharedChange>, FieldError> {
        let before = self.value();
        let (before, wanted) = (items(&before), items(wanted));
        let fresh = wanted.iter().filter(|value| !before.contains(value)).cloned();
        let mut add: Vec<Value> =
            added.into_iter().filter(|value| wanted.contains(value)).collect();
        for value in fresh {
            if !add.contains(&value) {
                add.push(value);
            }
        }
        for value in &mut add {
            let checked = core::mem::replace(value, Value::Null).checked();
            *value = checked.map_err(|source| self.bad_value(source))?;
            if matches!(value, Value::Object(_)) {
                return Err(self.bad_value(ValueError::WholeObject));
            }
        }
        let empty = super::set::Elements::default();
        let elements = match self.field {
            Some(SharedField::Set(elements)) => elements,
            _ => &empty,
        };
        let gone = before.iter().filter(|value| !wanted.contains(value));
        let remove: Vec<_> =
            gone.map(|value| (value.clone(), elements.adds_of(value, self.ground.base))).collect();
        let change = SharedChange::Set { add, remove };
        let idle = matches!(&change, SharedChange::Set { add, remove } if add.is_empty() && remove.is_empty());
        Ok((!idle).then_some(change))
    }

    fn bad_value(&self, source: ValueError) -> FieldError {
        FieldError::Value { path: alloc::format!("{}", self.path), source }
    }
}
