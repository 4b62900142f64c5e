//! `delete`: a node and, with it, its edges.

use crate::args::Delete;
use crate::failure::{Failure, Outcome};
use crate::output::Output;
use serde_json::json;

pub(crate) fn run(args: &Delete, output: &mut Output) -> Outcome {
    if !super::open(&args.file)?.delete(&args.id)? {
        return Err(Failure::no_node(&args.id));
    }
    output.done(&json!({ "id": args.id, "deleted": true }), format_args!("Deleted {}", args.id))
}
