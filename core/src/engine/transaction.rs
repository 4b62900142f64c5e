//! One transaction: what the user wants of each node and edge, turned into one record at its end.

use super::error::Error;
use super::rows::Row;
use super::writer::Writer;
use crate::crdt::{Entity, replace, revise};
use crate::model::{EdgeRef, Map, NameKind, Part, Path, Stamp, Target, Value, check_name};
use hashbrown::HashMap;

/// A transaction that is open. Reads see its own writes.
#[derive(Debug)]
pub struct Transaction<'w, 'c> {
    writer: &'w mut Writer<'c>,
    stamp: Stamp,
    drafts: Vec<Draft>,
    index: HashMap<Target, usize>,
}

/// What one transaction wants of one node or edge.
#[derive(Debug)]
struct Draft {
    target: Target,
    row: Row,
    /// What was there before the transaction goes.
    delete: bool,
    /// The type and fields it is to have at the end, if it is to exist and was written.
    wanted: Option<(Option<String>, Map)>,
}

impl<'w, 'c> Transaction<'w, 'c> {
    pub(super) fn new(writer: &'w mut Writer<'c>, stamp: Stamp) -> Self {
        Self { writer, stamp, drafts: Vec::new(), index: HashMap::new() }
    }

    /// Writes a whole node; see [`super::Database::put`].
    pub fn put(&mut self, id: &str, kind: &str, data: Map) -> Result<(), Error> {
        check_name(NameKind::NodeId, id)?;
        check_name(NameKind::Type, kind)?;
        self.draft(Target::Node(id.to_owned()))?.wanted = Some((Some(kind.to_owned()), data));
        Ok(())
    }

    /// Changes some fields; see [`super::Database::patch`].
    pub fn patch(&mut self, id: &str, patch: Vec<(Path, Option<Value>)>) -> Result<(), Error> {
        let draft = self.draft(Target::Node(id.to_owned()))?;
        let Some((kind, data)) = draft.current() else {
            return Err(Error::NotFound { id: id.to_owned() });
        };
        draft.wanted = Some((kind, revise(data, patch)));
        Ok(())
    }

    /// Deletes a node; false when there was none.
    pub fn delete(&mut self, id: &str) -> Result<bool, Error> {
        check_name(NameKind::NodeId, id)?;
        Ok(self.draft(Target::Node(id.to_owned()))?.remove())
    }

    /// Writes an edge between two nodes that exist.
    pub fn link(
        &mut self,
        source: &str,
        label: &str,
        target: &str,
        data: Map,
    ) -> Result<(), Error> {
        self.link_as(edge(source, label, target, ""), data)
    }

    /// Writes an edge with a key, which tells parallel edges apart.
    pub fn link_as(&mut self, edge: EdgeRef, data: Map) -> Result<(), Error> {
        for end in [&edge.source, &edge.target] {
            if !self.exists(end)? {
                return Err(Error::NotFound { id: end.clone() });
            }
        }
        self.link_ahead(edge, data)
    }

    /// Writes an edge whose ends may come later; until then it is hidden. For imports.
    pub fn link_ahead(&mut self, edge: EdgeRef, data: Map) -> Result<(), Error> {
        check_edge(&edge)?;
        self.draft(Target::Edge(edge))?.wanted = Some((None, data));
        Ok(())
    }

    /// Removes the edge without a key; false when there was none.
    pub fn unlink(&mut self, source: &str, label: &str, target: &str) -> Result<bool, Error> {
        self.unlink_as(edge(source, label, target, ""))
    }

    /// Removes an edge; false when there was none.
    pub fn unlink_as(&mut self, edge: EdgeRef) -> Result<bool, Error> {
        check_edge(&edge)?;
        Ok(self.draft(Target::Edge(edge))?.remove())
    }

    /// A node's type and fields as this transaction leaves them.
    pub fn get(&mut self, id: &str) -> Result<Option<(String, Map)>, Error> {
        let current = self.draft(Target::Node(id.to_owned()))?.current();
        Ok(current.map(|(kind, data)| (kind.unwrap_or_default(), data)))
    }

    /// Whether a node exists as this transaction leaves it.
    pub fn exists(&mut self, id: &str) -> Result<bool, Error> {
        Ok(self.draft(Target::Node(id.to_owned()))?.exists())
    }

    /// Writes the record, if there is anything to write.
    pub(super) fn commit(self) -> Result<(), Error> {
        let mut parts = Vec::with_capacity(self.drafts.len());
        let mut rows = Vec::with_capacity(self.drafts.len());
        for draft in self.drafts {
            if let Some((part, row)) = draft.into_part()? {
                parts.push(part);
                rows.push(row);
            }
        }
        if parts.is_empty() {
            return Ok(());
        }
        self.writer.write_local(self.stamp, parts, rows)
    }

    fn draft(&mut self, target: Target) -> Result<&mut Draft, Error> {
        let place = match self.index.get(&target) {
            Some(place) => *place,
            None => {
                let row = self.writer.row(&target)?;
                let place = self.drafts.len();
                self.index.insert(target.clone(), place);
                self.drafts.push(Draft { target, row, delete: false, wanted: None });
                place
            }
        };
        #[expect(clippy::indexing_slicing, reason = "the index only holds places of drafts")]
        Ok(&mut self.drafts[place])
    }
}

impl Draft {
    fn before(&self) -> &Entity {
        self.row.entity()
    }

    fn exists(&self) -> bool {
        self.wanted.is_some() || (!self.delete && self.before().exists())
    }

    fn current(&self) -> Option<(Option<String>, Map)> {
        match &self.wanted {
            Some(wanted) => Some(wanted.clone()),
            None if self.exists() => {
                Some((self.before().kind().map(str::to_owned), self.before().object()))
            }
            None => None,
        }
    }

    fn remove(&mut self) -> bool {
        let existed = self.exists();
        self.delete |= self.before().exists();
        self.wanted = None;
        existed
    }

    /// What of the record brings the wanted about; `None` when it is so already.
    fn into_part(self) -> Result<Option<(Part, Row)>, Error> {
        let Self { target, row, delete, wanted } = self;
        let Some((kind, data)) = wanted else {
            let writes = Vec::new();
            let part = Part { target, delete: true, put: false, kind: None, writes };
            return Ok(delete.then_some((part, row)));
        };
        let before = row.entity();
        let put = delete || !before.exists();
        let writes = replace((!delete).then_some(before), data)?;
        let kind = kind.filter(|kind| put || before.kind() != Some(kind));
        if !put && kind.is_none() && writes.is_empty() {
            return Ok(None);
        }
        Ok(Some((Part { target, delete, put, kind, writes }, row)))
    }
}

fn edge(source: &str, label: &str, target: &str, key: &str) -> EdgeRef {
    EdgeRef {
        source: source.to_owned(),
        label: label.to_owned(),
        target: target.to_owned(),
        key: key.to_owned(),
    }
}

fn check_edge(edge: &EdgeRef) -> Result<(), Error> {
    check_name(NameKind::NodeId, &edge.source)?;
    check_name(NameKind::Label, &edge.label)?;
    check_name(NameKind::NodeId, &edge.target)?;
    check_name(NameKind::EdgeKey, &edge.key)?;
    Ok(())
}
