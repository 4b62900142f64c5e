//! Types in the database: defining them, and letting rows, views and indexes follow a definition.

use crate::crdt::Entity;
use crate::engine::commit::cache::Cache;
use crate::engine::commit::rows;
use crate::engine::commit::stored::{self, Place};
use crate::engine::database::Database;
use crate::engine::embedding::projection as embedding;
use crate::engine::error::Error;
use crate::engine::storage::schema;
use crate::engine::typing::typed::Typed;
use crate::engine::typing::violations;
use crate::model::{Map, NameKind, check_name};
use crate::types::{DefinitionError, Fault, TYPE_OF_TYPES, TypeDef};
use rusqlite::{Connection, OptionalExtension};
use std::collections::BTreeSet;

impl Database {
    /// Defines a type, or changes its definition to be exactly this. Concurrent definitions of
    /// different fields merge.
    ///
    /// Writes made here are refused from now on where they break the type. What comes from other
    /// replicas never is: see [`Database::violations`].
    ///
    /// ```
    /// use pluresdb::types::{FieldDef, TypeDef, ValueType};
    /// use pluresdb::{Database, object};
    ///
    /// let mut db = Database::memory()?;
    /// let title = FieldDef::of(ValueType::String).required();
    /// db.define_type(&TypeDef::new("Note").with("title", title))?;
    /// let error = db.put("n1", "Note", object([("title", 7.into())])).unwrap_err();
    /// assert_eq!(error.code(), "invalid");
    /// # Ok::<(), pluresdb::Error>(())
    /// ```
    pub fn define_type(&mut self, def: &TypeDef) -> Result<(), Error> {
        def.check()?;
        self.put(&TypeDef::node_id(&def.name), TYPE_OF_TYPES, def.to_data())
    }

    /// The definition of a type, if it has one.
    pub fn type_def(&mut self, name: &str) -> Result<Option<TypeDef>, Error> {
        self.refresh()?;
        Ok(self.cache.types.get(name).map(|typed| typed.def.clone()))
    }

    /// All definitions, by name.
    pub fn types(&mut self) -> Result<Vec<TypeDef>, Error> {
        self.refresh()?;
        let mut defs: Vec<_> = self.cache.types.values().map(|typed| typed.def.clone()).collect();
        defs.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(defs)
    }
}

/// The definition that a node holds, if it is one that may be written.
pub(in crate::engine) fn parse(id: &str, data: Map) -> Result<Typed, Error> {
    let name = name_in(id).ok_or_else(|| DefinitionError {
        name: id.into(),
        faults: vec![Fault {
            place: "id".into(),
            message: format!(
                "a definition is the node {:?}, for a type whose name does not begin with \"$\"",
                TypeDef::node_id("Name")
            ),
        }],
    })?;
    let typed = Typed::read(name, data);
    if typed.faults.is_empty() {
        return Ok(typed);
    }
    let Typed { def, faults, .. } = typed;
    Err(DefinitionError { name: def.name, faults }.into())
}

/// The name of the type that a node of this id can define.
pub(in crate::engine) fn name_in(id: &str) -> Option<&str> {
    let name = TypeDef::name_in(id)?;
    (!name.starts_with('$') && check_name(NameKind::Type, name).is_ok()).then_some(name)
}

/// Lets everything derived from nodes of these types follow their definitions.
pub(in crate::engine) fn follow(
    conn: &Connection,
    cache: &mut Cache,
    changed: &BTreeSet<String>,
) -> Result<(), Error> {
    for name in changed {
        let typed = cache.types.get(name).cloned();
        let typed = typed.as_deref();
        if typed.is_some() {
            conn.prepare_cached("INSERT OR IGNORE INTO pdb_type VALUES (?1)")?.execute([name])?;
            cache.learn_type(name);
        }
        // An index of the old definition would only slow the rewriting down.
        schema::drop_old_indexes(conn, name, typed)?;
        read_anew(conn, name, typed)?;
        list_faults(conn, name, typed)?;
        schema::create_indexes(conn, typed)?;
    }
    Ok(())
}

/// Lists what of a definition has no effect.
fn list_faults(conn: &Connection, name: &str, typed: Option<&Typed>) -> Result<(), Error> {
    let nid = conn
        .prepare_cached("SELECT nid FROM pdb_node WHERE id = ?1")?
        .query_row([TypeDef::node_id(name)], |row| row.get(0))
        .optional()?;
    match nid {
        Some(nid) => {
            violations::set(conn, nid, typed.into_iter().flat_map(violations::of_definition))
        }
        None => Ok(()),
    }
}

/// Most nodes read at once.
const BATCH: usize = 500;

/// Derives anew what all nodes of a type show, and what of them breaks it.
fn read_anew(conn: &Connection, name: &str, typed: Option<&Typed>) -> Result<(), Error> {
    let mut after = -1;
    loop {
        let mut batch = Vec::new();
        let mut statement = conn.prepare_cached(
            "SELECT nid, id, shown IS NOT NULL, state, docs, data, type FROM pdb_node
             WHERE alive AND +type = ?1 AND nid > ?2 ORDER BY nid LIMIT ?3",
        )?;
        let mut found = statement.query((name, after, BATCH as i64))?;
        while let Some(row) = found.next()? {
            let (nid, id): (i64, String) = (row.get(0)?, row.get(1)?);
            let had: bool = row.get(2)?;
            // A damaged row is told by whoever reads it, so it must not show what it did before.
            let entity = stored::read(&Place::Node(&id), row, 3).ok();
            batch.push((nid, had, entity, id));
        }
        for (nid, had, entity, id) in &batch {
            let object = entity.as_ref().map(Entity::object);
            let read = entity.as_ref().zip(object.as_ref());
            let shown = read.and_then(|(entity, object)| rows::shown(typed, entity, object));
            if *had || shown.is_some() {
                rows::write_shown(conn, *nid, id, shown.as_ref())?;
            }
            let seen = shown.as_ref().or(object.as_ref());
            violations::set(conn, *nid, violations::of_node(typed, seen))?;
            embedding::set(conn, *nid, typed, seen)?;
        }
        match batch.last() {
            Some((nid, ..)) if batch.len() == BATCH => after = *nid,
            _ => return Ok(()),
        }
    }
}
