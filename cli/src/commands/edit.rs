//! `edit`: a change inside a text or a list.

use super::field_value;
use crate::args::Edit;
use crate::failure::{Failure, Outcome};
use crate::output::{Output, printable};
use crate::words::{dotted, value};
use pluresdb::{ListEdit, TextEdit, Value};
use serde_json::json;

pub(crate) fn run(args: Edit, output: &mut Output) -> Outcome {
    if args.remove == 0 && args.insert.is_empty() {
        return Err(Failure::usage("nothing to change; give --insert or --remove"));
    }
    let field = dotted(&args.field)?;
    let (id, remove) = (&args.id, args.remove);
    let words = args.insert;
    let held = super::open(&args.file)?.transaction(|tx| {
        let at = match args.at {
            Some(at) => at,
            None => length(&field_value(tx, id, &field)?).saturating_sub(remove),
        };
        if args.list {
            let insert = words.into_iter().map(|word| value(word, args.text)).collect();
            tx.edit_list(id, &field, &[ListEdit { at, remove, insert }])?;
        } else {
            tx.edit_text(id, &field, &[TextEdit { at, remove, insert: words.concat() }])?;
        }
        field_value(tx, id, &field)
    })?;
    output.done(&json!({ "id": id, "value": held }), format_args!("Changed {}", printable(id)))
}

/// The place behind the last character or value.
fn length(held: &Value) -> u32 {
    let length = match held {
        Value::Text(text) => text.encode_utf16().count(),
        Value::Array(items) => items.len(),
        _ => 0,
    };
    u32::try_from(length).unwrap_or(u32::MAX)
}
