//! `list`: nodes in the order of their ids.

use crate::args::List;
use crate::failure::Outcome;
use crate::output::{JsonArray, NodeJson, Output, Table};

pub(crate) fn run(args: &List, output: &mut Output) -> Outcome {
    let database = super::open(&args.file)?;
    let nodes = database.list(args.kind.as_deref(), args.after.as_deref(), args.limit)?;
    if output.is_json() {
        return JsonArray::write(output.writer(), nodes.iter().map(NodeJson::from));
    }
    let mut table = Table::new(output, ["id", "type", "data"]);
    for node in &nodes {
        let row = vec![Table::text(&node.id), Table::text(&node.kind), Table::object(&node.data)];
        table.push(output, row)?;
    }
    table.end(output)?;
    match nodes.last() {
        Some(last) if nodes.len() == args.limit => output
            .remark(format_args!("The first {}; go on with --after {:?}", args.limit, last.id)),
        _ => Ok(()),
    }
}
