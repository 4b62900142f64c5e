//! Answers that cross as one JSON text, which the page's own parser reads several times faster than
//! values that cross one by one. What JSON cannot tell as it is crosses as values.

use super::to_js::MAX_SAFE;
use pluresdb::{Correction, Edge, Found, Hit, Map, Node, Value};
use serde::Serialize;
use std::collections::BTreeMap;
use wasm_bindgen::JsValue;

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

/// Edges as an array, or nothing where JSON cannot tell them.
pub(crate) fn edges(edges: &[Edge]) -> Option<JsValue> {
    let plain = edges.iter().all(|edge| is_plain_map(&edge.data));
    plain.then(|| edges.iter().map(edge).collect::<Vec<_>>()).and_then(text)
}

/// Hits as an array, likewise.
pub(crate) fn hits(hits: &[Hit]) -> Option<JsValue> {
    hits_text(hits).and_then(text)
}

/// What a search found as `{ hits, corrected }`, likewise.
pub(crate) fn found(found: &Found) -> Option<JsValue> {
    let corrected = found.corrected.iter().map(correction).collect();
    hits_text(&found.hits).and_then(|hits| text(FoundText { hits, corrected }))
}

fn hits_text(hits: &[Hit]) -> Option<Vec<HitText<'_>>> {
    let plain = |hit: &Hit| hit.score.is_finite() && is_plain_map(&hit.node.data);
    hits.iter().all(plain).then(|| hits.iter().map(hit).collect())
}

fn hit(hit: &Hit) -> HitText<'_> {
    HitText {
        node: node(&hit.node),
        score: hit.score,
        snippet: hit.snippet.as_deref(),
        highlights: &hit.highlights,
    }
}

fn correction(word: &Correction) -> CorrectionText<'_> {
    CorrectionText { typed: &word.typed, taken: &word.taken }
}

fn edge(edge: &Edge) -> EdgeText<'_> {
    EdgeText {
        source: &edge.source,
        label: &edge.label,
        target: &edge.target,
        key: &edge.key,
        data: Some(&edge.data).filter(|data| !data.is_empty()),
    }
}

fn node(node: &Node) -> NodeText<'_> {
    NodeText { id: &node.id, r#type: &node.kind, data: &node.data, updated: node.updated }
}

fn text(answer: impl Serialize) -> Option<JsValue> {
    serde_json::to_string(&answer).ok().map(JsValue::from)
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
