//! `search`: nodes by the words in them.

use crate::args::Search;
use crate::failure::Outcome;
use crate::output::{JsonArray, NodeJson, Output, Table};
use pluresdb::SqlValue;

pub(crate) fn run(args: &Search, output: &mut Output) -> Outcome {
    let database = super::open(&args.file)?;
    let hits = database.search(&args.text, args.kind.as_deref(), args.limit)?;
    if output.is_json() {
        let nodes = hits.iter().map(|hit| NodeJson::scored(&hit.node, hit.score));
        return JsonArray::write(output.writer(), nodes);
    }
    let mut table = Table::new(output, ["id", "type", "score", "data"]);
    for hit in &hits {
        let row = vec![
            Table::text(&hit.node.id),
            Table::text(&hit.node.kind),
            Table::value(&SqlValue::Real((hit.score * 100.0).round() / 100.0)),
            Table::object(&hit.node.data),
        ];
        table.push(output, row)?;
    }
    table.end(output)
}
