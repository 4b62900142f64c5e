//! What a statement can write to: the view of all nodes, that of edges, and one for each type.

use crate::engine::commit::cache::Cache;
use crate::engine::error::Error;
use crate::engine::query::authorizer::not_writable;
use crate::engine::storage::schema::{FieldColumn, identifier, view_columns};
use rusqlite::{Connection, OptionalExtension};

/// A view that can be written to.
#[derive(Debug)]
pub(super) struct Target {
    /// Its name, as SQLite knows it.
    pub(super) view: String,
    pub(super) kind: TargetKind,
}

#[derive(Debug)]
pub(super) enum TargetKind {
    Nodes,
    Edges,
    /// The view of a type, with its columns between `id` and `updated`.
    Type(Vec<FieldColumn>),
}

impl Target {
    /// The view of a name. `None` where there is nothing of that name, which SQLite says best.
    pub(super) fn find(
        conn: &Connection,
        cache: &Cache,
        name: &str,
    ) -> Result<Option<Self>, Error> {
        let mut statement = conn.prepare_cached(
            "SELECT name, type = 'view' FROM sqlite_schema
             WHERE name = ?1 COLLATE NOCASE AND type IN ('table', 'view')",
        )?;
        let found = statement.query_row([name], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        let Some((view, true)): Option<(String, bool)> = found else {
            let internal = found.is_some() || name.to_ascii_lowercase().starts_with("sqlite_");
            return if internal {
                Err(Error::ReadOnly { what: not_writable(name) })
            } else {
                Ok(None)
            };
        };
        let kind = match view.as_str() {
            "nodes" => TargetKind::Nodes,
            "edges" => TargetKind::Edges,
            kind => {
                let typed = cache.types.get(kind).map(AsRef::as_ref);
                TargetKind::Type(view_columns(conn, kind, typed)?)
            }
        };
        Ok(Some(Self { view, kind }))
    }

    /// Every column, in the order of the view.
    pub(super) fn columns(&self) -> Vec<&str> {
        match &self.kind {
            TargetKind::Nodes => vec!["id", "type", "data", "updated"],
            TargetKind::Edges => vec!["source", "label", "target", "key", "data"],
            TargetKind::Type(fields) => {
                let fields = fields.iter().map(|field| field.column.as_str());
                ["id"].into_iter().chain(fields).chain(["updated", "data"]).collect()
            }
        }
    }

    /// The columns that tell a row from all others: the first ones.
    pub(super) fn key(&self) -> &'static [&'static str] {
        match self.kind {
            TargetKind::Edges => &["source", "label", "target", "key"],
            TargetKind::Nodes | TargetKind::Type(_) => &["id"],
        }
    }

    /// A query for a list of expressions over one row, whose key is in the parameters from `first`
    /// on.
    pub(super) fn select(&self, list: &str, first: usize) -> String {
        let key = self.key().iter().zip(first..);
        let conditions: Vec<String> =
            key.map(|(column, number)| format!("{column} = ?{number}")).collect();
        // A comment at the end of the list must not hide what follows.
        format!(
            "SELECT {list}\nFROM main.{} WHERE {}",
            identifier(&self.view),
            conditions.join(" AND ")
        )
    }
}
