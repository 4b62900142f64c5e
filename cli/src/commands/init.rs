//! `init`: a new database file.

use crate::args::Init;
use crate::failure::Outcome;
use crate::output::Output;
use pluresdb::{Database, Options};
use serde_json::json;

pub(crate) fn run(args: Init, output: &mut Output) -> Outcome {
    let options = Options { space: args.space, text_index: !args.no_text_index };
    let database = Database::create(&args.file, options)?;
    let (file, space) = (args.file.display().to_string(), database.space().to_string());
    output.done(
        &json!({ "file": file, "space": space, "text_index": options.text_index }),
        format_args!("Created {file}, space {space}"),
    )
}
