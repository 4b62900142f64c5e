//! Facets: how many of the nodes that a question finds have each value of a field.
//!
//! Each facet is counted among the nodes that meet everything but what was chosen of its own values,
//! so that it shows what else could be chosen.

use crate::engine::database::Database;
use crate::engine::error::Error;
use crate::engine::query::sql::SqlValue;
use crate::engine::query::statement::Statement;
use crate::engine::query::text::SearchOptions;
use crate::engine::query::tokens::tokens;
use crate::engine::storage::schema::readable_as;
use crate::model::{Path, Value};
use std::fmt::Write;

/// Most values of a facet where nothing is said.
const LIMIT: usize = 20;

/// Most nodes of a search that are counted.
const MOST: usize = 10_000_000;

/// Which nodes are counted, and by which fields.
#[derive(Debug, Clone, Copy)]
pub struct FacetQuestion<'a> {
    /// Only nodes of this type.
    pub kind: Option<&'a str>,
    /// Only nodes for which this SQL condition over the columns of the type, or of `nodes`, holds.
    pub filter: Option<&'a str>,
    /// Values of the condition's parameters in their order.
    pub params: &'a [SqlValue],
    /// Only nodes that a search for this text finds.
    pub search: Option<&'a str>,
    /// The fields to count by. Each element of an array or a set counts.
    pub fields: &'a [Path],
    /// Values that were chosen. Of each field that is named here a node must have one of the values.
    pub chosen: &'a [(Path, Vec<Value>)],
    /// Most values of each facet: those that the most nodes have.
    pub limit: usize,
}

impl Default for FacetQuestion<'_> {
    fn default() -> Self {
        Self {
            kind: None,
            filter: None,
            params: &[],
            search: None,
            fields: &[],
            chosen: &[],
            limit: LIMIT,
        }
    }
}

/// What was counted.
#[derive(Debug, Clone, PartialEq)]
pub struct Facets {
    /// How many nodes meet everything, what was chosen included.
    pub total: u64,
    /// One for each field, in their order.
    pub facets: Vec<Facet>,
}

/// The values of a field.
#[derive(Debug, Clone, PartialEq)]
pub struct Facet {
    /// The field.
    pub field: Path,
    /// Values with the number of nodes that have them, the most first; equally many by value. What is
    /// null, an object or not there is no value.
    pub values: Vec<(Value, u64)>,
    /// Whether there are further values.
    pub more: bool,
}

impl Database {
    /// Counts nodes by the values of fields.
    ///
    /// ```
    /// use pluresdb::{Database, FacetQuestion, Path, Value, object};
    ///
    /// let mut db = Database::memory()?;
    /// db.put("a", "Task", object([("owner", "ada".into()), ("done", true.into())]))?;
    /// db.put("b", "Task", object([("owner", "bob".into()), ("done", true.into())]))?;
    /// db.put("c", "Task", object([("owner", "ada".into()), ("done", false.into())]))?;
    /// let fields = [Path::field("owner")?, Path::field("done")?];
    /// let chosen = [(Path::field("owner")?, vec![Value::from("ada")])];
    /// let counted = db.facets(&FacetQuestion {
    ///     kind: Some("Task"),
    ///     fields: &fields,
    ///     chosen: &chosen,
    ///     ..FacetQuestion::default()
    /// })?;
    /// assert_eq!(counted.total, 2);
    /// assert_eq!(counted.facets[0].values, [("ada".into(), 2), ("bob".into(), 1)]);
    /// assert_eq!(counted.facets[1].values, [(false.into(), 1), (true.into(), 1)]);
    /// # Ok::<(), pluresdb::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Sql`] for a type that nothing is of and a condition that SQLite does not take,
    /// [`Error::NoTextIndex`] for a search where the database was created without one,
    /// [`Error::Option`] for a field that cannot be counted by.
    pub fn facets(&self, question: &FacetQuestion<'_>) -> Result<Facets, Error> {
        // All counts are of one state.
        let _snapshot = self.reader().snapshot()?;
        let matching = Matching::of(self, question)?;
        let total = matching.rows(self, None, "SELECT count(*), NULL FROM matching")?;
        let total = total.first().map_or(0, |(count, _)| count_of(count));
        let mut facets = Vec::with_capacity(question.fields.len());
        for field in question.fields {
            // One more than is given tells whether there are more. An element that an array has twice
            // counts once.
            let sql = format!(
                "SELECT count(DISTINCT m.id), CASE v.type
                     WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' WHEN 'array' THEN v.value
                     ELSE json_quote(v.value) END
                 FROM matching AS m, json_each(m.data, {path}) AS v
                 WHERE v.type NOT IN ('null', 'object') AND json_type(m.data, {path}) <> 'object'
                 GROUP BY v.type, v.value ORDER BY 1 DESC, v.value, v.type LIMIT {limit}",
                path = json_path(field)?,
                limit = question.limit.saturating_add(1).min(i64::MAX as usize),
            );
            let rows = matching.rows(self, Some(field), &sql)?;
            let more = rows.len() > question.limit;
            let values = rows.iter().take(question.limit);
            let values = values.filter_map(|(count, value)| Some((read(value)?, count_of(count))));
            facets.push(Facet { field: field.clone(), values: values.collect(), more });
        }
        Ok(Facets { total, facets })
    }
}

/// The nodes that a question means, as the beginning of a statement.
struct Matching<'a> {
    question: &'a FacetQuestion<'a>,
    /// Without what was chosen.
    sql: String,
    /// What was chosen, for each field a condition.
    chosen: Vec<(&'a Path, String)>,
    named: [(&'static str, SqlValue); 2],
}

impl<'a> Matching<'a> {
    fn of(db: &Database, question: &'a FacetQuestion<'a>) -> Result<Self, Error> {
        let view = match question.kind {
            Some(kind) => nodes_of(db, kind)?,
            None => "nodes".into(),
        };
        // What the caller wrote comes first, so that its parameters keep their numbers, and ends on a
        // line of its own: it may end in a comment.
        let filter = question.filter.unwrap_or("1");
        whole_condition(filter)?;
        let mut sql = format!("SELECT id, data FROM {view} WHERE ({filter}\n)");
        let mut found = SqlValue::Null;
        if let Some(typed) = question.search {
            let options =
                SearchOptions { kind: question.kind, limit: MOST, ..SearchOptions::default() };
            let hits = db.find(typed, &options)?.hits.into_iter();
            let ids: serde_json::Value = hits.map(|hit| hit.node.id).collect();
            found = SqlValue::Text(ids.to_string());
            sql.push_str(" AND id IN (SELECT value FROM json_each(:pdb_search))");
        }
        let mut chosen = Vec::new();
        let mut values = Vec::new();
        for (number, (field, chosen_values)) in question.chosen.iter().enumerate() {
            let condition = format!(
                " AND EXISTS (SELECT 1 FROM json_each(data, {path}) AS v,
                 json_each(:pdb_chosen, '$[{number}]') AS c WHERE v.value = c.value
                 AND (v.type IN ('true', 'false')) = (c.type IN ('true', 'false')))",
                path = json_path(field)?
            );
            chosen.push((field, condition));
            values.push(Value::Array(chosen_values.clone()));
        }
        let values = serde_json::to_string(&Value::Array(values)).unwrap_or_default();
        let named = [("pdb_search", found), ("pdb_chosen", SqlValue::Text(values))];
        Ok(Self { question, sql, chosen, named })
    }

    /// Runs a statement over `matching`, leaving out what was chosen of a field.
    fn rows(
        &self,
        db: &Database,
        without: Option<&Path>,
        then: &str,
    ) -> Result<Vec<(SqlValue, SqlValue)>, Error> {
        let mut sql = format!("WITH matching AS ({}", self.sql);
        for (field, condition) in &self.chosen {
            if Some(*field) != without {
                sql.push_str(condition);
            }
        }
        let _ = write!(sql, ") {then}");
        let uses = |name: &str| sql.contains(&format!(":{name}"));
        let named: Vec<(&str, SqlValue)> =
            self.named.iter().filter(|(name, _)| uses(name)).cloned().collect();
        let statement = Statement::new(&sql).with(self.question.params).named(&named);
        let found = db.read(&statement)?.rows.into_iter();
        Ok(found
            .filter_map(|row| {
                let mut row = row.into_iter();
                Some((row.next()?, row.next()?))
            })
            .collect())
    }
}

/// What the nodes of a type are read from.
fn nodes_of(db: &Database, kind: &str) -> Result<String, Error> {
    let known = "SELECT 1 FROM pdb_type WHERE type = ?1";
    if !db.conn.prepare_cached(known)?.exists([kind])? {
        return Err(Error::Sql { message: format!("there is no type {kind:?}"), offset: None });
    }
    readable_as(&db.conn, kind)
}

/// Refuses a condition that would end the brackets it is put into, since what follows them would not
/// hold for all of it.
fn whole_condition(filter: &str) -> Result<(), Error> {
    let mut depth = 0_usize;
    for token in tokens(filter) {
        if token.is_mark("(") {
            depth += 1;
        } else if token.is_mark(")") {
            depth = depth.checked_sub(1).ok_or_else(|| Error::Sql {
                message: "the condition closes a bracket that it has not opened".into(),
                offset: None,
            })?;
        }
    }
    Ok(())
}

fn count_of(value: &SqlValue) -> u64 {
    match value {
        SqlValue::Int(count) => u64::try_from(*count).unwrap_or_default(),
        _ => 0,
    }
}

/// A value that SQLite gave as JSON.
fn read(value: &SqlValue) -> Option<Value> {
    match value {
        SqlValue::Text(json) => serde_json::from_str(json).ok(),
        _ => None,
    }
}

/// A field as a path of SQLite's JSON functions, as SQL.
fn json_path(field: &Path) -> Result<String, Error> {
    let mut path = String::from("'$");
    for key in field.keys() {
        if key.contains(['"', '\\']) {
            let message = "a key with a quotation mark or a backslash cannot be counted by";
            return Err(Error::Option { option: field.to_string(), message: message.into() });
        }
        let _ = write!(path, ".\"{}\"", key.replace('\'', "''"));
    }
    path.push('\'');
    Ok(path)
}
