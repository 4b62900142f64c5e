//! What a transaction wants of a node whose type is defined.
//!
//! Users read and write a field under its present name. It is stored under its former names too, so
//! that clients of an older definition go on seeing it; and what they write to a former name later
//! counts. A field that is not changed is left as it is stored, so that a concurrent write under
//! another name is kept.

use crate::crdt::revise;
use crate::engine::commit::draft::Draft;
use crate::engine::error::Error;
use crate::engine::typing::typed::{Typed, names, spread};
use crate::model::{Map, Path, Stamp, Target, Value};
use std::collections::HashSet;

impl Draft {
    /// Puts fields under their present names.
    pub(in crate::engine) fn put_as(&mut self, typed: &Typed, mut data: Map) {
        if typed.renames {
            typed.present(&mut data);
            data = self.stored(typed, data);
        }
        self.put(Some(typed.def.name.clone()), data);
    }

    /// Changes some fields, under their present names or former ones.
    pub(in crate::engine) fn patch_as(&mut self, typed: &Typed, patch: Vec<(Path, Option<Value>)>) {
        let Some(shown) = self.renamed(typed).filter(|_| typed.renames) else {
            return self.patch(patch);
        };
        let patch = patch.into_iter().map(|(path, value)| (typed.present_path(path), value));
        let data = revise(shown, patch.collect());
        let data = self.stored(typed, data);
        self.put(Some(typed.def.name.clone()), data);
    }

    /// The fields as a reader sees them.
    pub(in crate::engine) fn shown(&self, typed: &Typed) -> Option<Map> {
        let mut shown = self.renamed(typed)?;
        typed.def.fill_defaults(&mut shown);
        Some(shown)
    }

    /// Completes a new node, and refuses what breaks the type. What was so before is not refused
    /// again, so that the rest of the node can be changed.
    pub(in crate::engine) fn settle(&mut self, typed: &Typed) -> Result<(), Error> {
        let creates = self.delete || !self.before().exists();
        let Some((_, wanted)) = &mut self.wanted else {
            return Ok(());
        };
        if creates {
            let mut shown = wanted.clone();
            typed.present(&mut shown);
            typed.def.fill_defaults(&mut shown);
            typed.spread_all(&mut shown);
            *wanted = shown;
        }
        let mut violations = typed.def.validate(&self.shown(typed).unwrap_or_default());
        if violations.is_empty() {
            return Ok(());
        }
        if !creates && self.before().kind() == Some(typed.def.name.as_str()) {
            let known = typed.def.validate(&typed.shown(self.before(), self.before().object()));
            violations.retain(|violation| !known.contains(violation));
        }
        match &self.target {
            Target::Node(id) if !violations.is_empty() => {
                Err(Error::Invalid { id: id.clone(), kind: typed.def.name.clone(), violations })
            }
            _ => Ok(()),
        }
    }

    /// The fields under their present names.
    fn renamed(&self, typed: &Typed) -> Option<Map> {
        let (_, mut data) = self.current()?;
        let before = self.before_object();
        let changed: HashSet<&String> = typed
            .renamed()
            .filter(|(name, field)| {
                names(name, field).any(|name| data.get(name) != before.get(name))
            })
            .flat_map(|(name, field)| names(name, field))
            .collect();
        // What this transaction writes, it writes under all names.
        let written = |name: &str| -> Option<Stamp> {
            let known = !self.delete && !changed.contains(&name.to_owned());
            known.then(|| crate::engine::typing::typed::written(self.before(), name)).flatten()
        };
        typed.def.rename(&mut data, written);
        Some(data)
    }

    /// Fields under their present names as they are to be stored.
    fn stored(&self, typed: &Typed, shown: Map) -> Map {
        let current = self.current().map(|(_, data)| data).unwrap_or_default();
        let current_shown = self.renamed(typed).unwrap_or_default();
        let mut data = shown;
        for (name, field) in typed.renamed() {
            let value = data.get(name).cloned();
            if value != current_shown.get(name).cloned() {
                spread(field, value, &mut data);
                continue;
            }
            for name in names(name, field) {
                match current.get(name) {
                    Some(value) => data.insert(name.clone(), value.clone()),
                    None => data.remove(name),
                };
            }
        }
        data
    }

    fn before_object(&self) -> Map {
        if self.delete || !self.before().exists() { Map::new() } else { self.before().object() }
    }
}
