//! A view for each type: its top-level fields as columns, readable by any SQLite tool.

use crate::engine::error::Error;
use crate::engine::typing::typed::Typed;
use rusqlite::Connection;
use std::collections::HashSet;
use std::fmt::Write;

/// Most field columns of one view; SQLite's own limit is 2,000. Further fields stay readable in
/// `data`, and `Database::status` names the type.
const MAX_FIELDS: i64 = 1_000;

/// Whether a type of this name gets no view, because the name is taken.
fn is_reserved(kind: &str) -> bool {
    let name = kind.to_ascii_lowercase();
    name.starts_with("sqlite_") || name.starts_with("pdb_") || name == "nodes" || name == "edges"
}

/// Drops and creates the view of a type. Gives false where the type can have none: its name is
/// reserved, or differs only in letter case from the view of another type.
///
/// A field that is declared has its column before any node has it, and a column for each name that it
/// had before, which shows the same.
pub(in crate::engine) fn rebuild_view(
    conn: &Connection,
    kind: &str,
    typed: Option<&Typed>,
) -> Result<bool, Error> {
    if is_reserved(kind) || taken_by_other(conn, kind)? {
        return Ok(false);
    }
    let view = view_sql(conn, kind, typed)?;
    conn.execute_batch(&format!("DROP VIEW IF EXISTS {}; {view};", identifier(kind)))?;
    Ok(true)
}

/// The statement that creates the view of a type, as SQLite keeps it.
fn view_sql(conn: &Connection, kind: &str, typed: Option<&Typed>) -> Result<String, Error> {
    let columns = columns(&view_columns(conn, kind, typed)?, typed);
    let data = object(typed);
    // Without a word about it SQLite takes a type for rarer than most ranges of a field's values, and
    // leaves the field's index aside.
    Ok(format!(
        "CREATE VIEW {} AS SELECT id{columns}, updated, {data} AS data \
         FROM pdb_node WHERE alive AND likelihood(type = {}, 0.4)",
        identifier(kind),
        literal(kind)
    ))
}

/// Whether the view of a type is there as it should be, for a type that can have one.
pub(in crate::engine) fn has_view(
    conn: &Connection,
    kind: &str,
    typed: Option<&Typed>,
) -> Result<bool, Error> {
    if is_reserved(kind) || taken_by_other(conn, kind)? {
        return Ok(true);
    }
    let view = view_sql(conn, kind, typed)?;
    let mut statement = conn.prepare_cached(
        "SELECT 1 FROM sqlite_schema WHERE type = 'view' AND name = ?1 AND sql = ?2",
    )?;
    Ok(statement.exists((kind, view))?)
}

/// What the nodes of a type are read from: its view, or for a type that has none those nodes of `nodes`.
pub(in crate::engine) fn readable_as(conn: &Connection, kind: &str) -> Result<String, Error> {
    let view = "SELECT 1 FROM sqlite_schema WHERE type = 'view' AND name = ?1";
    if !is_reserved(kind) && conn.prepare_cached(view)?.exists([kind])? {
        return Ok(identifier(kind));
    }
    Ok(format!("(SELECT id, data, updated FROM nodes WHERE type = {})", literal(kind)))
}

/// A column of a type's view that shows a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::engine) struct FieldColumn {
    pub(in crate::engine) column: String,
    /// The field as a write names it: a former name stays one.
    pub(in crate::engine) key: String,
    /// The field that it shows.
    field: String,
}

impl FieldColumn {
    /// The field that it shows, under its present name.
    pub(in crate::engine) fn shown(&self) -> &str {
        &self.field
    }
}

/// The columns of a type's view between `id` and `updated`.
pub(in crate::engine) fn view_columns(
    conn: &Connection,
    kind: &str,
    typed: Option<&Typed>,
) -> Result<Vec<FieldColumn>, Error> {
    let seen: Vec<String> = conn
        .prepare_cached("SELECT field FROM pdb_type_field WHERE type = ?1 ORDER BY field LIMIT ?2")?
        .query_map((kind, MAX_FIELDS), |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    // Column names are equal for SQLite when only their case differs.
    let mut taken: HashSet<String> = ["id", "updated", "data"].map(String::from).into();
    let named = fields(seen, typed).into_iter().map(|(key, field)| {
        let mut column = key.clone();
        while column.is_empty() || !taken.insert(column.to_ascii_lowercase()) {
            column = format!("data.{column}");
        }
        FieldColumn { column, key, field }
    });
    Ok(named.collect())
}

/// Types whose nodes can be read through `nodes` only.
pub(in crate::engine) fn types_without_view(conn: &Connection) -> Result<Vec<String>, Error> {
    let mut without = Vec::new();
    let mut statement = conn.prepare_cached(
        "SELECT t.type, EXISTS (SELECT 1 FROM sqlite_schema AS s WHERE s.name = t.type)
         FROM pdb_type AS t ORDER BY t.type",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (kind, exists): (String, bool) = (row.get(0)?, row.get(1)?);
        if !exists || is_reserved(&kind) {
            without.push(kind);
        }
    }
    Ok(without)
}

fn taken_by_other(conn: &Connection, kind: &str) -> Result<bool, Error> {
    let mut statement = conn.prepare_cached(
        "SELECT name FROM sqlite_schema WHERE name = ?1 COLLATE NOCASE AND name <> ?1",
    )?;
    Ok(statement.exists([kind])?)
}

/// The columns of a type, each with the field that it shows, declared fields first.
fn fields(seen: Vec<String>, typed: Option<&Typed>) -> Vec<(String, String)> {
    let declared = typed.iter().flat_map(|typed| typed.def.fields.keys());
    let former = typed.iter().flat_map(|typed| typed.renamed()).flat_map(|(name, field)| {
        field.renamed_from.iter().map(|former| (former.clone(), name.clone()))
    });
    let mut fields: Vec<(String, String)> =
        declared.map(|name| (name.clone(), name.clone())).chain(former).collect();
    let known: HashSet<String> = fields.iter().map(|(column, _)| column.clone()).collect();
    let rest = seen.into_iter().filter(|field| !known.contains(field));
    fields.extend(rest.map(|field| (field.clone(), field)));
    fields.sort();
    fields.truncate(MAX_FIELDS as usize);
    fields
}

fn columns(fields: &[FieldColumn], typed: Option<&Typed>) -> String {
    let mut sql = String::new();
    for FieldColumn { column, field, .. } in fields {
        let _ = write!(sql, ", {} AS {}", extract(object(typed), field), identifier(column));
    }
    sql
}

/// The value of a field of a defined type as SQL. An index of it is used where this very text is.
pub(in crate::engine) fn field_value(typed: &Typed, field: &str) -> String {
    extract(object(Some(typed)), field)
}

/// The JSON that readers see.
fn object(typed: Option<&Typed>) -> &'static str {
    if typed.is_some_and(Typed::migrates) { "coalesce(shown, data)" } else { "data" }
}

fn extract(object: &str, field: &str) -> String {
    // A JSON path cannot spell a quotation mark or a backslash in every version of SQLite.
    if field.contains(['"', '\\']) {
        let key = literal(field);
        return format!("(SELECT value FROM json_each({object}) WHERE key = {key})");
    }
    format!("json_extract({object}, {})", literal(&format!("$.\"{field}\"")))
}

pub(in crate::engine) fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

pub(in crate::engine) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
