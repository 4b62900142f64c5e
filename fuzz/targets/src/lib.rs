//! What fuzzing runs: one function for each reader of bytes from outside.
//!
//! A target takes any bytes and panics when a promise is broken: a reader gives a value or an
//! error, in memory bounded by its input and the limits of the model; what it read, written and
//! read again, is the same. The libFuzzer program and the replay in `cargo nextest` call the same
//! functions, so what fuzzing found once is run on every change.

mod apply;
mod entity;
mod frame;
mod image;
mod lines;
mod manifest;
mod memory;
mod model;
mod record;
mod seeds;
mod segment;
mod sql;
mod update;
mod value;
mod wal;

/// One reader and its promises.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Its folder in `fuzz/corpus`.
    pub name: &'static str,
    /// Runs one input; true where the reader took it.
    pub run: fn(&[u8]) -> bool,
    /// Inputs that the reader takes, each made by the encoder and named for what it is.
    pub seeds: fn() -> Vec<(&'static str, Vec<u8>)>,
}

/// Every target, by name.
pub const TARGETS: &[Target] = &[
    Target { name: "apply", run: apply::run, seeds: apply::seeds },
    Target { name: "cursor", run: frame::run_cursor, seeds: frame::cursor_seeds },
    Target { name: "entity", run: entity::run, seeds: entity::seeds },
    Target { name: "frame", run: frame::run, seeds: frame::seeds },
    Target { name: "header", run: record::run_header, seeds: record::seeds },
    Target { name: "image", run: image::run, seeds: image::seeds },
    Target { name: "lines", run: lines::run, seeds: lines::seeds },
    Target { name: "manifest", run: manifest::run, seeds: manifest::seeds },
    Target { name: "model", run: model::run, seeds: model::seeds },
    Target { name: "parts", run: record::run_parts, seeds: record::parts_seeds },
    Target { name: "record", run: record::run, seeds: record::seeds },
    Target { name: "segment", run: segment::run, seeds: segment::seeds },
    Target { name: "sql", run: sql::run, seeds: sql::seeds },
    Target { name: "update", run: update::run, seeds: update::seeds },
    Target { name: "value", run: value::run, seeds: value::seeds },
    Target { name: "wal", run: wal::run, seeds: wal::seeds },
];
