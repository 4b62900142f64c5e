//! `unlink`: removes an edge.

use crate::args::Unlink;
use crate::failure::{Failure, Outcome};
use crate::output::Output;
use pluresdb::EdgeRef;
use serde_json::json;

pub(crate) fn run(args: Unlink, output: &mut Output) -> Outcome {
    let place = EdgeRef::from(args.edge);
    let edge = place.clone();
    let words = format!("{} {} {}", edge.source, edge.label, edge.target);
    if !super::open(&args.file)?.transaction(|tx| tx.unlink_as(place))? {
        return Err(Failure::NotFound(format!(
            "there is no edge {words}; `pluresdb edges` shows what there is"
        )));
    }
    output.done(
        &json!({
            "source": edge.source, "label": edge.label, "target": edge.target, "key": edge.key,
            "deleted": true,
        }),
        format_args!("Unlinked {words}"),
    )
}
