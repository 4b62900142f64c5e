//! The JSON that commands print. Field names are stable.

use crate::failure::{Failure, Outcome};
use pluresdb::{Correction, Edge, Hit, Map, Node, SqlValue, Value};
use serde::ser::{Serialize, SerializeMap, Serializer};
use std::collections::{BTreeMap, HashSet};
use std::io::{self, Write};

/// A node.
#[derive(Debug, serde::Serialize)]
pub(crate) struct NodeJson<'a> {
    id: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    /// Milliseconds since 1970.
    updated: i64,
    data: &'a Map,
}

/// A found node.
#[derive(Debug, serde::Serialize)]
pub(crate) struct HitJson<'a> {
    #[serde(flatten)]
    node: NodeJson<'a>,
    score: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    snippet: Option<&'a str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    highlights: &'a BTreeMap<String, String>,
    /// Words that were taken for others, by what was typed.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    corrected: BTreeMap<&'a str, &'a str>,
}

impl<'a> HitJson<'a> {
    pub(crate) fn new(hit: &'a Hit, corrected: &'a [Correction]) -> Self {
        let corrected = corrected.iter().map(|word| (word.typed.as_str(), word.taken.as_str()));
        Self {
            node: (&hit.node).into(),
            score: hit.score,
            snippet: hit.snippet.as_deref(),
            highlights: &hit.highlights,
            corrected: corrected.collect(),
        }
    }
}

impl<'a> From<&'a Node> for NodeJson<'a> {
    fn from(node: &'a Node) -> Self {
        Self { id: &node.id, kind: &node.kind, updated: node.updated, data: &node.data }
    }
}

/// An edge.
#[derive(Debug, serde::Serialize)]
pub(crate) struct EdgeJson<'a> {
    source: &'a str,
    label: &'a str,
    target: &'a str,
    key: &'a str,
    data: &'a Map,
}

impl<'a> From<&'a Edge> for EdgeJson<'a> {
    fn from(edge: &'a Edge) -> Self {
        Self {
            source: &edge.source,
            label: &edge.label,
            target: &edge.target,
            key: &edge.key,
            data: &edge.data,
        }
    }
}

/// A row of a statement as an object.
#[derive(Debug)]
pub(crate) struct JsonRow<'a> {
    /// From [`column_keys`].
    pub(crate) keys: &'a [String],
    pub(crate) values: &'a [SqlValue],
}

impl Serialize for JsonRow<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.values.len()))?;
        for (key, value) in self.keys.iter().zip(self.values) {
            map.serialize_key(key)?;
            match value {
                SqlValue::Null => map.serialize_value(&())?,
                SqlValue::Int(number) => map.serialize_value(number)?,
                SqlValue::Real(number) => map.serialize_value(number)?,
                SqlValue::Text(text) => map.serialize_value(text)?,
                SqlValue::Blob(bytes) => map.serialize_value(&Value::Bytes(bytes.clone()))?,
            }
        }
        map.end()
    }
}

/// Column names as keys of an object: the second `x` is `x:1`, so that none hides another.
pub(crate) fn column_keys(columns: &[String]) -> Vec<String> {
    let mut taken = HashSet::new();
    let mut keys = Vec::with_capacity(columns.len());
    for column in columns {
        let mut key = column.clone();
        let mut number = 0;
        while !taken.insert(key.clone()) {
            number += 1;
            key = format!("{column}:{number}");
        }
        keys.push(key);
    }
    keys
}

/// A JSON array that is written item by item, one a line.
#[derive(Debug)]
pub(crate) struct JsonArray {
    empty: bool,
}

impl JsonArray {
    pub(crate) const fn new() -> Self {
        Self { empty: true }
    }

    pub(crate) fn push(&mut self, out: &mut impl Write, item: &impl Serialize) -> io::Result<()> {
        out.write_all(if self.empty { b"[\n" } else { b",\n" })?;
        self.empty = false;
        Ok(serde_json::to_writer(out, item)?)
    }

    pub(crate) fn end(self, out: &mut impl Write) -> io::Result<()> {
        out.write_all(if self.empty { b"[]\n" } else { b"\n]\n" })
    }

    /// The whole array of some items.
    pub(crate) fn write<T: Serialize>(
        out: &mut impl Write,
        items: impl IntoIterator<Item = T>,
    ) -> Outcome {
        let mut array = Self::new();
        items
            .into_iter()
            .try_for_each(|item| array.push(out, &item))
            .and_then(|()| array.end(out))
            .map_err(Failure::Output)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_one_name_become_keys_of_their_own() {
        let columns = ["x", "x", "y", "x"].map(String::from);
        assert_eq!(column_keys(&columns), ["x", "x:1", "y", "x:2"]);
    }
}
