//! What is asked about the graph: options from JavaScript, answers to it.

use crate::convert::{self, Keys, set};
use crate::database::CoreDatabase;
use crate::error::{Fault, Outcome};
use js_sys::{Array, Object, Reflect};
use pluresdb::{Bound, Direction, EdgeRef, Neighbour, RankOptions, Walk, Weight};
use wasm_bindgen::JsCast;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
impl CoreDatabase {
    /// What is next to a node, as `{ neighbours, stopped, complete }`.
    pub fn neighbours(&self, id: &str, options: &JsValue) -> Outcome<Object> {
        let mut walk = walk(options, Walk::default())?;
        if let Some(limit) = whole(options, "limit")? {
            walk.limits.nodes = limit;
        }
        let found = self.reading()?.neighbours(id, &walk)?;
        let neighbours =
            convert::list(&found.neighbours, &mut Keys::default(), |next, _| neighbour(next));
        Ok(answer("neighbours", &neighbours, found.stopped))
    }

    /// What can be reached, as `{ nodes, stopped, complete }`.
    pub fn traverse(&self, start: &str, options: &JsValue) -> Outcome<Object> {
        let walk = walk(options, Walk::default())?;
        let found = self.reading()?.traverse(start, &walk)?;
        let nodes = Array::new();
        for (place, node) in found.nodes.iter().enumerate() {
            let path = found.path(place).into_iter().map(JsValue::from_str).collect::<Array>();
            let edge = node.from.as_ref().map_or(JsValue::NULL, |(_, edge)| edge_ref(edge).into());
            nodes.push(&object(&[
                ("id", node.id.as_str().into()),
                ("depth", node.depth.into()),
                ("path", path.into()),
                ("edge", edge),
            ]));
        }
        Ok(answer("nodes", &nodes, found.stopped))
    }

    /// A shortest way, as `{ route, stopped, complete }`.
    #[wasm_bindgen(js_name = shortestPath)]
    pub fn shortest_path(&self, start: &str, end: &str, options: &JsValue) -> Outcome<Object> {
        let walk = walk(options, Walk::default())?;
        let default = number(options, "defaultWeight")?;
        let weight = text(options, "weight")?.map(|field| Weight { field, default });
        let found = self.reading()?.shortest_path(start, end, &walk, weight.as_ref())?;
        let route = found.route.map_or(JsValue::NULL, |route| {
            let nodes: Array = route.nodes.iter().map(JsValue::from).collect();
            let edges: Array = route.edges.iter().map(edge_ref).collect();
            let weights: Array = route.weights.into_iter().map(JsValue::from).collect();
            object(&[
                ("nodes", nodes.into()),
                ("edges", edges.into()),
                ("weights", weights.into()),
                ("cost", route.cost.into()),
            ])
            .into()
        });
        Ok(answer("route", &route, found.stopped))
    }

    /// Some nodes with what is around them, as `{ nodes, edges, stopped, complete }`.
    pub fn subgraph(&self, ids: Vec<String>, options: &JsValue) -> Outcome<Object> {
        let walk = walk(options, Walk { depth: 1, ..Walk::default() })?;
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let found = self.reading()?.subgraph(&ids, &walk)?;
        let mut keys = Keys::default();
        let nodes = convert::list(&found.nodes, &mut keys, convert::node);
        let part = answer("nodes", &nodes, found.stopped);
        set(&part, &"edges".into(), &convert::list(&found.edges, &mut keys, convert::edge));
        Ok(part)
    }

    /// Which nodes hang together, as `{ components, stopped, complete }`.
    pub fn components(&self, options: &JsValue) -> Outcome<Object> {
        let found = self.reading()?.components(&walk(options, Walk::whole())?)?;
        let components: Array = found
            .components
            .iter()
            .map(|ids| ids.iter().map(JsValue::from).collect::<Array>())
            .collect();
        Ok(answer("components", &components, found.stopped))
    }

    /// The ranks of nodes, as `{ ranks, iterations, converged, stopped, complete }`.
    pub fn pagerank(&self, options: &JsValue) -> Outcome<Object> {
        let mut question =
            RankOptions { walk: walk(options, Walk::whole())?, ..RankOptions::default() };
        if let Some(damping) = number(options, "damping")? {
            question.rank.damping = damping;
        }
        let found = self.reading()?.pagerank(&question)?;
        let ranks: Array = found
            .ranks
            .iter()
            .map(|(id, rank)| object(&[("id", id.into()), ("rank", (*rank).into())]))
            .collect();
        let ranks = answer("ranks", &ranks, found.stopped);
        set(&ranks, &"iterations".into(), &found.iterations.into());
        set(&ranks, &"converged".into(), &found.converged.into());
        Ok(ranks)
    }
}

/// The options of a walk, over those that hold where nothing is said.
fn walk(options: &JsValue, default: Walk) -> Outcome<Walk> {
    let mut walk = default;
    if let Some(direction) = text(options, "direction")? {
        walk.direction = direction.parse()?;
    }
    walk.labels = texts(options, "labels")?;
    walk.types = texts(options, "types")?;
    walk.filter = text(options, "where")?;
    if let Some(depth) = whole(options, "depth")? {
        walk.depth = u32::try_from(depth).unwrap_or(u32::MAX);
    }
    if let Some(nodes) = whole(options, "maxNodes")? {
        walk.limits.nodes = nodes;
    }
    if let Some(edges) = whole(options, "maxEdges")? {
        walk.limits.edges = edges;
    }
    Ok(walk)
}

/// An option; `None` where it is not there.
fn option(options: &JsValue, name: &str) -> Outcome<Option<JsValue>> {
    if options.is_undefined() || options.is_null() {
        return Ok(None);
    }
    let value =
        Reflect::get(options, &name.into()).map_err(|_| bad("options", options, "an object"))?;
    Ok(Some(value).filter(|value| !value.is_undefined() && !value.is_null()))
}

fn text(options: &JsValue, name: &str) -> Outcome<Option<String>> {
    let Some(value) = option(options, name)? else {
        return Ok(None);
    };
    convert::string(&value).map(Some).ok_or_else(|| bad(name, &value, "a text"))
}

/// A text or an array of texts.
fn texts(options: &JsValue, name: &str) -> Outcome<Vec<String>> {
    let Some(value) = option(options, name)? else {
        return Ok(Vec::new());
    };
    if let Some(text) = convert::string(&value) {
        return Ok(vec![text]);
    }
    let texts: Option<Vec<String>> = value
        .dyn_ref::<Array>()
        .and_then(|values| values.iter().map(|value| convert::string(&value)).collect());
    texts.ok_or_else(|| bad(name, &value, "a text or an array of texts"))
}

fn number(options: &JsValue, name: &str) -> Outcome<Option<f64>> {
    let Some(value) = option(options, name)? else {
        return Ok(None);
    };
    value.as_f64().map(Some).ok_or_else(|| bad(name, &value, "a number"))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it was looked at; what is beyond the largest count is no limit"
)]
fn whole(options: &JsValue, name: &str) -> Outcome<Option<usize>> {
    let Some(count) = number(options, name)? else {
        return Ok(None);
    };
    if count.is_nan() || count < 0.0 || (count.is_finite() && count.fract() != 0.0) {
        return Err(bad(name, &count.into(), "a whole number that is not negative, or Infinity"));
    }
    Ok(Some(count as usize))
}

fn bad(name: &str, value: &JsValue, wanted: &str) -> Fault {
    let found = match value.as_f64() {
        Some(number) => number.to_string(),
        None => convert::describe(value),
    };
    Fault::new("bad-option", format!("{name}: expected {wanted}, found {found}"))
}

/// An answer with the limit that was reached.
fn answer(name: &str, value: &JsValue, stopped: Option<Bound>) -> Object {
    let bound = stopped.map_or(JsValue::NULL, |bound| bound.to_string().into());
    object(&[(name, value.clone()), ("complete", stopped.is_none().into()), ("stopped", bound)])
}

fn neighbour(next: &Neighbour) -> Object {
    let direction = if next.direction == Direction::In { "in" } else { "out" };
    object(&[
        ("id", next.id.as_str().into()),
        ("label", next.label.as_str().into()),
        ("key", next.key.as_str().into()),
        ("direction", direction.into()),
    ])
}

fn edge_ref(edge: &EdgeRef) -> Object {
    object(&[
        ("source", edge.source.as_str().into()),
        ("label", edge.label.as_str().into()),
        ("target", edge.target.as_str().into()),
        ("key", edge.key.as_str().into()),
    ])
}

fn object(fields: &[(&str, JsValue)]) -> Object {
    let object = Object::new();
    for (name, value) in fields {
        set(&object, &(*name).into(), value);
    }
    object
}
