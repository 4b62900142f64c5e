//! A definition as the engine uses it: how a node reads under it, and how a wish is written so that
//! clients of an older definition see it.
//!
//! A definition changes what is derived from a state, never the state: replicas that know different
//! definitions, or none, merge to the same.

use crate::crdt::Entity;
use crate::model::{Map, Path, SharedKind, Stamp, Value};
use crate::types::{Fault, FieldDef, FieldKind, TypeDef};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// The definitions that count here, by the names of their types.
pub(in crate::engine) type Types = HashMap<String, Arc<Typed>>;

/// A definition, with what is asked of it for every node.
#[derive(Debug, PartialEq)]
pub(in crate::engine) struct Typed {
    pub(in crate::engine) def: TypeDef,
    /// What of its data has no effect.
    pub(in crate::engine) faults: Vec<Fault>,
    /// Whether any field had another name.
    pub(in crate::engine) renames: bool,
    /// Whether any field has a default.
    defaults: bool,
    /// Whether any field merges change by change.
    pub(in crate::engine) shares: bool,
    /// Whether any field is a vector.
    pub(in crate::engine) vectors: bool,
}

impl Typed {
    /// The definition that the data of a node holds.
    pub(in crate::engine) fn read(name: &str, data: Map) -> Self {
        let (def, faults) = TypeDef::read(name, data);
        let renames = def.fields.values().any(|field| !field.renamed_from.is_empty());
        let defaults = any(&def.fields, &|field| field.default.is_some());
        let shares = any(&def.fields, &|field| field.kind.shared().is_some());
        let vectors = def.fields.values().any(|field| matches!(field.kind, FieldKind::Vector(_)));
        Self { def, faults, renames, defaults, shares, vectors }
    }

    /// Whether a node may read otherwise than it is stored.
    pub(in crate::engine) const fn migrates(&self) -> bool {
        self.renames || self.defaults
    }

    /// How a stored object reads: fields under their present names, defaults filled in.
    pub(in crate::engine) fn shown(&self, entity: &Entity, mut object: Map) -> Map {
        self.rename(entity, &mut object);
        self.def.fill_defaults(&mut object);
        object
    }

    /// Gives the fields of a stored object their present names.
    pub(in crate::engine) fn rename(&self, entity: &Entity, object: &mut Map) {
        self.def.rename(object, |field| written(entity, field));
    }

    /// Gives the fields of an object from a user their present names. Where one has both names, the
    /// present one counts.
    pub(in crate::engine) fn present(&self, object: &mut Map) {
        self.def.rename(object, |_| None::<Stamp>);
    }

    /// A path under the field's present name.
    pub(in crate::engine) fn present_path(&self, path: Path) -> Path {
        self.moved(&path).unwrap_or(path)
    }

    fn moved(&self, path: &Path) -> Option<Path> {
        let mut keys = path.keys();
        let first = keys.next()?;
        let is_former = |field: &FieldDef| field.renamed_from.iter().any(|name| name == first);
        let (name, _) = self.renamed().find(|(_, field)| is_former(field))?;
        keys.try_fold(Path::field(name).ok()?, |at, key| at.child(key).ok())
    }

    /// The fields that had other names.
    pub(in crate::engine) fn renamed(&self) -> impl Iterator<Item = (&String, &FieldDef)> {
        self.def.fields.iter().filter(|(_, field)| !field.renamed_from.is_empty())
    }

    /// Writes each renamed field of a new object under its former names too.
    pub(in crate::engine) fn spread_all(&self, object: &mut Map) {
        for (name, field) in self.renamed() {
            spread(field, object.get(name).cloned(), object);
        }
    }

    /// The kind that a field is declared to have, where it merges change by change.
    pub(in crate::engine) fn shared_kind(&self, path: &Path) -> Option<SharedKind> {
        let mut fields = &self.def.fields;
        let mut kind = None;
        for key in path.keys() {
            let field = fields.get(key)?;
            kind = field.kind.shared();
            fields = &field.shape.fields;
        }
        kind
    }
}

/// Gives the former names of a field its value.
pub(in crate::engine) fn spread(field: &FieldDef, value: Option<Value>, object: &mut Map) {
    for former in &field.renamed_from {
        match &value {
            Some(value) => object.insert(former.clone(), value.clone()),
            None => object.remove(former),
        };
    }
}

/// Every name of a field, the present one first.
pub(in crate::engine) fn names<'a>(
    name: &'a String,
    field: &'a FieldDef,
) -> impl Iterator<Item = &'a String> {
    std::iter::once(name).chain(&field.renamed_from)
}

/// When a top-level field was last written or removed, or a field in it.
pub(in crate::engine) fn written(entity: &Entity, field: &str) -> Option<Stamp> {
    let registers = entity.fields.iter();
    let of_field = registers.filter(|(path, _)| path.keys().next() == Some(field));
    of_field.map(|(_, register)| register.stamp).max()
}

fn any(fields: &BTreeMap<String, FieldDef>, is: &impl Fn(&FieldDef) -> bool) -> bool {
    fields.values().any(|field| is(field) || any(&field.shape.fields, is))
}
