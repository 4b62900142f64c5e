//! What the engine keeps at hand of its own tables, to be loaded anew when another process wrote.

use crate::engine::commit::stored::{self, Place};
use crate::engine::error::Error;
use crate::engine::storage::open::is_in_memory;
use crate::engine::storage::schema::TextLayout;
use crate::engine::typing::define::name_in;
use crate::engine::typing::typed::{Typed, Types};
use crate::model::{ActorId, Clock, Frontier, Head, Hlc, RecordHash};
use hashbrown::{HashMap, HashSet};
use rusqlite::{Connection, OptionalExtension};
use std::sync::Arc;

/// An actor's log as the tables have it.
#[derive(Debug, Clone, Copy)]
pub(in crate::engine) struct ActorRow {
    pub(in crate::engine) num: i64,
    pub(in crate::engine) head: Head,
    /// The stamp of the last record, once one was written or taken in.
    pub(in crate::engine) last: Option<Hlc>,
}

/// What waits, in numbers.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::engine) struct Room {
    pub(in crate::engine) records: u64,
    pub(in crate::engine) bytes: u64,
}

/// Heads of the logs, the clock, the fields seen.
#[derive(Debug, Default)]
pub(in crate::engine) struct Cache {
    pub(in crate::engine) actors: HashMap<ActorId, ActorRow>,
    pub(in crate::engine) clock: Clock,
    /// Records older than this may have been forgotten.
    pub(in crate::engine) horizon: Option<Hlc>,
    /// Of the last record that was ever in the log, or the one passed over since.
    pub(in crate::engine) position: i64,
    /// Of the records that wait; counted when the first one is asked for.
    pub(in crate::engine) room: Option<Room>,
    fields: HashMap<String, HashSet<String>>,
    /// The definitions of types.
    pub(in crate::engine) types: Arc<Types>,
    /// The tables of the text index.
    pub(in crate::engine) text: TextLayout,
    /// SQLite's number of commits of others; `None` in memory, where there are no others.
    data_version: Option<i64>,
}

/// What is known of types and their fields.
#[derive(Debug)]
pub(super) struct Known {
    fields: HashMap<String, HashSet<String>>,
    types: Arc<Types>,
    text: TextLayout,
}

impl Cache {
    /// Reads everything. The clock goes on after every stamp that counts here, so that a write is
    /// later than all it could have seen, wherever the wall clock is.
    pub(in crate::engine) fn load(conn: &Connection) -> Result<Self, Error> {
        let mut cache = Self { data_version: data_version(conn)?, ..Self::default() };
        let mut statement =
            conn.prepare_cached("SELECT num, actor, seq, hash, hlc FROM pdb_actor")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let actor = ActorId(row.get(1)?);
            let head = Head { seq: row.get::<_, i64>(2)? as u64, hash: RecordHash(row.get(3)?) };
            cache.clock.observe(Hlc(row.get::<_, i64>(4)? as u64));
            cache.actors.insert(actor, ActorRow { num: row.get(0)?, head, last: None });
        }

        let horizon: Option<i64> = conn
            .prepare_cached("SELECT value FROM pdb_meta WHERE key = 'horizon'")?
            .query_row([], |row| row.get(0))
            .optional()?;
        cache.horizon = horizon.map(|hlc| Hlc(hlc as u64));

        cache.position = conn
            .prepare_cached(
                "SELECT max(coalesce((SELECT max(pos) FROM pdb_record), 0),
                            coalesce((SELECT value FROM pdb_meta WHERE key = 'position'), 0))",
            )?
            .query_row([], |row| row.get(0))?;

        let mut statement = conn.prepare_cached("SELECT type FROM pdb_type")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            cache.fields.insert(row.get(0)?, HashSet::new());
        }
        let mut statement = conn.prepare_cached("SELECT type, field FROM pdb_type_field")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            cache.fields.entry(row.get(0)?).or_default().insert(row.get(1)?);
        }
        cache.types = Arc::new(definitions(conn)?);
        cache.text = TextLayout::load(conn)?;
        Ok(cache)
    }

    /// Lets a definition count, or none.
    pub(in crate::engine) fn define(&mut self, name: &str, typed: Option<Typed>) {
        let types = Arc::make_mut(&mut self.types);
        match typed {
            Some(typed) => types.insert(name.to_owned(), Arc::new(typed)),
            None => types.remove(name),
        };
    }

    /// Whether another connection has committed since the cache was loaded.
    pub(in crate::engine) fn is_stale(&self, conn: &Connection) -> Result<bool, Error> {
        Ok(self.data_version.is_some() && data_version(conn)? != self.data_version)
    }

    /// What is known of types, their fields and their texts, to be restored.
    pub(super) fn known(&self) -> Known {
        Known {
            fields: self.fields.clone(),
            types: Arc::clone(&self.types),
            text: self.text.clone(),
        }
    }

    /// Knows of types, fields and texts what was known before.
    pub(super) fn restore(&mut self, known: Known) {
        (self.fields, self.types, self.text) = (known.fields, known.types, known.text);
    }

    /// The end of an actor's log.
    pub(in crate::engine) fn head(&self, actor: &ActorId) -> Head {
        self.actors.get(actor).map(|row| row.head).unwrap_or_default()
    }

    pub(in crate::engine) fn frontier(&self) -> Frontier {
        self.actors.iter().map(|(actor, row)| (*actor, row.head.seq)).collect()
    }

    pub(in crate::engine) fn knows_type(&self, kind: &str) -> bool {
        self.fields.contains_key(kind)
    }

    /// Those of some fields that no node of a type was seen to have.
    pub(in crate::engine) fn new_fields<'f>(
        &self,
        kind: &str,
        fields: impl Iterator<Item = &'f str>,
    ) -> Vec<&'f str> {
        let known = self.fields.get(kind);
        fields.filter(|field| !known.is_some_and(|known| known.contains(*field))).collect()
    }

    pub(in crate::engine) fn learn_type(&mut self, kind: &str) {
        self.fields.entry(kind.to_owned()).or_default();
    }

    pub(in crate::engine) fn learn_field(&mut self, kind: &str, field: &str) {
        self.fields.entry(kind.to_owned()).or_default().insert(field.to_owned());
    }
}

pub(in crate::engine) fn definitions(conn: &Connection) -> Result<Types, Error> {
    let mut types = Types::new();
    let mut statement = conn.prepare_cached(
        "SELECT id, state, data, type FROM pdb_node WHERE alive AND type = '$type'",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let id: String = row.get(0)?;
        let Some(name) = name_in(&id) else {
            continue;
        };
        // A damaged definition does not keep the database from being opened and repaired: reads of
        // its node tell of it.
        if let Ok(data) = stored::read_object(&Place::Node(&id), row, 1) {
            types.insert(name.to_owned(), Arc::new(Typed::read(name, data)));
        }
    }
    Ok(types)
}

fn data_version(conn: &Connection) -> Result<Option<i64>, Error> {
    if is_in_memory(conn) {
        return Ok(None);
    }
    Ok(Some(conn.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0))?))
}
