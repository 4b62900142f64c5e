//! How an object that was written under another version of its type reads under this one.
//!
//! Nothing stored is changed: renames and defaults are a way to read. So a client that does not
//! know the new definition goes on writing the old names, and what it writes is seen.

use super::definition::{FieldDef, TypeDef};
use crate::model::{Map, Value};
use alloc::collections::BTreeMap;
use alloc::string::String;

impl TypeDef {
    /// Gives each field its present name. Where several names of one field were written, the one
    /// written last counts; `written` says when a top-level field was last written or removed, and
    /// is asked only about fields that were renamed. At one time the present name counts.
    ///
    /// A removal counts as a write, so that a value which an old client wrote before the field was
    /// removed under its new name does not come back.
    pub fn rename<S: Ord>(&self, object: &mut Map, mut written: impl FnMut(&str) -> Option<S>) {
        for (name, field) in self.fields.iter().filter(|(_, field)| !field.renamed_from.is_empty())
        {
            let mut latest = written(name);
            let mut value = object.remove(name);
            for former in &field.renamed_from {
                let former_value = object.remove(former);
                let at = written(former);
                if at > latest || (at == latest && value.is_none()) {
                    latest = at;
                    value = former_value;
                }
            }
            if let Some(value) = value {
                object.insert(name.clone(), value);
            }
        }
    }

    /// Fills in the defaults of fields that are not there, also inside nested objects that are.
    pub fn fill_defaults(&self, object: &mut Map) {
        fill(&self.fields, object);
    }
}

fn fill(fields: &BTreeMap<String, FieldDef>, object: &mut Map) {
    for (name, field) in fields {
        if let Some(default) = &field.default
            && !object.contains_key(name)
        {
            object.insert(name.clone(), default.clone());
        }
        if let Some(Value::Object(inner)) = object.get_mut(name) {
            fill(&field.shape.fields, inner);
        }
    }
}
