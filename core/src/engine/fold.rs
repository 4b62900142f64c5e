//! Folds the parts of a record into rows and projections.

use super::cache::Cache;
use super::error::Error;
use super::rows::{self, NodeRow};
use super::schema;
use super::text::text_of;
use crate::crdt::Entity;
use crate::model::{EdgeRef, Map, Part, Stamp, Target};
use rusqlite::Connection;
use std::collections::BTreeSet;

/// What the folds of one SQLite transaction have touched so far.
#[derive(Debug)]
pub(super) struct Fold {
    text_index: bool,
    touched: BTreeSet<String>,
    views: BTreeSet<String>,
}

impl Fold {
    pub(super) fn new(text_index: bool) -> Self {
        Self {
            text_index,
            touched: BTreeSet::new(),
            views: BTreeSet::new(),
        }
    }

    pub(super) fn apply(
        &mut self,
        conn: &Connection,
        cache: &mut Cache,
        parts: &[Part],
        stamp: Stamp,
    ) -> Result<(), Error> {
        for part in parts {
            match &part.target {
                Target::Node(id) => self.node(conn, cache, id, part, stamp)?,
                Target::Edge(edge) => self.edge(conn, edge, part, stamp)?,
            }
        }
        Ok(())
    }

    /// Defines the views of types that have new fields; gives the ids of the nodes touched.
    pub(super) fn finish(self, conn: &Connection) -> Result<BTreeSet<String>, Error> {
        for kind in &self.views {
            schema::rebuild_view(conn, kind)?;
        }
        Ok(self.touched)
    }

    fn node(
        &mut self,
        conn: &Connection,
        cache: &mut Cache,
        id: &str,
        part: &Part,
        stamp: Stamp,
    ) -> Result<(), Error> {
        let old = rows::node(conn, id)?;
        let was_alive = old.as_ref().is_some_and(|row| row.alive);
        let (nid, mut entity) = match old {
            Some(NodeRow { nid, entity, .. }) => (Some(nid), entity),
            None => (None, Entity::default()),
        };
        entity.apply(part, stamp);
        let object = entity.exists().then(|| entity.object());
        let nid = rows::store_node(conn, nid, id, &entity, object.as_ref())?;
        if let (Some(kind), Some(object)) = (entity.kind(), &object) {
            self.learn(conn, cache, kind, object)?;
        }
        if self.text_index {
            index_text(conn, nid, was_alive, object.as_ref())?;
        }
        self.touched.insert(id.to_owned());
        Ok(())
    }

    fn edge(
        &mut self,
        conn: &Connection,
        edge: &EdgeRef,
        part: &Part,
        stamp: Stamp,
    ) -> Result<(), Error> {
        let source = rows::nid(conn, &edge.source)?;
        let target = rows::nid(conn, &edge.target)?;
        let place = (source, edge.label.as_str(), target, edge.key.as_str());
        let mut entity = rows::edge(conn, place)?.unwrap_or_default();
        entity.apply(part, stamp);
        rows::store_edge(conn, place, &entity)?;
        self.touched.insert(edge.source.clone());
        self.touched.insert(edge.target.clone());
        Ok(())
    }

    fn learn(
        &mut self,
        conn: &Connection,
        cache: &mut Cache,
        kind: &str,
        object: &Map,
    ) -> Result<(), Error> {
        let mut new = !cache.knows_type(kind);
        if new {
            cache.learn_type(kind);
        }
        for field in object.keys() {
            if !cache.knows_field(kind, field) {
                conn.prepare_cached("INSERT OR IGNORE INTO pdb_type_field VALUES (?1, ?2)")?
                    .execute((kind, field))?;
                cache.learn_field(kind, field);
                new = true;
            }
        }
        if new {
            self.views.insert(kind.to_owned());
        }
        Ok(())
    }
}

fn index_text(
    conn: &Connection,
    nid: i64,
    was_alive: bool,
    object: Option<&Map>,
) -> Result<(), Error> {
    if was_alive {
        conn.prepare_cached("DELETE FROM pdb_text WHERE rowid = ?1")?
            .execute([nid])?;
    }
    if let Some(object) = object {
        conn.prepare_cached("INSERT INTO pdb_text (rowid, text) VALUES (?1, ?2)")?
            .execute((nid, text_of(object)))?;
    }
    Ok(())
}
