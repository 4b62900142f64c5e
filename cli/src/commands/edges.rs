//! `edges`: what a node is linked with.

use crate::args::Edges;
use crate::failure::{Failure, Outcome};
use crate::output::{EdgeJson, JsonArray, Output, Table};
use pluresdb::{Database, Direction, Edge};

pub(crate) fn run(args: &Edges, output: &mut Output) -> Outcome {
    let database = super::open(&args.file)?;
    if database.get(&args.id)?.is_none() {
        return Err(Failure::no_node(&args.id));
    }
    let edges = find(&database, args)?;
    if output.is_json() {
        return JsonArray::write(output.writer(), edges.iter().map(EdgeJson::from));
    }
    let mut table = Table::new(output, ["source", "label", "target", "key", "data"]);
    for edge in &edges {
        let row = vec![
            Table::text(&edge.source),
            Table::text(&edge.label),
            Table::text(&edge.target),
            Table::text(&edge.key),
            Table::object(&edge.data),
        ];
        table.push(output, row)?;
    }
    table.end(output)
}

fn find(database: &Database, args: &Edges) -> Outcome<Vec<Edge>> {
    let of = |direction| database.edges(&args.id, direction, args.label.as_deref(), args.limit);
    let mut edges = Vec::new();
    if !args.entering {
        edges.extend(of(Direction::Out)?);
    }
    if !args.leaving {
        // An edge from a node to itself leaves and enters it, and is shown once.
        let both = !args.entering;
        let entering = of(Direction::In)?.into_iter();
        edges.extend(entering.filter(|edge| !both || edge.source != edge.target));
    }
    Ok(edges)
}
