//! `sync`: stub.
use crate::args::Sync;
use crate::failure::{Failure, Outcome};
use crate::output::Output;
pub(crate) fn run(_: Sync, _: &mut Output) -> Outcome {
    Err(Failure::usage("later"))
}
