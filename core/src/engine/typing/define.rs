//! Types in the database: defining them, and letting rows, views and indexes follow a definition.

use crate::crdt::Entity;
use crate::engine::commit::cache::Cache;
use crate::engine::commit::held_texts::HeldTexts;
use crate::engine::commit::rows::{self, NodeRow};
use crate::engine::commit::statements::Statements;
use crate::engine::commit::stored::{self, Place};
use crate::engine::commit::text_index::{TextIndex, redefine, texts_of};
use crate::engine::commit::transaction::Transaction;
use crate::engine::database::Database;
use crate::engine::error::Error;
use crate::engine::storage::rising::rising;
use crate::engine::storage::schema::{self, TextLayout};
use crate::engine::typing::typed::{Typed, Types};
use crate::engine::typing::violations;
use crate::engine::vectors::projection as vectors;
use crate::model::{Map, NameKind, check_name};
use crate::types::{DefinitionError, Fault, TYPE_OF_TYPES, TypeDef};
use rusqlite::Connection;
use std::collections::BTreeSet;
use std::sync::Arc;

impl Database {
    /// Defines a type, or changes its definition to be exactly this, unless a later version of it is
    /// there. Concurrent definitions of different fields merge.
    ///
    /// Programs of several versions that each define their types at start would replace each
    /// other's definitions for ever. So give each state of a definition a number of its own, by
    /// [`TypeDef::version`]: a lower one leaves a higher one as it is.
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
    pub fn define_type(&mut self, def: &TypeDef) -> Result<Defined, Error> {
        self.transaction(|tx| tx.define_type(def))
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

/// What became of a definition that was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Defined {
    /// It counts now.
    Written,
    /// It was there already; nothing was written.
    Same,
    /// A later version was there and stays; nothing was written.
    Kept {
        /// That version.
        version: u64,
    },
}

impl Transaction<'_, '_> {
    /// Defines a type; see [`Database::define_type`].
    pub fn define_type(&mut self, def: &TypeDef) -> Result<Defined, Error> {
        def.check()?;
        let (id, data) = (TypeDef::node_id(&def.name), def.to_data());
        if let Some((kind, found)) = self.get(&id)?
            && kind == TYPE_OF_TYPES
        {
            if found == data {
                return Ok(Defined::Same);
            }
            let (there, _) = TypeDef::read(&def.name, found);
            if there.version > def.version {
                return Ok(Defined::Kept { version: there.version });
            }
        }
        self.put(&id, TYPE_OF_TYPES, data)?;
        Ok(Defined::Written)
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
    held: &HeldTexts,
    changed: &BTreeSet<String>,
    mut text_index: Option<&mut TextIndex>,
) -> Result<(), Error> {
    for name in changed {
        let types = Arc::clone(&cache.types);
        let typed = types.get(name).map(AsRef::as_ref);
        if typed.is_some() {
            conn.prepare_cached("INSERT OR IGNORE INTO pdb_type VALUES (?1)")?.execute([name])?;
            cache.learn_type(name);
        }
        // An index of the old definition would only slow the rewriting down.
        schema::drop_old_indexes(conn, name, typed)?;
        let mut index = None;
        if let Some(text_index) = text_index.as_deref_mut() {
            let all = !cache.text.fits(name, typed);
            if all {
                redefine(conn, &mut cache.text, name, typed)?;
            } else if !cache.text.weighs(name, typed) {
                cache.text.weigh(conn, name, typed)?;
            }
            index = Some(Reindex { index: text_index, held, layout: &cache.text, all });
        }
        read_anew(conn, &types, Some(name), index)?;
        list_faults(conn, &types, name)?;
        schema::create_indexes(conn, typed)?;
    }
    Ok(())
}

/// Lists what of a definition has no effect.
fn list_faults(conn: &Connection, types: &Types, name: &str) -> Result<(), Error> {
    let id = TypeDef::node_id(name);
    let NodeRow { nid, entity, .. } = NodeRow::load(&mut Statements::new(conn), &id)?;
    let Some(nid) = nid else {
        return Ok(());
    };
    let object = entity.exists().then(|| entity.object());
    violations::set(conn, nid, violations::of_node(types, &id, &entity, object.as_ref()))
}

/// How the text index follows what nodes show.
#[derive(Debug)]
pub(in crate::engine) struct Reindex<'a> {
    /// Has nothing that waits.
    index: &'a mut TextIndex,
    /// What is held back, which was written.
    held: &'a HeldTexts,
    layout: &'a TextLayout,
    /// Whether no node is in it yet, rather than each as it was shown before.
    all: bool,
}

/// Most nodes read at once.
const BATCH: usize = 500;

/// Derives anew what all nodes of a type show, or of all types, and what of them breaks their type. A
/// text index follows where one is given.
pub(in crate::engine) fn read_anew(
    conn: &Connection,
    types: &Types,
    kind: Option<&str>,
    mut text_index: Option<Reindex<'_>>,
) -> Result<(), Error> {
    let mut after = -1;
    loop {
        let mut batch = Vec::new();
        let mut statement = conn.prepare_cached(
            "SELECT nid, id, shown IS NOT NULL, state, docs, data, type FROM pdb_node
             WHERE alive AND (?1 IS NULL OR +type = ?1) AND nid > ?2 ORDER BY nid LIMIT ?3",
        )?;
        let mut found = statement.query((kind, after, BATCH as i64))?;
        while let Some(row) = found.next()? {
            let (nid, id): (i64, String) = (row.get(0)?, row.get(1)?);
            rising("the table of nodes", &after, &nid)?;
            after = nid;
            let had: bool = row.get(2)?;
            // A damaged row is told by whoever reads it, so it must not show what it did before.
            let entity = stored::read(&Place::Node(&id), row, 3).ok();
            batch.push((nid, had, entity, id));
        }
        for (nid, had, entity, id) in &batch {
            let object = entity.as_ref().map(Entity::object);
            let read = entity.as_ref().zip(object.as_ref());
            let shown = read.and_then(|(entity, object)| {
                let typed = types.get(entity.kind()?).map(AsRef::as_ref);
                rows::shown(typed, entity, object)
            });
            if *had || shown.is_some() {
                rows::write_shown(conn, *nid, id, shown.as_ref())?;
            }
            let seen = shown.as_ref().or(object.as_ref());
            let found = entity.as_ref().map(|entity| violations::of_node(types, id, entity, seen));
            violations::set(conn, *nid, found.unwrap_or_default())?;
            let typed = entity.as_ref().and_then(|entity| types.get(entity.kind()?));
            vectors::set(conn, *nid, typed.map(AsRef::as_ref), seen)?;
            if let Some(Reindex { index, held, layout, all }) = &mut text_index
                && (*all || *had || shown.is_some())
            {
                let tables = layout.of(kind);
                let old = (!*all).then(|| Arc::clone(tables));
                let texts = seen.map(|seen| (Arc::clone(tables), texts_of(tables, seen)));
                index.set(conn, held, *nid, old, texts)?;
            }
        }
        if batch.len() < BATCH {
            return Ok(());
        }
    }
}
