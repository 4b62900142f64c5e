//! `components`, `pagerank`: what the whole graph tells.

use super::say_stopped;
use crate::args::graph::{Components, Pagerank, Part};
use crate::commands::open;
use crate::failure::Outcome;
use crate::output::{Output, Table};
use pluresdb::{RankOptions, SqlValue, Walk};
use serde_json::json;

/// How many ids of a component are shown.
const SHOWN: usize = 5;

pub(super) fn components(args: Components, output: &mut Output) -> Outcome {
    let found = open(&args.file)?.components(&whole(args.part))?;
    if output.is_json() {
        let stopped = found.stopped.map(|bound| bound.to_string());
        return output.json(&json!({
            "complete": stopped.is_none(), "stopped": stopped, "components": found.components
        }));
    }
    let mut table = Table::new(output, ["component", "nodes", "ids"]);
    for (number, ids) in (1..).zip(found.components.iter().take(args.limit)) {
        let mut shown = ids.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
        if ids.len() > SHOWN {
            shown.push_str(", ...");
        }
        let row = [SqlValue::Int(number), SqlValue::Int(ids.len() as i64), SqlValue::Text(shown)];
        table.push(output, row.iter().map(Table::value).collect())?;
    }
    table.end(output)?;
    if found.components.len() > args.limit {
        let more = found.components.len() - args.limit;
        output.remark(format_args!("and {more} more; --limit shows them"))?;
    }
    say_stopped(found.stopped, output)
}

pub(super) fn pagerank(args: Pagerank, output: &mut Output) -> Outcome {
    let mut options = RankOptions { walk: whole(args.part), ..RankOptions::default() };
    options.rank.damping = args.damping;
    let mut found = open(&args.file)?.pagerank(&options)?;
    found.ranks.truncate(args.limit);
    if output.is_json() {
        let stopped = found.stopped.map(|bound| bound.to_string());
        let ranks: Vec<_> =
            found.ranks.iter().map(|(id, rank)| json!({ "id": id, "rank": rank })).collect();
        return output.json(&json!({
            "complete": stopped.is_none(), "stopped": stopped,
            "converged": found.converged, "iterations": found.iterations, "ranks": ranks
        }));
    }
    let mut table = Table::new(output, ["rank", "id"]);
    for (id, rank) in found.ranks {
        let row = [SqlValue::Real(rank), SqlValue::Text(id)];
        table.push(output, row.iter().map(Table::value).collect())?;
    }
    table.end(output)?;
    if !found.converged {
        output
            .remark(format_args!("after {} iterations the ranks still change", found.iterations))?;
    }
    say_stopped(found.stopped, output)
}

fn whole(part: Part) -> Walk {
    let Part { labels, types, filter } = part;
    Walk { labels, types, filter, ..Walk::whole() }
}
