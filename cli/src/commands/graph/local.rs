//! `neighbours`, `traverse`, `path`, `subgraph`: what starts at a node.

use super::{say_stopped, walk};
use crate::args::graph::{Most, Neighbours, PathWords, Subgraph, Traverse};
use crate::commands::open;
use crate::failure::{Failure, Outcome};
use crate::output::{EdgeJson, NodeJson, Output, Table};
use pluresdb::{Direction, EdgeRef, Limits, SqlValue, Weight};
use serde_json::json;

pub(super) fn neighbours(args: Neighbours, output: &mut Output) -> Outcome {
    let most = Most { max_nodes: args.limit, max_edges: Limits::default().edges };
    let walk = walk(args.part, &args.way, None, &most);
    let found = open(&args.file)?.neighbours(&args.id, &walk)?;
    if output.is_json() {
        let neighbours: Vec<_> = found
            .neighbours
            .iter()
            .map(|next| {
                json!({ "id": next.id, "label": next.label, "key": next.key,
                        "direction": way(next.direction) })
            })
            .collect();
        let stopped = found.stopped.map(|bound| bound.to_string());
        return output.json(
            &json!({ "complete": stopped.is_none(), "stopped": stopped, "neighbours": neighbours }),
        );
    }
    let mut table = Table::new(output, ["direction", "label", "id", "key"]);
    for next in &found.neighbours {
        let row = [way(next.direction), &next.label, &next.id, &next.key];
        table.push(output, row.into_iter().map(Table::text).collect())?;
    }
    table.end(output)?;
    if found.stopped.is_some() {
        output.remark(format_args!("there are more; --limit raises how many are shown"))?;
    }
    Ok(())
}

pub(super) fn traverse(args: Traverse, output: &mut Output) -> Outcome {
    let walk = walk(args.part, &args.way, args.depth, &args.most);
    let found = open(&args.file)?.traverse(&args.id, &walk)?;
    if output.is_json() {
        let nodes: Vec<_> = found
            .nodes
            .iter()
            .enumerate()
            .map(|(place, node)| {
                json!({ "id": node.id, "depth": node.depth, "path": found.path(place),
                        "label": node.from.as_ref().map(|(_, edge)| &edge.label) })
            })
            .collect();
        let stopped = found.stopped.map(|bound| bound.to_string());
        return output
            .json(&json!({ "complete": stopped.is_none(), "stopped": stopped, "nodes": nodes }));
    }
    let mut table = Table::new(output, ["depth", "id", "by"]);
    for (place, node) in found.nodes.iter().enumerate() {
        let path = found.path(place).join(" > ");
        let depth = Table::value(&SqlValue::Int(node.depth.into()));
        table.push(output, vec![depth, Table::text(&node.id), Table::text(&path)])?;
    }
    table.end(output)?;
    say_stopped(found.stopped, output)
}

pub(super) fn path(args: PathWords, output: &mut Output) -> Outcome {
    let weight = args.weight.map(|field| Weight { field, default: args.default_weight });
    let walk = walk(args.part, &args.way, args.depth, &args.most);
    let found = open(&args.file)?.shortest_path(&args.start, &args.end, &walk, weight.as_ref())?;
    let Some(route) = found.route else {
        let message = match found.stopped {
            None => format!("there is no way from {:?} to {:?}", args.start, args.end),
            Some(bound) => format!(
                "no way from {:?} to {:?} was found before the limit of {bound}; \
                 --max-{bound} raises it",
                args.start, args.end
            ),
        };
        return Err(Failure::NotFound(message));
    };
    if output.is_json() {
        let edges: Vec<_> = route.edges.iter().map(edge_json).collect();
        return output.json(&json!({
            "nodes": route.nodes, "edges": edges, "weights": route.weights, "cost": route.cost
        }));
    }
    let mut cost = 0.0;
    let mut table = Table::new(output, ["step", "id", "label", "cost"]);
    let steps = route.edges.iter().map(|edge| edge.label.as_str()).zip(&route.weights);
    let steps = std::iter::once(("", &0.0)).chain(steps);
    for ((step, id), (label, weight)) in (0..).zip(&route.nodes).zip(steps) {
        cost += weight;
        let (step, cost) = (SqlValue::Int(step), SqlValue::Real(cost));
        let row =
            vec![Table::value(&step), Table::text(id), Table::text(label), Table::value(&cost)];
        table.push(output, row)?;
    }
    table.end(output)
}

pub(super) fn subgraph(args: Subgraph, output: &mut Output) -> Outcome {
    let walk = walk(args.part, &args.way, Some(args.depth), &args.most);
    let ids: Vec<&str> = args.ids.iter().map(String::as_str).collect();
    let found = open(&args.file)?.subgraph(&ids, &walk)?;
    if output.is_json() {
        let nodes: Vec<_> = found.nodes.iter().map(NodeJson::from).collect();
        let edges: Vec<_> = found.edges.iter().map(EdgeJson::from).collect();
        let stopped = found.stopped.map(|bound| bound.to_string());
        return output.json(&json!({
            "complete": stopped.is_none(), "stopped": stopped, "nodes": nodes, "edges": edges
        }));
    }
    let mut nodes = Table::new(output, ["id", "type", "data"]);
    for node in &found.nodes {
        let row = vec![Table::text(&node.id), Table::text(&node.kind), Table::object(&node.data)];
        nodes.push(output, row)?;
    }
    nodes.end(output)?;
    let mut edges = Table::new(output, ["source", "label", "target", "data"]);
    for edge in &found.edges {
        let mut row: Vec<_> = [&edge.source, &edge.label, &edge.target]
            .into_iter()
            .map(|text| Table::text(text))
            .collect();
        row.push(Table::object(&edge.data));
        edges.push(output, row)?;
    }
    edges.end(output)?;
    say_stopped(found.stopped, output)
}

fn edge_json(edge: &EdgeRef) -> serde_json::Value {
    json!({ "source": edge.source, "label": edge.label, "target": edge.target, "key": edge.key })
}

const fn way(direction: Direction) -> &'static str {
    match direction {
        Direction::In => "in",
        Direction::Out | Direction::Both => "out",
    }
}
