//! The command line as its users run it: a process with words, input, output and an exit code.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod asked;
mod check;
mod edges;
mod embed;
mod export;
mod fields;
mod files;
mod graph;
mod history;
mod import;
mod manual;
mod nearest;
mod nodes;
mod query;
mod relay;
mod serve;
mod support;
mod sync;
mod tools;
mod types;
mod watch;
mod words;
