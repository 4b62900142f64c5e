//! What a node shows under its type's definition, and what is listed as breaking it, against what its
//! state and the definitions make of both.

use super::{FaultPlace, Faults};
use crate::crdt::Entity;
use crate::engine::commit::rows;
use crate::engine::commit::stored;
use crate::engine::database::Database;
use crate::engine::error::Error;
use crate::engine::typing::violations;
use rusqlite::Row;

impl Database {
    /// `row` has the columns `nid`, `shown` and `shown_seal` from `first` on.
    pub(in crate::engine) fn check_typing(
        &self,
        id: &str,
        entity: &Entity,
        row: &Row<'_>,
        first: usize,
        faults: &mut Faults<'_>,
    ) -> Result<(), Error> {
        let nid: i64 = row.get(first)?;
        let types = &self.cache.types;
        let typed = entity.kind().and_then(|kind| types.get(kind)).map(AsRef::as_ref);
        let object = entity.exists().then(|| entity.object());
        let shown = object.as_ref().and_then(|object| rows::shown(typed, entity, object));
        let (text, seal) = shown.as_ref().map(|shown| stored::sealed_shown(id, shown)).unzip();
        let found = row.get_ref(first + 1)?.as_str_or_null().map_err(rusqlite::Error::from)?;
        let found_seal =
            row.get_ref(first + 2)?.as_blob_or_null().map_err(rusqlite::Error::from)?;
        if found != text.as_deref() || found_seal != seal.as_deref() {
            let what = "it is not what its state and its type's definition make of it";
            faults.add(FaultPlace::Shown(id.to_owned()), what);
        }
        let seen = shown.as_ref().or(object.as_ref());
        let expected = violations::of_node(types, id, entity, seen).into_iter();
        let expected = expected.map(|violation| (violation.path, violation.rule)).collect();
        if violations::stored(&self.conn, nid)? != expected {
            let what = "they are not what its type's definition finds in it";
            faults.add(FaultPlace::Violations(id.to_owned()), what);
        }
        Ok(())
    }

    /// Violations of nodes that are not there.
    pub(in crate::engine) fn check_stray_violations(
        &self,
        faults: &mut Faults<'_>,
    ) -> Result<(), Error> {
        let sql = "SELECT count(*) FROM pdb_violation WHERE nid NOT IN (SELECT nid FROM pdb_node)";
        let stray: i64 = self.conn.query_row(sql, [], |row| row.get(0))?;
        if stray > 0 {
            faults.add(FaultPlace::File, format!("{stray} violations belong to no node"));
        }
        Ok(())
    }
}
