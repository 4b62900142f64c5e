//! `patch`: some fields of a node.

use crate::args::Patch;
use crate::failure::Outcome;
use crate::output::Output;
use crate::words::Fields;
use serde_json::json;

pub(crate) fn run(args: Patch, output: &mut Output) -> Outcome {
    let patch = Fields::from(args.data).patch(&args.remove)?;
    super::open(&args.file)?.patch(&args.id, patch)?;
    output.done(&json!({ "id": args.id }), format_args!("Changed {}", args.id))
}
