//! What a command prints. Everything goes through one buffered writer, so that a reader who goes
//! away is noticed in one place, and through one decision on form and colour.

mod csv;
mod json;
mod plain;
mod progress;
mod table;

pub(crate) use csv::write_csv;
pub(crate) use json::{EdgeJson, HitJson, JsonArray, JsonRow, NodeJson, column_keys};
pub(crate) use plain::{counted, grouped, printable};
pub(crate) use progress::Progress;
pub(crate) use table::Table;

use crate::failure::{Failure, Outcome};
use serde::Serialize;
use std::fmt;
use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};

/// Standard output and how to use it.
#[derive(Debug)]
pub(crate) struct Output {
    out: BufWriter<StdoutLock<'static>>,
    json: bool,
    quiet: bool,
    terminal: bool,
}

impl Output {
    pub(crate) fn new(json: bool, quiet: bool) -> Self {
        let out = io::stdout().lock();
        Self {
            terminal: out.is_terminal(),
            out: BufWriter::with_capacity(64 * 1024, out),
            json,
            quiet,
        }
    }

    /// Whether the result is to be JSON.
    pub(crate) const fn is_json(&self) -> bool {
        self.json
    }

    /// Whether standard output is a terminal.
    pub(crate) const fn is_terminal(&self) -> bool {
        self.terminal
    }

    /// Whether the user wants nothing but the result.
    pub(crate) const fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Whether to style what is printed: on a terminal, unless the user asked for none.
    pub(crate) fn is_coloured(&self) -> bool {
        self.terminal && self.may_colour()
    }

    /// Whether the user lets a terminal show colours.
    pub(crate) fn may_colour(&self) -> bool {
        let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        !unwanted && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
    }

    /// Whether progress on standard error is welcome.
    pub(crate) fn shows_progress(&self) -> bool {
        !self.json && !self.quiet && io::stderr().is_terminal()
    }

    /// The writer, for what is printed piece by piece.
    pub(crate) fn writer(&mut self) -> &mut impl Write {
        &mut self.out
    }

    /// What was done: the value as JSON, or the sentence unless the user wants quiet.
    pub(crate) fn done(&mut self, value: &impl Serialize, sentence: fmt::Arguments<'_>) -> Outcome {
        if self.json {
            return self.json(value);
        }
        if self.quiet {
            return Ok(());
        }
        writeln!(self.out, "{sentence}").map_err(Failure::Output)
    }

    /// A value as one line of JSON.
    pub(crate) fn json(&mut self, value: &impl Serialize) -> Outcome {
        serde_json::to_writer(&mut self.out, value)
            .map_err(io::Error::from)
            .and_then(|()| self.out.write_all(b"\n"))
            .map_err(Failure::Output)
    }

    /// A line for people.
    pub(crate) fn line(&mut self, line: fmt::Arguments<'_>) -> Outcome {
        writeln!(self.out, "{line}").map_err(Failure::Output)
    }

    /// A remark beside the result, on standard error.
    pub(crate) fn remark(&mut self, remark: fmt::Arguments<'_>) -> Outcome {
        if !self.quiet && !self.json {
            self.flush()?;
            // A remark that nobody can read is no reason to fail.
            let _ = writeln!(io::stderr().lock(), "{remark}");
        }
        Ok(())
    }

    /// Hands on what was printed so far.
    pub(crate) fn flush(&mut self) -> Outcome {
        self.out.flush().map_err(Failure::Output)
    }

    /// The end of the output.
    pub(crate) fn finish(&mut self) -> Outcome {
        self.flush()
    }
}
