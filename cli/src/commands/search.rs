//! `search`: nodes by the words in them.

use crate::args::Search;
use crate::failure::Outcome;
use crate::output::{JsonArray, NodeJson, Output, Table};

pub(crate) fn run(args: &Search, output: &mut Output) -> Outcome {
    let database = super::open(&args.file)?;
    let hits = database.search(&args.text, args.kind.as_deref(), args.limit)?;
    if output.is_json() {
        let nodes = hits.iter().map(|hit| NodeJson::scored(&hit.node, hit.score));
        return JsonArray::write(output.writer(), nodes);
    }
    let mut table = Table::new(output, ["id", "type", "data"]);
    for hit in &hits {
        let row = vec![
            Table::text(&hit.node.id),
            Table::text(&hit.node.kind),
            Table::object(&hit.node.data),
        ];
        table.push(output, row)?;
    }
    table.end(output)
}
