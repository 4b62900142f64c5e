//! Measures the published crate on the same data and prints the figures as JSON.
//!
//! Usage: `pluresdb-bench-published NODES [quick]`

use pluresdb_bench_common::{Dataset, Node, Plan, Random, median, timed};
use pluresdb_core::{CrdtOperation, CrdtStore};
use serde_json::{Value, json};
use std::hint::black_box;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let count = arguments.next().and_then(|nodes| nodes.parse().ok()).unwrap_or(100_000);
    let plan = if arguments.next().is_some() { Plan::QUICK } else { Plan::FULL };

    let data = Dataset::new(count);
    let mut store = CrdtStore::default();
    let mut loads = Vec::new();
    for _ in 0..3 {
        store = CrdtStore::default();
        let nodes = data.nodes.clone();
        let (seconds, ()) = timed(|| nodes.into_iter().for_each(|node| put(&store, node)));
        loads.push(seconds / count as f64);
    }

    let mut random = Random::new(1);
    let (mut gets, mut puts, mut edits, mut creates) = (vec![], vec![], vec![], vec![]);
    for round in 0..=plan.rounds as u64 {
        let ids: Vec<String> = (0..plan.calls).map(|_| Node::id_of(random.below(count))).collect();
        let (seconds, ()) = timed(|| ids.iter().for_each(|id| drop(black_box(store.get(id)))));
        gets.push(seconds / ids.len() as f64);

        let fresh = count + round * 2 * plan.calls as u64;
        let nodes: Vec<Node> = (fresh..fresh + plan.calls as u64).map(Node::number).collect();
        let (seconds, ()) = timed(|| nodes.into_iter().for_each(|node| put(&store, node)));
        puts.push(seconds / plan.calls as f64);

        let edited = (0..plan.calls).map(|_| Node::number(random.below(count)).edited(2));
        let operations: Vec<CrdtOperation> = edited.map(operation).collect();
        edits.push(merge(&store, operations));

        let fresh = fresh + plan.calls as u64;
        let nodes = (fresh..fresh + plan.calls as u64).map(Node::number);
        creates.push(merge(&store, nodes.map(operation).collect()));
    }
    // The first round does not count.
    let figure = |values: &[f64]| median(values.get(1..).unwrap_or_default());
    let figures = json!({
        "load": median(&loads),
        "get": figure(&gets),
        "put_memory": figure(&puts),
        "merge_edits": figure(&edits),
        "merge_creates": figure(&creates),
    });
    println!("{figures}");
}

fn put(store: &CrdtStore, node: Node) {
    black_box(store.put(node.id, "here", Value::Object(node.data)));
}

fn operation(node: Node) -> CrdtOperation {
    CrdtOperation::Put { id: node.id, actor: "there".into(), data: Value::Object(node.data) }
}

fn merge(store: &CrdtStore, operations: Vec<CrdtOperation>) -> f64 {
    let count = operations.len() as f64;
    let (seconds, result) =
        timed(|| operations.into_iter().try_for_each(|operation| store.apply(operation).map(drop)));
    if let Err(error) = result {
        panic!("a put cannot fail: {error}");
    }
    seconds / count
}
