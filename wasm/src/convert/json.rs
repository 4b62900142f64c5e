//! Answers that cross as one JSON text and are read by JavaScript's own parser, which is faster than
//! values that cross one by one. What JSON cannot tell as it is crosses as values.

use super::rows::row;
use super::to_js::{self, Keys, MAX_SAFE, edge, hit, list};
use js_sys::{Array, JSON};
use pluresdb::model::BYTES_KEY;
use pluresdb::{Correction, Edge, Found, Hit, Map, Node, SqlValue, Value};
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;
use wasm_bindgen::{JsCast, JsValue};

/// Rows that are one text: a large table is not there twice.
const ROWS_AT_ONCE: usize = 256;
/// Digits that may be of a whole number beyond 2^53.
const MANY_DIGITS: usize = 16;

#[derive(Serialize)]
struct NodeText<'a> {
    id: &'a str,
    r#type: &'a str,
    data: &'a Map,
    updated: i64,
}

#[derive(Serialize)]
struct EdgeText<'a> {
    source: &'a str,
    label: &'a str,
    target: &'a str,
    key: &'a str,
    data: Option<&'a Map>,
}

#[derive(Serialize)]
struct HitText<'a> {
    node: NodeText<'a>,
    score: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    snippet: Option<&'a str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    highlights: &'a BTreeMap<String, String>,
}

#[derive(Serialize)]
struct CorrectionText<'a> {
    typed: &'a str,
    taken: &'a str,
}

#[derive(Serialize)]
struct FoundText<'a> {
    hits: Vec<HitText<'a>>,
    corrected: Vec<CorrectionText<'a>>,
}

struct Cell<'a>(&'a SqlValue);

impl Serialize for Cell<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            SqlValue::Int(number) => serializer.serialize_i64(*number),
            SqlValue::Real(number) => serializer.serialize_f64(*number),
            SqlValue::Text(text) => serializer.serialize_str(text),
            SqlValue::Null | SqlValue::Blob(_) => serializer.serialize_unit(),
        }
    }
}

/// What JSON that the database gave stands for, or nothing where it has to cross as values: since JSON
/// cannot tell it, or since it is damaged, which reading the values names.
pub(crate) fn read(json: &str) -> Option<JsValue> {
    if is_plain_text(json) { JSON::parse(json).ok() } else { None }
}

/// Edges as an array.
pub(crate) fn edges(edges: &[Edge], keys: &mut Keys) -> Array {
    let plain = edges.iter().all(|edge| is_plain_map(&edge.data));
    let parsed = plain.then(|| edges.iter().map(edge_text).collect::<Vec<_>>()).and_then(parsed);
    parsed.map_or_else(|| list(edges, keys, edge), JsCast::unchecked_into)
}

/// Hits as an array.
pub(crate) fn hits(hits: &[Hit]) -> Array {
    let parsed = hits_text(hits).and_then(parsed);
    parsed.map_or_else(|| list(hits, &mut Keys::default(), hit), JsCast::unchecked_into)
}

/// What a search found as `{ hits, corrected }`.
pub(crate) fn found(found: &Found) -> JsValue {
    let corrected = found.corrected.iter().map(correction_text).collect();
    let text = hits_text(&found.hits).map(|hits| FoundText { hits, corrected });
    text.and_then(parsed).unwrap_or_else(|| to_js::found(found))
}

/// Rows of cells as an array of arrays.
pub(crate) fn rows(rows: &[Vec<SqlValue>]) -> Array {
    let all = Array::new();
    for rows in rows.chunks(ROWS_AT_ONCE) {
        let plain = rows.iter().flatten().all(is_plain_cell);
        let text = plain.then(|| rows.iter().map(|row| row.iter().map(Cell).collect()).collect());
        let parsed = text.and_then(|text: Vec<Vec<Cell<'_>>>| parsed(text));
        let some: Array = parsed.map_or_else(
            || rows.iter().map(|values| row(values)).collect(),
            JsCast::unchecked_into,
        );
        for row in some.iter() {
            all.push(&row);
        }
    }
    all
}

fn hits_text(hits: &[Hit]) -> Option<Vec<HitText<'_>>> {
    let plain = |hit: &Hit| hit.score.is_finite() && is_plain_map(&hit.node.data);
    hits.iter().all(plain).then(|| hits.iter().map(hit_text).collect())
}

fn hit_text(hit: &Hit) -> HitText<'_> {
    HitText {
        node: node_text(&hit.node),
        score: hit.score,
        snippet: hit.snippet.as_deref(),
        highlights: &hit.highlights,
    }
}

fn correction_text(word: &Correction) -> CorrectionText<'_> {
    CorrectionText { typed: &word.typed, taken: &word.taken }
}

fn edge_text(edge: &Edge) -> EdgeText<'_> {
    EdgeText {
        source: &edge.source,
        label: &edge.label,
        target: &edge.target,
        key: &edge.key,
        data: Some(&edge.data).filter(|data| !data.is_empty()),
    }
}

fn node_text(node: &Node) -> NodeText<'_> {
    NodeText { id: &node.id, r#type: &node.kind, data: &node.data, updated: node.updated }
}

fn parsed(answer: impl Serialize) -> Option<JsValue> {
    JSON::parse(&serde_json::to_string(&answer).ok()?).ok()
}

fn is_plain_map(fields: &Map) -> bool {
    fields.values().all(is_plain)
}

/// Whether JavaScript reads the JSON of a value as the value.
fn is_plain(value: &Value) -> bool {
    match value {
        Value::Int(number) => number.unsigned_abs() <= MAX_SAFE,
        Value::Bytes(_) => false,
        Value::Array(items) => items.iter().all(is_plain),
        Value::Object(fields) => is_plain_map(fields),
        Value::Null | Value::Bool(_) | Value::Float(_) | Value::Text(_) => true,
    }
}

fn is_plain_cell(value: &SqlValue) -> bool {
    match value {
        SqlValue::Int(number) => number.unsigned_abs() <= MAX_SAFE,
        SqlValue::Real(number) => number.is_finite(),
        SqlValue::Text(_) | SqlValue::Null => true,
        SqlValue::Blob(_) => false,
    }
}

/// The same of a text of JSON. It may say no to what is plain, since it does not tell texts from numbers.
fn is_plain_text(json: &str) -> bool {
    let (mut digits, mut fraction) = (0, false);
    for (at, byte) in json.bytes().enumerate() {
        if byte.is_ascii_digit() {
            digits += usize::from(!fraction);
        } else {
            (digits, fraction) = (0, byte == b'.');
        }
        let is_bytes = || json.get(at..).is_some_and(|rest| rest.starts_with(BYTES_KEY));
        if digits >= MANY_DIGITS || byte == b'$' && is_bytes() {
            return false;
        }
    }
    true
}
