//! Does to a transaction what a statement wants of rows.

use super::capture::CapturedRow;
use super::shape::{Conflict, Shape, Verb};
use super::target::{Target, TargetKind};
use super::values::{field_value, name, object};
use crate::crypto::seal;
use crate::engine::commit::transaction::Transaction;
use crate::engine::error::Error;
use crate::engine::query::sql::SqlValue;
use crate::engine::storage::schema::FieldColumn;
use crate::engine::typing::typed::Typed;
use crate::model::{EdgeRef, Path, Target as Place, Value};
use std::fmt::Write;

/// The key of a row that was written, as its view shows it.
pub(super) type Key = Vec<SqlValue>;

/// A statement on its way into a transaction.
pub(super) struct Apply<'a, 't, 'w, 'c> {
    pub(super) tx: &'t mut Transaction<'w, 'c>,
    pub(super) shape: &'a Shape,
    pub(super) target: &'a Target,
}

impl Apply<'_, '_, '_, '_> {
    /// Does what is wanted of one row. Gives its key; `None` where it was left as it is.
    pub(super) fn row(&mut self, row: &CapturedRow) -> Result<Option<Key>, Error> {
        match (&self.target.kind, self.shape.verb) {
            (TargetKind::Edges, Verb::Insert) => self.insert_edge(row),
            (TargetKind::Edges, Verb::Update) => self.update_edge(row),
            (TargetKind::Edges, _) => {
                let edge = edge(&row.old)?;
                self.tx.unlink_as(edge)?;
                Ok(Some(self.key(&row.old)))
            }
            (TargetKind::Nodes | TargetKind::Type(_), Verb::Insert) => self.insert_node(row),
            (TargetKind::Nodes | TargetKind::Type(_), Verb::Update) => self.update_node(row),
            (TargetKind::Nodes | TargetKind::Type(_), _) => {
                let id = required("id", row.old.first())?;
                self.tx.delete(&id)?;
                Ok(Some(self.key(&row.old)))
            }
        }
    }

    /// The key of a row that an INSERT meets, where it is there.
    ///
    /// # Errors
    /// [`Error::Taken`] for a node of another type, [`Error::NotFound`] for an edge without one of its ends: they
    /// are there, and are no rows of the view.
    pub(super) fn there(&mut self, row: &CapturedRow) -> Result<Option<Key>, Error> {
        if let TargetKind::Edges = self.target.kind {
            let edge = edge(&row.new)?;
            let key = edge_key(&edge);
            if !self.tx.draft(Place::Edge(edge.clone()))?.exists() {
                return Ok(None);
            }
            // It hides with an end that does not exist, and is no row of the view.
            for end in [edge.source, edge.target] {
                if !self.tx.exists(&end)? {
                    return Err(Error::NotFound { id: end });
                }
            }
            return Ok(Some(key));
        }
        let Some(id) = row.new.first().map_or(Ok(None), |value| name("id", value))? else {
            return Ok(None);
        };
        let Some((kind, _)) = self.tx.get(&id)? else {
            return Ok(None);
        };
        if matches!(self.target.kind, TargetKind::Type(_)) && kind != self.target.view {
            let what = format!("a node with the id {id:?}, of the type {kind:?},");
            return Err(Error::Taken { what });
        }
        Ok(Some(vec![SqlValue::Text(id)]))
    }

    /// The key in a row of the view.
    pub(super) fn key(&self, values: &[SqlValue]) -> Key {
        values.iter().take(self.target.key().len()).cloned().collect()
    }

    fn insert_node(&mut self, row: &CapturedRow) -> Result<Option<Key>, Error> {
        let id = match row.new.first().map_or(Ok(None), |value| name("id", value))? {
            Some(id) => id,
            None => self.new_id(),
        };
        if self.tx.exists(&id)? {
            match self.shape.conflict {
                Conflict::Replace => {}
                Conflict::Ignore => return Ok(None),
                _ => return Err(Error::Taken { what: format!("a node with the id {id:?}") }),
            }
        }
        let (kind, data) = match &self.target.kind {
            TargetKind::Type(fields) => {
                let [values @ .., updated, data] = row.new.get(1..).unwrap_or_default() else {
                    return Err(unreadable());
                };
                self.not_updated(updated, &SqlValue::Null)?;
                let mut map = object("data", data)?.unwrap_or_default();
                let typed = self.tx.typed(Some(&self.target.view));
                for (field, value) in fields.iter().zip(values) {
                    if *value == SqlValue::Null && !self.is_given(&field.column) {
                        continue;
                    }
                    let (column, declared) = (&field.column, declared(typed.as_deref(), field));
                    match field_value(column, value, declared, None)? {
                        Some(value) => map.insert(field.key.clone(), value),
                        None => map.remove(&field.key),
                    };
                }
                (self.target.view.clone(), map)
            }
            _ => {
                let [_, kind, data, updated] = row.new.as_slice() else {
                    return Err(unreadable());
                };
                self.not_updated(updated, &SqlValue::Null)?;
                (required("type", Some(kind))?, object("data", data)?.unwrap_or_default())
            }
        };
        self.tx.put(&id, &kind, data)?;
        Ok(Some(vec![SqlValue::Text(id)]))
    }

    fn update_node(&mut self, row: &CapturedRow) -> Result<Option<Key>, Error> {
        let id = required("id", row.old.first())?;
        if row.old.first() != row.new.first() {
            return Err(fault(
                "column id: an id stays; insert a node with the new one and delete this",
            ));
        }
        match &self.target.kind {
            TargetKind::Type(fields) => self.update_fields(&id, fields, row)?,
            _ => self.update_whole(&id, row)?,
        }
        Ok(Some(vec![SqlValue::Text(id)]))
    }

    /// Changes the fields whose columns changed, and no others.
    fn update_fields(
        &mut self,
        id: &str,
        fields: &[FieldColumn],
        row: &CapturedRow,
    ) -> Result<(), Error> {
        let ([old @ .., was_updated, was_data], [new @ .., updated, data]) =
            (row.old.get(1..).unwrap_or_default(), row.new.get(1..).unwrap_or_default())
        else {
            return Err(unreadable());
        };
        self.not_updated(updated, was_updated)?;
        let kind = &self.target.view;
        if data != was_data {
            let data =
                object("data", data)?.ok_or_else(|| fault("column data: expected an object"))?;
            self.tx.put(id, kind, data)?;
        }
        let present = self.tx.get(id)?.map(|(_, data)| data).unwrap_or_default();
        let typed = self.tx.typed(Some(kind));
        let mut patch = Vec::new();
        for ((field, old), new) in fields.iter().zip(old).zip(new) {
            if old == new {
                continue;
            }
            let column = &field.column;
            let path = Path::field(&field.key)?;
            let declared = declared(typed.as_deref(), field);
            let value = field_value(column, new, declared, present.get(field.shown()))?;
            if matches!(value, Some(Value::Object(_))) {
                // A patch merges objects; a column is replaced whole.
                patch.push((path.clone(), None));
            }
            patch.push((path, value));
        }
        if patch.is_empty() { Ok(()) } else { self.tx.patch(id, patch) }
    }

    /// Changes type and data as a whole.
    fn update_whole(&mut self, id: &str, row: &CapturedRow) -> Result<(), Error> {
        let ([_, was_kind, was_data, was_updated], [_, kind, data, updated]) =
            (row.old.as_slice(), row.new.as_slice())
        else {
            return Err(unreadable());
        };
        self.not_updated(updated, was_updated)?;
        if (kind, data) == (was_kind, was_data) {
            return Ok(());
        }
        let data = match data == was_data {
            true => self.tx.get(id)?.map(|(_, data)| data).unwrap_or_default(),
            false => {
                object("data", data)?.ok_or_else(|| fault("column data: expected an object"))?
            }
        };
        self.tx.put(id, &required("type", Some(kind))?, data)
    }

    fn insert_edge(&mut self, row: &CapturedRow) -> Result<Option<Key>, Error> {
        let edge = edge(&row.new)?;
        let key = edge_key(&edge);
        if self.tx.draft(Place::Edge(edge.clone()))?.exists() {
            match self.shape.conflict {
                Conflict::Replace => {}
                Conflict::Ignore => return Ok(None),
                _ => {
                    let EdgeRef { source, label, target, .. } = edge;
                    let what = format!("an edge {label:?} from {source:?} to {target:?}");
                    return Err(Error::Taken { what });
                }
            }
        }
        let data = row.new.get(4).map_or(Ok(None), |data| object("data", data))?;
        self.tx.link_as(edge, data.unwrap_or_default())?;
        Ok(Some(key))
    }

    fn update_edge(&mut self, row: &CapturedRow) -> Result<Option<Key>, Error> {
        let key = self.key(&row.old);
        if key != self.key(&row.new) {
            return Err(fault(
                "an edge is its source, label, target and key: delete it and insert another",
            ));
        }
        let (was, data) = (row.old.get(4), row.new.get(4));
        if was != data {
            let data = data.map_or(Ok(None), |data| object("data", data))?;
            self.tx.link_as(edge(&row.old)?, data.unwrap_or_default())?;
        }
        Ok(Some(key))
    }

    /// An id that nobody else draws: the stamp of a transaction is unique, and so is a number in it.
    fn new_id(&mut self) -> String {
        self.tx.ids += 1;
        let stamp = self.tx.stamp;
        let mut id = format!("{:012x}", stamp.hlc.ms());
        let unique =
            seal(&[&stamp.hlc.0.to_le_bytes(), &stamp.actor.0, &self.tx.ids.to_le_bytes()]);
        for byte in unique {
            let _ = write!(id, "{byte:02x}");
        }
        id
    }

    /// Whether an INSERT names a column; without a list it names all.
    fn is_given(&self, column: &str) -> bool {
        let named =
            |names: &Vec<String>| names.iter().any(|name| name.eq_ignore_ascii_case(column));
        self.shape.columns.as_ref().is_none_or(named)
    }

    fn not_updated(&self, updated: &SqlValue, was: &SqlValue) -> Result<(), Error> {
        match updated == was {
            true => Ok(()),
            false => Err(fault("column updated: the time of a write is the database's to set")),
        }
    }
}

/// How the type declares the field of a column.
fn declared<'a>(
    typed: Option<&'a Typed>,
    field: &FieldColumn,
) -> Option<&'a crate::types::FieldDef> {
    typed?.def.fields.get(field.shown())
}

/// The edge in a row of the view. A key that is NULL is empty.
fn edge(row: &[SqlValue]) -> Result<EdgeRef, Error> {
    Ok(EdgeRef {
        source: required("source", row.first())?,
        label: required("label", row.get(1))?,
        target: required("target", row.get(2))?,
        key: row.get(3).map_or(Ok(None), |key| name("key", key))?.unwrap_or_default(),
    })
}

fn edge_key(edge: &EdgeRef) -> Key {
    let key = [&edge.source, &edge.label, &edge.target, &edge.key];
    key.map(|text| SqlValue::Text(text.clone())).to_vec()
}

fn required(column: &str, value: Option<&SqlValue>) -> Result<String, Error> {
    let found = value.map_or(Ok(None), |value| name(column, value))?;
    found.ok_or_else(|| fault(format!("column {column}: expected a text, found NULL")))
}

fn fault(message: impl Into<String>) -> Error {
    Error::Sql { message: message.into(), offset: None }
}

/// A row that does not have the columns of its view: the view was changed by another program.
fn unreadable() -> Error {
    fault("the view does not have the columns that this database gives it; repair the database")
}
