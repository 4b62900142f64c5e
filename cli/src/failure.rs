//! Why a command failed: a stable code for programs, a sentence for people, and what may help.

use pluresdb::Error;
use serde::Serialize;
use std::io::{self, Write};

/// Something that went wrong.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The engine says no.
    Engine(Error),
    /// An import stopped at a faulty line; lines up to `kept` are in the file.
    Import {
        /// The fault.
        error: Error,
        /// The last line that was committed, 0 for none.
        kept: u64,
        /// The file.
        file: String,
    },
    /// Words or input that cannot be read.
    Usage(String),
    /// What was asked for is not there.
    NotFound(String),
    /// A file other than the database.
    File {
        /// What was done with which file.
        what: String,
        /// The system's reason.
        source: io::Error,
    },
    /// The reader of the output went away, or the output cannot be written.
    Output(io::Error),
    /// Ctrl-C; the sentence says how far it came.
    Interrupted(String),
    /// Something that has a code of its own.
    Other {
        /// The code.
        code: &'static str,
        /// The sentence.
        message: String,
        /// What may help.
        hint: Option<String>,
    },
}

/// A result of a command.
pub(crate) type Outcome<T = ()> = Result<T, Failure>;

const FAILED: u8 = 1;
const USAGE: u8 = 2;
const NOT_FOUND: u8 = 3;
const INTERRUPTED: u8 = 130;

impl Failure {
    /// Words that cannot be read.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::Usage(message.into())
    }

    /// A node that is not there.
    pub(crate) fn no_node(id: &str) -> Self {
        Error::NotFound { id: id.to_owned() }.into()
    }

    /// For `map_err` on input and output of files.
    pub(crate) fn file(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        |source| Self::File { what, source }
    }

    /// Whether the reader of the output went away, which is no fault: `pluresdb list db | head`.
    pub(crate) fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }

    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            _ if self.is_closed_pipe() => 0,
            Self::Usage(_)
            | Self::Engine(Error::Name(_) | Error::Field(_) | Error::Option { .. }) => USAGE,
            Self::NotFound(_) | Self::Engine(Error::NotFound { .. }) => NOT_FOUND,
            Self::Interrupted(_) => INTERRUPTED,
            _ => FAILED,
        }
    }

    /// Writes the failure to standard error.
    pub(crate) fn print(&self, json: bool) {
        let mut out = io::stderr().lock();
        // When standard error is gone as well, nobody is there to be told.
        let _ = if json {
            let report = serde_json::json!({ "error": self.report() });
            writeln!(out, "{report}")
        } else {
            self.print_words(&mut out)
        };
    }

    fn print_words(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "error: {}", self.message())?;
        if let Some(hint) = self.hint() {
            writeln!(out, "  hint: {hint}")?;
        }
        Ok(())
    }

    fn report(&self) -> Report {
        let (offset, line) = match self {
            Self::Engine(Error::Sql { offset, .. }) => (*offset, None),
            Self::Engine(Error::Script { line, source, .. }) => match **source {
                Error::Sql { offset, .. } => (offset, Some(*line as u64)),
                _ => (None, Some(*line as u64)),
            },
            Self::Import { error: Error::Import { line, .. }, .. } => (None, Some(*line)),
            _ => (None, None),
        };
        Report { code: self.code(), message: self.message(), hint: self.hint(), offset, line }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Engine(error) | Self::Import { error, .. } => error.code(),
            Self::Usage(_) => "usage",
            Self::NotFound(_) => "not-found",
            Self::File { .. } => "file",
            Self::Output(_) => "output",
            Self::Interrupted(_) => "interrupted",
            Self::Other { code, .. } => code,
        }
    }

    fn message(&self) -> String {
        match self {
            Self::Engine(error) | Self::Import { error, .. } => error.to_string(),
            Self::File { what, source } => format!("{what}: {source}"),
            Self::Output(source) => format!("the output cannot be written: {source}"),
            Self::Usage(message)
            | Self::NotFound(message)
            | Self::Interrupted(message)
            | Self::Other { message, .. } => message.clone(),
        }
    }

    fn hint(&self) -> Option<String> {
        let text = match self {
            Self::Import { error, kept, file } => import_hint(error, *kept, file),
            Self::Engine(error) => engine_hint(error)?.to_owned(),
            Self::Other { hint, .. } => hint.clone()?,
            _ => return None,
        };
        Some(text)
    }
}

/// What is in the file after an import that stopped, and what to do about the rest.
fn import_hint(error: &Error, kept: u64, file: &str) -> String {
    let is = match kept {
        0 => format!("nothing of it is in {file}"),
        kept => format!("lines 1 to {kept} are in {file}, later ones are not"),
    };
    // Any other failure has nothing to do with what the lines say.
    let first = match error {
        Error::Import { .. } => "Correct the line",
        _ => "Make room, or mend what failed",
    };
    format!("{is}. {first}, and import the whole again: what is in already is not written twice")
}

/// What a user of the command line may do, where the sentence does not say it already.
fn engine_hint(error: &Error) -> Option<&'static str> {
    Some(match error {
        Error::NoDatabase(_) => "`pluresdb init FILE` creates one",
        Error::Exists(_) => "open it with any other command, or choose another name",
        Error::NotADatabase(_) => "the file was not touched; check the path",
        Error::Busy => "it is held for longer than ten seconds; wait for the other one to end",
        Error::Forgotten { .. } => "`pluresdb history FILE ID` shows what is kept",
        Error::NotFound { .. } => "`pluresdb list FILE` and `pluresdb search FILE TEXT` show ids",
        Error::Script { source, .. } => return engine_hint(source),
        Error::Sql { message, .. }
            if message.contains("no such table") || message.contains("no such column") =>
        {
            "read from `nodes`, `edges`, or a type by its name; \
             `SELECT name FROM pragma_table_list` shows what there is"
        }
        _ => return None,
    })
}

#[derive(Serialize)]
struct Report {
    code: &'static str,
    message: String,
    hint: Option<String>,
    /// Of the fault in the text of SQL, in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<usize>,
    /// Of the fault in an import or a script, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Engine(error)
    }
}
