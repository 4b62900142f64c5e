//! Keeps the full-text projection in step with the nodes of one SQLite transaction.
//!
//! Changes wait until the end of the transaction, or longer in memory (`held_texts.rs`), and are then
//! written by rising row number: FTS5 flushes its memory each time a number is not higher than the one
//! before, which made an import of nodes and edges in mixed order four times slower.
//!
//! Where a node's text goes is asked of the tables as they are, not of the definitions: those of the
//! same transaction count from its end, when the tables follow them.

use crate::crdt::{Leaves, object_of};
use crate::engine::commit::held_texts::HeldTexts;
use crate::engine::commit::stored;
use crate::engine::error::Error;
use crate::engine::query::words::{indexed, indexed_all};
use crate::engine::storage::schema::{TextLayout, TextTable, TextTables};
use crate::engine::typing::typed::{Typed, Types};
use crate::model::Map;
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The texts of a node, one for each column of its tables, in their order.
pub(in crate::engine) fn texts_of(tables: &[TextTable], seen: &Map) -> Vec<String> {
    let mut texts = Vec::with_capacity(1);
    for table in tables {
        if table.fields.is_empty() {
            texts.push(indexed_all(table.cut, seen.values()));
        }
        let fields = table.fields.iter();
        texts.extend(fields.map(|field| indexed(table.cut, seen.get(field))));
    }
    texts
}

/// The same of a node that shows what it stores, spared the object where the tables need no fields.
pub(in crate::engine) fn texts_of_leaves(tables: &[TextTable], leaves: &Leaves<'_>) -> Vec<String> {
    match tables {
        [table] if table.fields.is_empty() => {
            vec![indexed_all(table.cut, leaves.iter().map(|(_, value)| value))]
        }
        _ => texts_of(tables, &object_of(leaves.clone())),
    }
}

/// Gives the texts of every node, or of those of a type, as their readers see them, by rising number. A
/// row that cannot be read is left out: its readers are told of it.
pub(in crate::engine) fn each_text(
    conn: &Connection,
    layout: &TextLayout,
    kind: Option<&str>,
    mut take: impl FnMut(i64, &TextTables, Vec<String>) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut statement = conn.prepare(
        "SELECT nid, id, state, data, type, shown, shown_seal FROM pdb_node
         WHERE alive AND (?1 IS NULL OR +type = ?1) ORDER BY nid",
    )?;
    let mut rows = statement.query([kind])?;
    while let Some(row) = rows.next()? {
        let id: String = row.get(1)?;
        let kind = row.get_ref(4)?.as_str_or_null().map_err(rusqlite::Error::from)?;
        let tables = layout.of(kind);
        if let Ok(object) = stored::read_shown(&id, row, 2) {
            take(row.get(0)?, tables, texts_of(tables, &object))?;
        }
    }
    Ok(())
}

/// Text of one transaction that waits at most, in bytes.
const MAX_BYTES: usize = 8 * 1024 * 1024;

/// Index entries that wait to be written.
#[derive(Debug, Default)]
pub(in crate::engine) struct TextIndex {
    entries: BTreeMap<i64, Entry>,
    bytes: usize,
    /// Bytes of texts that were written.
    written: usize,
}

#[derive(Debug)]
struct Entry {
    /// The tables that still hold an older text of the node.
    old: Option<TextTables>,
    new: Option<(TextTables, Vec<String>)>,
}

impl Entry {
    /// Bytes of the texts that wait.
    fn bytes(&self) -> usize {
        self.new.iter().flat_map(|(_, texts)| texts).map(String::len).sum()
    }
}

impl TextIndex {
    /// Notes what a node's texts are now, and in which tables; `old` says which know older ones, once
    /// they have what is held back.
    pub(in crate::engine) fn set(
        &mut self,
        conn: &Connection,
        held: &HeldTexts,
        nid: i64,
        old: Option<TextTables>,
        new: Option<(TextTables, Vec<String>)>,
    ) -> Result<(), Error> {
        self.note(nid, old, new);
        if self.bytes > MAX_BYTES {
            held.write(conn)?;
            self.write(conn)?;
        }
        Ok(())
    }

    fn note(&mut self, nid: i64, old: Option<TextTables>, new: Option<(TextTables, Vec<String>)>) {
        let entry = self.entries.entry(nid).or_insert(Entry { old, new: None });
        self.bytes -= entry.bytes();
        entry.new = new;
        self.bytes += entry.bytes();
    }

    /// Adds what was noted later.
    pub(super) fn append(&mut self, later: Self) {
        for (nid, Entry { old, new }) in later.entries {
            self.note(nid, old, new);
        }
    }

    /// How many nodes wait.
    pub(super) fn nodes(&self) -> usize {
        self.entries.len()
    }

    /// How many nodes and bytes of texts would wait with what was noted later.
    pub(super) fn with(&self, later: &Self) -> (usize, usize) {
        let replaced = later.entries.keys().filter_map(|nid| self.entries.get(nid));
        let (nodes, bytes) =
            replaced.fold((0, 0), |(nodes, bytes), entry| (nodes + 1, bytes + entry.bytes()));
        (self.nodes() + later.nodes() - nodes, self.bytes + later.bytes - bytes)
    }

    /// Writes what waits.
    pub(in crate::engine) fn write(&mut self, conn: &Connection) -> Result<(), Error> {
        let waited = std::mem::take(self);
        self.written = waited.written + waited.bytes;
        waited.write_all(conn)
    }

    /// How many bytes of texts were written.
    pub(super) const fn written(&self) -> usize {
        self.written
    }

    /// Writes what waits, which waits on.
    pub(super) fn write_all(&self, conn: &Connection) -> Result<(), Error> {
        for (nid, Entry { old, new }) in &self.entries {
            for table in old.iter().flat_map(|tables| tables.iter()) {
                conn.prepare_cached(&table.delete)?.execute([nid])?;
            }
            let Some((tables, texts)) = new else { continue };
            let mut texts = texts.iter();
            for table in tables.iter() {
                insert(conn, table, *nid, &mut texts)?;
            }
        }
        Ok(())
    }
}

/// Writes as many texts as the table has columns. A node without any is not in it.
fn insert<'t>(
    conn: &Connection,
    table: &TextTable,
    nid: i64,
    texts: &mut impl Iterator<Item = &'t String>,
) -> Result<(), Error> {
    let mut statement = conn.prepare_cached(&table.insert)?;
    statement.raw_bind_parameter(1, nid)?;
    for at in 0..table.columns() {
        statement.raw_bind_parameter(at + 2, texts.next())?;
    }
    statement.raw_execute()?;
    Ok(())
}

/// Writes the texts of a node into tables made on the side.
pub(in crate::engine) fn insert_aside(
    conn: &Connection,
    tables: &[TextTable],
    nid: i64,
    texts: &[String],
) -> Result<(), Error> {
    let mut texts = texts.iter();
    tables.iter().try_for_each(|table| insert(conn, table, nid, &mut texts))
}

/// Makes every table anew, as the definitions want them, from the nodes.
pub(in crate::engine) fn rebuild(
    conn: &Connection,
    layout: &mut TextLayout,
    types: &Types,
) -> Result<(), Error> {
    for table in Arc::clone(layout.shared()).iter() {
        conn.execute_batch(&format!("DROP TABLE IF EXISTS {}", table.name))?;
        table.create(conn, "main")?;
    }
    let own: Vec<String> = layout.own().into_iter().map(|(kind, _)| kind.clone()).collect();
    for kind in own.iter().chain(types.keys()) {
        layout.define(conn, kind, types.get(kind).map(AsRef::as_ref))?;
    }
    let (mut index, none) = (TextIndex::default(), HeldTexts::default());
    each_text(conn, layout, None, |nid, tables, texts| {
        index.set(conn, &none, nid, None, Some((Arc::clone(tables), texts)))
    })?;
    index.write(conn)
}

/// Makes the tables of a type as its definition wants them, and takes its nodes out of those that it
/// shared, or out of its own. Its nodes are in no table then: they are to be indexed anew.
pub(in crate::engine) fn redefine(
    conn: &Connection,
    layout: &mut TextLayout,
    kind: &str,
    typed: Option<&Typed>,
) -> Result<(), Error> {
    if !layout.has_own(kind) {
        for table in Arc::clone(layout.shared()).iter() {
            conn.execute(
                &format!(
                    "DELETE FROM {} WHERE rowid IN
                       (SELECT nid FROM pdb_node WHERE alive AND type = ?1)",
                    table.name
                ),
                [kind],
            )?;
        }
    }
    layout.define(conn, kind, typed)
}
