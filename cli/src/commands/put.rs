//! `put`: a whole node.

use crate::args::Put;
use crate::failure::Outcome;
use crate::output::Output;
use crate::words::Fields;
use serde_json::json;

pub(crate) fn run(args: Put, output: &mut Output) -> Outcome {
    // The words are read before the file is opened: a fault in them touches nothing.
    let data = Fields::from(args.data).object()?;
    super::open(&args.file)?.put(&args.id, &args.kind, data)?;
    output.done(&json!({ "id": args.id, "type": args.kind }), format_args!("Wrote {}", args.id))
}
