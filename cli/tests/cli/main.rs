//! The command line as its users run it: a process with words, input, output and an exit code.

mod edges;
mod export;
mod files;
mod import;
mod nodes;
mod query;
mod support;
mod tools;
mod words;
