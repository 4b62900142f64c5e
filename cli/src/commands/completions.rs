//! `completions`: what a shell needs to complete our words.

use crate::args::{Args, Completions};
use crate::failure::Outcome;
use crate::output::Output;
use clap::CommandFactory;

pub(crate) fn run(args: &Completions, output: &mut Output) -> Outcome {
    // Into memory first: the generator panics where a writer fails.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "pluresdb", &mut script);
    output.line(format_args!("{}", String::from_utf8_lossy(&script).trim_end()))
}
