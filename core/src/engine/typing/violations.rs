//! What of the nodes here breaks their types: written down while folding, read by users.
//!
//! A local write that breaks its type is refused, so these rows come from other replicas, and from
//! nodes that are older than the definition. Changes of texts and lists that cannot be taken in are
//! among them. Values that should be unique are compared when asked.

use crate::crdt::Entity;
use crate::engine::commit::rows;
use crate::engine::database::Database;
use crate::engine::error::Error;
use crate::engine::storage::schema::{field_value, literal};
use crate::engine::typing::define;
use crate::engine::typing::typed::{Typed, Types};
use crate::model::Map;
use crate::types::{Rule, TYPE_OF_TYPES, Violation};
use rusqlite::Connection;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// What of one node breaks its type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeViolation {
    /// The node's id.
    pub id: String,
    /// Its type.
    pub kind: String,
    /// What is broken.
    pub violation: Violation,
}

/// Writes what of a node breaks its type in the place of what was written before.
pub(in crate::engine) fn set(
    conn: &Connection,
    nid: i64,
    violations: impl IntoIterator<Item = Violation>,
) -> Result<(), Error> {
    conn.prepare_cached("DELETE FROM pdb_violation WHERE nid = ?1")?.execute([nid])?;
    let mut insert =
        conn.prepare_cached("INSERT OR REPLACE INTO pdb_violation VALUES (?1, ?2, ?3, ?4, ?5)")?;
    for Violation { path, rule, message, value } in violations {
        insert.execute((nid, path, rule.word(), message, value))?;
    }
    Ok(())
}

/// What is to be listed of a node while it exists, given what readers see where its type is defined: what of a definition has no effect, what of the
/// object that readers see breaks its type, and changes from elsewhere that had to be left out.
pub(in crate::engine) fn of_node(
    types: &Types,
    id: &str,
    entity: &Entity,
    seen: Option<&Map>,
) -> Vec<Violation> {
    let Some(kind) = entity.kind().filter(|_| entity.exists()) else {
        return Vec::new();
    };
    let mut found: Vec<Violation> = if kind == TYPE_OF_TYPES {
        let typed = define::name_in(id).and_then(|name| types.get(name));
        typed.into_iter().flat_map(|typed| of_definition(typed)).collect()
    } else {
        let seen = types.get(kind).zip(seen);
        seen.map(|(typed, seen)| typed.def.validate(seen)).unwrap_or_default()
    };
    found.extend(left_out(entity));
    found
}

/// Devices that are named where changes were left out.
const MAX_NAMED: usize = 4;

fn left_out(entity: &Entity) -> impl Iterator<Item = Violation> {
    entity.shared.refused().map(|(path, refused)| {
        let mut value = String::from("one of actor ");
        for (number, actor) in refused.by.keys().take(MAX_NAMED).enumerate() {
            let _ = write!(value, "{}{actor}", if number == 0 { "" } else { ", " });
        }
        if refused.by.len() > MAX_NAMED {
            value.push_str(", …");
        }
        Violation {
            path: path.to_string(),
            rule: Rule::Change,
            message:
                "must be changed by updates of Yjs in the name of the device that sends them; \
                      what is not has no effect"
                    .into(),
            value,
        }
    })
}

/// What a definition has that has no effect.
fn of_definition(typed: &Typed) -> impl Iterator<Item = Violation> {
    typed.faults.iter().map(|fault| Violation {
        path: fault.place.clone(),
        rule: Rule::Definition,
        message: fault.message.clone(),
        value: String::new(),
    })
}

/// What the fields and rules are that are written down as broken in a node: what it is, whatever the
/// words. The rule of a later version of this program is not known here.
pub(in crate::engine) fn stored(
    conn: &Connection,
    nid: i64,
) -> Result<BTreeSet<(String, Rule)>, Error> {
    let mut statement =
        conn.prepare_cached("SELECT path, rule FROM pdb_violation WHERE nid = ?1")?;
    let mut rows = statement.query([nid])?;
    let mut found = BTreeSet::new();
    while let Some(row) = rows.next()? {
        let rule: String = row.get(1)?;
        if let Some(rule) = Rule::from_word(&rule) {
            found.insert((row.get(0)?, rule));
        }
    }
    Ok(found)
}

/// Violations by field and rule, the last of several.
fn by_rule(violations: Vec<Violation>) -> BTreeMap<(String, Rule), Violation> {
    let keyed = |violation: Violation| ((violation.path.clone(), violation.rule), violation);
    violations.into_iter().map(keyed).collect()
}

impl Database {
    /// What of the nodes breaks their types, by id: of nodes of one type or of all, and of
    /// definitions. Writes made here are refused where they break a type, so these came by sync, or
    /// were there before the definition, or are two nodes with one value of a unique field.
    ///
    /// Changes of texts and lists that came by sync and could not be taken in are listed as well,
    /// also of nodes whose type has no definition, until a delete or plain write replaces the field.
    pub fn violations(
        &mut self,
        kind: Option<&str>,
        limit: usize,
    ) -> Result<Vec<NodeViolation>, Error> {
        self.refresh()?;
        let mut found = Vec::new();
        let mut statement = self.conn.prepare_cached(
            "SELECT n.id, n.type, v.path, v.rule, v.message, v.value
             FROM pdb_violation AS v JOIN pdb_node AS n USING (nid)
             WHERE n.alive AND (?1 IS NULL OR n.type = ?1)
             ORDER BY n.id, v.path, v.rule LIMIT ?2",
        )?;
        let mut rows = statement.query((kind, limit as i64))?;
        let mut now = (String::new(), BTreeMap::new());
        while let Some(row) = rows.next()? {
            let rule: String = row.get(3)?;
            // The rule of a later version of this program is not known here.
            let Some(rule) = Rule::from_word(&rule) else {
                continue;
            };
            let (id, path): (String, String) = (row.get(0)?, row.get(2)?);
            if now.0 != id {
                now = (id.clone(), self.violations_now(&id));
            }
            let violation = match now.1.remove(&(path.clone(), rule)) {
                Some(violation) => violation,
                None => Violation { path, rule, message: row.get(4)?, value: row.get(5)? },
            };
            found.push(NodeViolation { id, kind: row.get(1)?, violation });
        }
        for (name, typed) in self.cache.types.iter() {
            if kind.is_none_or(|kind| kind == name) && name != TYPE_OF_TYPES {
                self.duplicates(typed, limit, &mut found)?;
            }
        }
        found.sort_by(|a, b| (&a.id, &a.violation.path).cmp(&(&b.id, &b.violation.path)));
        found.truncate(limit);
        Ok(found)
    }

    /// What is to be listed of a node, in the words of this version: what is written down may be of an
    /// earlier one. Nothing of a damaged node.
    fn violations_now(&self, id: &str) -> BTreeMap<(String, Rule), Violation> {
        let Ok(entity) = self.entity(id) else { return BTreeMap::new() };
        let types = &self.cache.types;
        let typed = entity.kind().and_then(|kind| types.get(kind)).map(AsRef::as_ref);
        let object = entity.exists().then(|| entity.object());
        let shown = object.as_ref().and_then(|object| rows::shown(typed, &entity, object));
        by_rule(of_node(types, id, &entity, shown.as_ref().or(object.as_ref())))
    }

    /// Nodes that have a value of a unique field which another has too.
    fn duplicates(
        &self,
        typed: &Typed,
        limit: usize,
        found: &mut Vec<NodeViolation>,
    ) -> Result<(), Error> {
        for (name, _) in typed.def.fields.iter().filter(|(_, field)| field.unique) {
            let value = field_value(typed, name);
            // A type that is written out lets SQLite use the field's index.
            let sql = format!(
                "SELECT id, json_quote(value) FROM
                   (SELECT id, value, count(*) OVER (PARTITION BY value) AS times FROM
                      (SELECT id, {value} AS value FROM pdb_node
                       WHERE alive AND type = {} AND {value} IS NOT NULL))
                 WHERE times > 1 ORDER BY id LIMIT ?1",
                literal(&typed.def.name)
            );
            let mut statement = self.conn.prepare(&sql)?;
            let mut rows = statement.query([limit as i64])?;
            while let Some(row) = rows.next()? {
                let violation = Violation {
                    path: name.clone(),
                    rule: Rule::Unique,
                    message: "should be unique, another node has it too".into(),
                    value: row.get::<_, String>(1)?.chars().take(80).collect(),
                };
                let kind = typed.def.name.clone();
                found.push(NodeViolation { id: row.get(0)?, kind, violation });
            }
        }
        Ok(())
    }
}
