//! `link`: an edge between two nodes.

use crate::args::Link;
use crate::failure::Outcome;
use crate::output::{EdgeJson, Output};
use crate::words::Fields;
use pluresdb::{Edge, EdgeRef};

pub(crate) fn run(args: Link, output: &mut Output) -> Outcome {
    let data = Fields::from(args.data).object()?;
    let place = EdgeRef::from(args.edge);
    let edge = Edge {
        source: place.source.clone(),
        label: place.label.clone(),
        target: place.target.clone(),
        key: place.key.clone(),
        data: data.clone(),
    };
    super::open(&args.file)?.transaction(|tx| tx.link_as(place, data))?;
    output.done(
        &EdgeJson::from(&edge),
        format_args!("Linked {} {} {}", edge.source, edge.label, edge.target),
    )
}
