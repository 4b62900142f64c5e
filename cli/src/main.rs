//! `pluresdb`: PluresDB on the command line.
//!
//! This file reads the words, hands them to a command and turns its outcome into an exit code.
//! Each command is a file in `commands`; what is printed goes through `output`.

mod args;
mod commands;
mod embedder;
mod failure;
mod interrupt;
mod output;
mod time;
mod words;

use args::Args;
use clap::Parser;
use clap::error::ErrorKind;
use failure::Failure;
use output::Output;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => return unreadable(&error),
    };
    let mut output = Output::new(args.json, args.quiet);
    let outcome = commands::run(args.command, &mut output);
    let outcome = outcome.and_then(|()| output.finish());
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // What was printed before the fault stays readable.
            let _ = output.finish();
            if !failure.is_closed_pipe() {
                failure.print(args.json);
            }
            ExitCode::from(failure.exit_code())
        }
    }
}

/// Help, the version, or words that make no command.
fn unreadable(error: &clap::Error) -> ExitCode {
    let told = matches!(
        error.kind(),
        ErrorKind::DisplayHelp
            | ErrorKind::DisplayVersion
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    );
    // The words were not read, so the flag is looked for by hand.
    if !told && std::env::args_os().any(|word| word == "--json") {
        let words = error.render().to_string();
        let failure = Failure::usage(words.trim_start_matches("error: ").trim_end());
        failure.print(true);
        return ExitCode::from(failure.exit_code());
    }
    let _ = error.print();
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}
