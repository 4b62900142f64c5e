//! `serve`: stub.
use crate::args::Serve;
use crate::failure::{Failure, Outcome};
use crate::output::Output;
pub(crate) fn run(_: Serve, _: &mut Output) -> Outcome {
    Err(Failure::usage("later"))
}
