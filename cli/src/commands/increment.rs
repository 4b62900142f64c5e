//! `increment`: adds to a counter.

use super::field_value;
use crate::args::Increment;
use crate::failure::Outcome;
use crate::output::{Output, printable};
use crate::words::dotted;
use serde_json::json;

pub(crate) fn run(args: &Increment, output: &mut Output) -> Outcome {
    let field = dotted(&args.field)?;
    let value = super::open(&args.file)?.transaction(|tx| {
        tx.increment(&args.id, &field, args.by)?;
        field_value(tx, &args.id, &field)
    })?;
    let number = serde_json::to_string(&value).unwrap_or_default();
    output.done(
        &json!({ "id": args.id, "value": value }),
        format_args!("{} of {} is {number}", printable(&args.field), printable(&args.id)),
    )
}
