//! `set`: puts values into a set, or takes them out.

use super::field_value;
use crate::args::{Set, SetChange};
use crate::failure::Outcome;
use crate::output::{Output, printable};
use crate::words::{dotted, value};
use pluresdb::Value;
use serde_json::json;

pub(crate) fn run(args: Set, output: &mut Output) -> Outcome {
    let (words, adds) = match args.change {
        SetChange::Add(words) => (words, true),
        SetChange::Remove(words) => (words, false),
    };
    let field = dotted(&words.field)?;
    let values: Vec<Value> = words.values.into_iter().map(|word| value(word, words.text)).collect();
    let id = &words.id;
    let held = super::open(&words.file)?.transaction(|tx| {
        match adds {
            true => tx.add_to_set(id, &field, &values)?,
            false => tx.remove_from_set(id, &field, &values)?,
        }
        field_value(tx, id, &field)
    })?;
    output.done(&json!({ "id": id, "value": held }), format_args!("Changed {}", printable(id)))
}
