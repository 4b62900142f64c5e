//! One transaction: what the user wants of each node and edge, turned into one record at its end.

use crate::crdt::{Editor, ListEdit, TextEdit};
use crate::engine::commit::draft::{Draft, Outcome};
use crate::engine::commit::exposed::Exposed;
use crate::engine::commit::open::Wants;
use crate::engine::commit::undo::{Entry, Step};
use crate::engine::commit::writer::Writer;
use crate::engine::error::Error;
use crate::engine::typing::define;
use crate::engine::typing::typed::{Typed, Types};
use crate::model::{EdgeRef, Map, NameKind, Path, SharedKind, Stamp, Target, Value, check_name};
use crate::types::TYPE_OF_TYPES;
use hashbrown::HashMap;
use std::sync::Arc;

/// A transaction that is open. Reads see its own writes.
#[derive(Debug)]
pub struct Transaction<'w, 'c> {
    pub(in crate::engine) writer: &'w mut Writer<'c>,
    pub(in crate::engine) stamp: Stamp,
    /// As whom texts and lists are changed.
    pub(in crate::engine) editor: Editor,
    /// The definitions that count.
    pub(super) types: Arc<Types>,
    pub(super) drafts: Vec<Draft>,
    index: HashMap<Target, usize>,
    /// What the tables were made to hold of it for statements that read.
    pub(super) exposed: Option<Exposed>,
    /// Set while a statement writes: one that stopped halfway leaves nothing to commit.
    pub(in crate::engine) torn: bool,
    /// How many ids were made here.
    pub(in crate::engine) ids: u64,
}

impl<'w, 'c> Transaction<'w, 'c> {
    pub(in crate::engine) fn new(writer: &'w mut Writer<'c>, stamp: Stamp, editor: Editor) -> Self {
        Self::resume(writer, stamp, editor, Wants::default())
    }

    /// Goes on with what was wanted before.
    pub(super) fn resume(
        writer: &'w mut Writer<'c>,
        stamp: Stamp,
        editor: Editor,
        Wants { drafts, index, torn, ids }: Wants,
    ) -> Self {
        let types = Arc::clone(&writer.cache.types);
        Self { writer, stamp, editor, types, drafts, index, exposed: None, torn, ids }
    }

    /// Lets go of the tables, which hold nothing of it any more.
    pub(super) fn suspend(mut self) -> Result<Wants, Error> {
        self.withdraw()?;
        let Self { drafts, index, torn, ids, .. } = self;
        Ok(Wants { drafts, index, torn, ids })
    }

    /// Writes a whole node; see [`crate::engine::Database::put`].
    pub fn put(&mut self, id: &str, kind: &str, data: Map) -> Result<(), Error> {
        check_name(NameKind::NodeId, id)?;
        check_name(NameKind::Type, kind)?;
        let typed = self.types.get(kind).cloned();
        let draft = self.draft(Target::Node(id.to_owned()))?;
        match typed {
            Some(typed) => draft.put_as(&typed, data),
            None => draft.put(Some(kind.to_owned()), data),
        }
        Ok(())
    }

    /// Changes some fields; see [`crate::engine::Database::patch`].
    pub fn patch(&mut self, id: &str, patch: Vec<(Path, Option<Value>)>) -> Result<(), Error> {
        let types = Arc::clone(&self.types);
        let draft = self.node(id)?;
        match typed_of(&types, draft) {
            Some(typed) => draft.patch_as(typed, patch),
            None => draft.patch(patch),
        }
        Ok(())
    }

    /// Adds to a counter; a negative number subtracts. A field that is not there counts from 0.
    pub fn increment(&mut self, id: &str, path: &Path, by: i64) -> Result<(), Error> {
        self.node(id)?.increment(path, by)
    }

    /// Puts values into a set, where they are not in.
    pub fn add_to_set(&mut self, id: &str, path: &Path, values: &[Value]) -> Result<(), Error> {
        self.node(id)?.add_to_set(path, values)
    }

    /// Takes values out of a set.
    pub fn remove_from_set(
        &mut self,
        id: &str,
        path: &Path,
        values: &[Value],
    ) -> Result<(), Error> {
        self.node(id)?.remove_from_set(path, values)
    }

    /// Edits a text, so that edits of other devices at other places are kept. Offsets count UTF-16
    /// code units, as in JavaScript.
    pub fn edit_text(&mut self, id: &str, path: &Path, edits: &[TextEdit]) -> Result<(), Error> {
        let editor = self.editor;
        self.node(id)?.edit(path, SharedKind::Text, editor, |draft| {
            edits.iter().try_for_each(|edit| draft.edit_text(edit))
        })
    }

    /// Edits a list, so that edits of other devices at other places are kept.
    pub fn edit_list(&mut self, id: &str, path: &Path, edits: &[ListEdit]) -> Result<(), Error> {
        let editor = self.editor;
        self.node(id)?.edit(path, SharedKind::List, editor, |draft| {
            edits.iter().try_for_each(|edit| draft.edit_list(edit))
        })
    }

    /// Takes an update of a Yjs document into a text or list. The content is the type `value` of
    /// that document: `doc.getText("value")` or `doc.getArray("value")`.
    pub fn apply_update(
        &mut self,
        id: &str,
        path: &Path,
        kind: SharedKind,
        update: &[u8],
    ) -> Result<(), Error> {
        let editor = self.editor;
        self.node(id)?.edit(path, kind, editor, |draft| draft.apply_update(update))
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
        self.draft(Target::Edge(edge))?.put(None, data);
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
        let types = Arc::clone(&self.types);
        let draft = self.draft(Target::Node(id.to_owned()))?;
        let shown = typed_of(&types, draft).and_then(|typed| draft.shown(typed));
        let current = draft.current();
        Ok(current.map(|(kind, data)| (kind.unwrap_or_default(), shown.unwrap_or(data))))
    }

    /// Whether a node exists as this transaction leaves it.
    pub fn exists(&mut self, id: &str) -> Result<bool, Error> {
        Ok(self.draft(Target::Node(id.to_owned()))?.exists())
    }

    /// Writes the record, if there is anything to write. Gives what undoes it, where that is kept.
    pub(in crate::engine) fn commit(mut self) -> Result<Option<Entry>, Error> {
        if self.torn {
            return Err(Error::Torn);
        }
        self.withdraw()?;
        self.define()?;
        let types = Arc::clone(&self.types);
        let keep_undo = self.editor.keep_undo;
        let mut parts = Vec::with_capacity(self.drafts.len());
        let mut rows = Vec::with_capacity(self.drafts.len());
        let mut steps = Vec::new();
        for mut draft in self.drafts {
            let typed = typed_of(&types, &draft);
            if let Some(typed) = typed {
                draft.settle(typed)?;
            }
            if let Some(Outcome { part, row, reversals }) =
                draft.into_part(self.stamp, self.editor, typed)?
            {
                if keep_undo {
                    steps.push(Step::new(&part, row.entity(), reversals));
                }
                parts.push(part);
                rows.push(row);
            }
        }
        if parts.is_empty() {
            return Ok(None);
        }
        self.writer.write_local(self.stamp, parts, rows)?;
        Ok(keep_undo.then_some(Entry { stamp: self.stamp, steps }))
    }

    /// Lets the definitions that this transaction writes count for all that it writes.
    pub(super) fn define(&mut self) -> Result<(), Error> {
        for draft in &self.drafts {
            let (Target::Node(id), Some((Some(kind), data))) = (&draft.target, &draft.wanted)
            else {
                continue;
            };
            if kind == TYPE_OF_TYPES {
                let typed = define::parse(id, data.clone())?;
                let name = typed.def.name.clone();
                Arc::make_mut(&mut self.types).insert(name, Arc::new(typed));
            }
        }
        Ok(())
    }

    /// The definition of a type.
    pub(in crate::engine) fn typed(&self, kind: Option<&str>) -> Option<Arc<Typed>> {
        self.types.get(kind?).cloned()
    }

    /// The draft of a node that must exist.
    fn node(&mut self, id: &str) -> Result<&mut Draft, Error> {
        let draft = self.draft(Target::Node(id.to_owned()))?;
        if draft.exists() { Ok(draft) } else { Err(Error::NotFound { id: id.to_owned() }) }
    }

    /// The draft of a target.
    pub(in crate::engine) fn draft(&mut self, target: Target) -> Result<&mut Draft, Error> {
        let place = match self.index.get(&target) {
            Some(place) => *place,
            None => {
                let row = self.writer.row(&target)?;
                let place = self.drafts.len();
                self.index.insert(target.clone(), place);
                self.drafts.push(Draft::new(target, row));
                place
            }
        };
        if let Some(exposed) = &mut self.exposed {
            exposed.touch(place);
        }
        #[expect(clippy::indexing_slicing, reason = "the index only holds places of drafts")]
        Ok(&mut self.drafts[place])
    }
}

/// The definition of the type that a draft is to have.
pub(super) fn typed_of<'a>(types: &'a Types, draft: &Draft) -> Option<&'a Typed> {
    if types.is_empty() {
        return None;
    }
    let kind = match &draft.wanted {
        Some((kind, _)) => kind.as_deref(),
        None => draft.before().kind(),
    };
    types.get(kind?).map(AsRef::as_ref)
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
