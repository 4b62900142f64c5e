//! What is asked about the graph: one file for what starts at a node, one for the whole.

mod local;
mod whole;

use crate::args::graph::{Graph, Most, Part, Way};
use crate::failure::Outcome;
use crate::output::Output;
use pluresdb::{Bound, Limits, Walk};

pub(crate) fn run(command: Graph, output: &mut Output) -> Outcome {
    match command {
        Graph::Neighbours(args) => local::neighbours(args, output),
        Graph::Traverse(args) => local::traverse(args, output),
        Graph::Path(args) => local::path(args, output),
        Graph::Subgraph(args) => local::subgraph(args, output),
        Graph::Components(args) => whole::components(args, output),
        Graph::Pagerank(args) => whole::pagerank(args, output),
    }
}

/// What the words mean.
fn walk(part: Part, way: &Way, depth: Option<u32>, most: &Most) -> Walk {
    let Part { labels, types, filter } = part;
    let depth = depth.unwrap_or(u32::MAX);
    let limits = Limits { nodes: most.max_nodes, edges: most.max_edges };
    Walk { direction: way.direction, labels, types, filter, depth, limits }
}

/// Says that an answer is not whole.
fn say_stopped(stopped: Option<Bound>, output: &mut Output) -> Outcome {
    match stopped {
        None => Ok(()),
        Some(bound) => output.remark(format_args!(
            "this is not all: the limit of {bound} was reached (--max-{bound} raises it)"
        )),
    }
}
