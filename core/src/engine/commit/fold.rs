//! Folds the parts of a record into rows and projections.

use crate::crdt::Leaves;
use crate::engine::commit::cache::Cache;
use crate::engine::commit::held_texts::HeldTexts;
use crate::engine::commit::rows::{EdgeRow, Nids, NodeRow, Row, Written};
use crate::engine::commit::statements::Statements;
use crate::engine::commit::text_index::{TextIndex, texts_of, texts_of_leaves};
use crate::engine::error::Error;
use crate::engine::live::routes::Watched;
use crate::engine::live::touch::Touched;
use crate::engine::storage::schema;
use crate::engine::typing::typed::Typed;
use crate::engine::typing::{define, violations};
use crate::engine::vectors::projection as vectors;
use crate::model::{EdgeRef, Hlc, Map, Part, Stamp, Target};
use crate::types::TYPE_OF_TYPES;
use rusqlite::Connection;
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

/// A part together with the row that it changes, as it stands before.
#[derive(Debug)]
pub(in crate::engine) struct Change {
    pub(in crate::engine) part: Part,
    pub(in crate::engine) row: Row,
}

/// The tables that a fold writes to, with what is at hand of them.
#[derive(Debug)]
pub(in crate::engine) struct Heap<'a, 'c> {
    pub(in crate::engine) statements: &'a mut Statements<'c>,
    pub(in crate::engine) cache: &'a mut Cache,
    pub(in crate::engine) nids: &'a mut Nids,
    pub(in crate::engine) held: &'a HeldTexts,
}

/// What the folds of one SQLite transaction leave to be done once it is committed.
#[derive(Debug)]
pub(in crate::engine) struct Folded {
    /// The ids of the nodes touched.
    pub(in crate::engine) touched: HashSet<String>,
    /// What live queries need to know.
    pub(in crate::engine) for_live: Touched,
    /// Texts to be held back.
    pub(in crate::engine) texts: Option<TextIndex>,
    /// How many bytes of texts were written, beside those that were held back.
    pub(in crate::engine) text_bytes: usize,
}

/// What live queries need to know.
#[derive(Debug)]
struct Live {
    watched: Arc<Watched>,
    touched: Touched,
}

/// What the folds of one SQLite transaction have touched so far.
#[derive(Debug)]
pub(in crate::engine) struct Fold {
    text_index: Option<TextIndex>,
    touched: Option<HashSet<String>>,
    live: Option<Live>,
    /// Numbers of the nodes that the record at hand changes.
    changed: Vec<i64>,
    /// The time before which records may have been forgotten.
    horizon: Option<Hlc>,
    views: BTreeSet<String>,
    /// The types whose definitions changed.
    definitions: BTreeSet<String>,
}

impl Fold {
    pub(in crate::engine) fn new(
        text_index: bool,
        watch: bool,
        live: Option<Arc<Watched>>,
        horizon: Option<Hlc>,
    ) -> Self {
        Self {
            text_index: text_index.then(TextIndex::default),
            touched: watch.then(HashSet::new),
            live: live.map(|watched| Live { watched, touched: Touched::default() }),
            changed: Vec::new(),
            horizon,
            views: BTreeSet::new(),
            definitions: BTreeSet::new(),
        }
    }

    /// Whether texts are indexed.
    pub(super) const fn has_text_index(&self) -> bool {
        self.text_index.is_some()
    }

    /// A fold of the same settings that has touched nothing.
    pub(super) fn beside(&self) -> Self {
        Self::new(self.has_text_index(), false, None, self.horizon)
    }

    /// Sets the time before which records may have been forgotten; gives what it was.
    pub(in crate::engine) const fn set_horizon(&mut self, horizon: Option<Hlc>) -> Option<Hlc> {
        std::mem::replace(&mut self.horizon, horizon)
    }

    /// The nodes changed since the last call.
    pub(in crate::engine) fn take_changed(&mut self) -> Vec<i64> {
        std::mem::take(&mut self.changed)
    }

    pub(in crate::engine) fn apply(
        &mut self,
        heap: Heap<'_, '_>,
        change: Change,
        stamp: Stamp,
    ) -> Result<(), Error> {
        let Change { mut part, row } = change;
        let target = std::mem::replace(&mut part.target, Target::Node(String::new()));
        match (target, row) {
            (Target::Node(id), Row::Node(row)) => self.node(heap, id, row, part, stamp),
            (Target::Edge(edge), Row::Edge(row)) => self.edge(heap, edge, row, part, stamp),
            _ => unreachable!("the row of a change is that of its target"),
        }
    }

    /// Notes that rows may change otherwise than from what they are now.
    pub(in crate::engine) const fn touch_everything(&mut self) {
        if let Some(live) = &mut self.live {
            live.touched.everything = true;
        }
    }

    /// Notes that vectors are made of texts.
    pub(in crate::engine) const fn touch_vectors(&mut self) {
        if let Some(live) = &mut self.live {
            live.touched.vectors = true;
        }
    }

    /// Writes the projections that wait, lets them follow the definitions that changed, and defines
    /// the views of types that have new fields. Texts that can be held back are not written.
    pub(in crate::engine) fn finish(
        mut self,
        conn: &Connection,
        cache: &mut Cache,
        held: &HeldTexts,
    ) -> Result<Folded, Error> {
        let holds = |index: &TextIndex| self.definitions.is_empty() && held.takes(index);
        let texts = self.text_index.take_if(|index| holds(index));
        if let Some(index) = &mut self.text_index {
            held.write(conn)?;
            index.write(conn)?;
        }
        if !self.definitions.is_empty() {
            // Each node of the type may read otherwise now.
            self.touch_everything();
        }
        define::follow(conn, cache, held, &self.definitions, self.text_index.as_mut())?;
        if let Some(index) = &mut self.text_index {
            index.write(conn)?;
        }
        self.views.append(&mut self.definitions);
        Self::define_views(conn, cache, &self.views)?;
        let mut for_live = self.live.map(|live| live.touched).unwrap_or_default();
        for_live.views = self.views;
        let text_bytes = self.text_index.as_ref().map_or(0, TextIndex::written);
        Ok(Folded { touched: self.touched.unwrap_or_default(), for_live, texts, text_bytes })
    }

    /// Defines the views of some types anew.
    pub(in crate::engine) fn define_views(
        conn: &Connection,
        cache: &Cache,
        kinds: &BTreeSet<String>,
    ) -> Result<(), Error> {
        for kind in kinds {
            schema::rebuild_view(conn, kind, cache.types.get(kind).map(AsRef::as_ref))?;
        }
        Ok(())
    }

    fn node(
        &mut self,
        heap: Heap<'_, '_>,
        id: String,
        mut row: NodeRow,
        part: Part,
        stamp: Stamp,
    ) -> Result<(), Error> {
        let conn = heap.statements.conn;
        let was_alive = row.alive;
        row.keeps_kind &= !part.put && !part.delete && part.kind.is_none();
        if let Some(Live { watched, touched }) = &mut self.live {
            let kind = row.entity.kind().filter(|_| was_alive);
            touched.node(conn, watched, &id, kind)?;
        }
        if let Some(horizon) = self.horizon {
            row.keep_baseline(conn, horizon)?;
        }
        let was_indexed = (was_alive && self.text_index.is_some())
            .then(|| Arc::clone(heap.cache.text.of(row.entity.kind())));
        let was_typed = row.entity.kind().and_then(|kind| heap.cache.types.get(kind));
        // A definition that went in this transaction had the node's rows made.
        let was_redefined = row.entity.kind().is_some_and(|kind| self.definitions.contains(kind));
        let had_vectors = was_redefined || was_typed.is_some_and(|typed| typed.vectors);
        let was_listed = was_redefined || was_typed.is_some();
        let mut listed = was_listed || row.entity.shared.refused().len() > 0;
        let was_definition = row.entity.kind() == Some(TYPE_OF_TYPES);
        row.entity.apply(part, stamp);
        let kind = row.entity.kind();
        let typed = kind.and_then(|kind| heap.cache.types.get(kind)).cloned();
        let typed = typed.as_deref();
        let Written { nid, leaves, object, shown } =
            row.store(heap.statements, heap.nids, &id, typed)?;
        self.changed.push(nid);
        if let Some(live) = &mut self.live {
            live.touched.ends |= was_alive != row.entity.exists();
        }
        listed |= typed.is_some() || row.entity.shared.refused().len() > 0;
        if listed {
            let seen = shown.as_ref().or(object.as_ref());
            let found = violations::of_node(&heap.cache.types, &id, &row.entity, seen);
            violations::set(conn, nid, found)?;
            if had_vectors || typed.is_some_and(|typed| typed.vectors) {
                vectors::set(conn, nid, typed, seen)?;
            }
        }
        if let Some(index) = &mut self.text_index {
            let tables = heap.cache.text.of(kind);
            let texts = match (shown.as_ref().or(object.as_ref()), &leaves) {
                (Some(seen), _) => Some(texts_of(tables, seen)),
                (None, Some(leaves)) => Some(texts_of_leaves(tables, leaves)),
                (None, None) => None,
            };
            let texts = texts.map(|texts| (Arc::clone(tables), texts));
            index.set(conn, heap.held, nid, was_indexed, texts)?;
        }
        if was_definition || kind == Some(TYPE_OF_TYPES) {
            let data = object.filter(|_| kind == Some(TYPE_OF_TYPES));
            self.define(heap.cache, &id, data);
        }
        if let (Some(kind), Some(leaves)) = (row.entity.kind(), &leaves) {
            self.learn(conn, heap.cache, kind, leaves)?;
        }
        if let Some(touched) = &mut self.touched {
            touched.insert(id);
        }
        Ok(())
    }

    /// Lets the definition that a node holds count, or none where it holds none any more.
    fn define(&mut self, cache: &mut Cache, id: &str, data: Option<Map>) {
        if let Some(name) = define::name_in(id) {
            cache.define(name, data.map(|data| Typed::read(name, data)));
            self.definitions.insert(name.to_owned());
        }
    }

    fn edge(
        &mut self,
        heap: Heap<'_, '_>,
        edge: EdgeRef,
        mut row: EdgeRow,
        part: Part,
        stamp: Stamp,
    ) -> Result<(), Error> {
        row.entity.apply(part, stamp);
        row.store(heap.statements, heap.nids, &edge)?;
        if let Some(live) = &mut self.live {
            live.touched.edges.push(edge.clone());
        }
        if let Some(touched) = &mut self.touched {
            touched.insert(edge.source);
            touched.insert(edge.target);
        }
        Ok(())
    }

    fn learn(
        &mut self,
        conn: &Connection,
        cache: &mut Cache,
        kind: &str,
        leaves: &Leaves<'_>,
    ) -> Result<(), Error> {
        let mut new = !cache.knows_type(kind);
        if new {
            conn.prepare_cached("INSERT OR IGNORE INTO pdb_type VALUES (?1)")?.execute([kind])?;
            cache.learn_type(kind);
        }
        for field in cache.new_fields(kind, leaves.keys()) {
            conn.prepare_cached("INSERT OR IGNORE INTO pdb_type_field VALUES (?1, ?2)")?
                .execute((kind, field))?;
            cache.learn_field(kind, field);
            new = true;
        }
        if new {
            self.views.insert(kind.to_owned());
        }
        Ok(())
    }
}
