//! Keeps users' statements to reading, and to writing through the views: what would write past the
//! merge rules is refused while SQLite compiles it.

use crate::engine::error::Error;
use crate::engine::live::reads::Reads;
use crate::engine::query::sql::sql_error;
use rusqlite::Connection;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Pragmas that only tell.
const READING_PRAGMAS: [&str; 9] = [
    "data_version",
    "table_info",
    "table_xinfo",
    "table_list",
    "index_list",
    "index_info",
    "index_xinfo",
    "database_list",
    "function_list",
];

/// How the names of triggers begin that may call the functions which take rows.
pub(in crate::engine) const TRIGGER_PREFIX: &str = "pdb_capture ";

/// The switch between the engine's own statements and users' statements.
///
/// It is installed once: installing an authorizer makes SQLite compile every prepared statement
/// anew, which would cost more than the check itself.
#[derive(Debug, Clone, Default)]
pub(in crate::engine) struct Guard {
    user: Arc<AtomicBool>,
    review: Arc<Mutex<Review>>,
}

/// What is seen of a user's statement while it is compiled.
#[derive(Debug, Default)]
struct Review {
    /// The view that the statement may write to.
    target: Option<String>,
    refused: Option<String>,
    /// What it reads, but for what triggers see.
    reads: Reads,
}

impl Guard {
    pub(in crate::engine) fn install(conn: &mut Connection) -> Result<Self, Error> {
        let guard = Self::default();
        let inner = guard.clone();
        conn.authorizer(Some(move |context: AuthContext<'_>| inner.decide(&context)))?;
        Ok(guard)
    }

    /// Runs `compile` with the statement kept to reading; a refusal takes the place of SQLite's
    /// message.
    pub(in crate::engine) fn checked<T>(
        &self,
        compile: impl FnOnce() -> rusqlite::Result<T>,
    ) -> Result<T, Error> {
        self.reviewed(None, compile)
    }

    /// The same for a statement that may write to a view.
    pub(in crate::engine) fn checked_write<T>(
        &self,
        target: &str,
        compile: impl FnOnce() -> rusqlite::Result<T>,
    ) -> Result<T, Error> {
        self.reviewed(Some(target.to_owned()), compile)
    }

    /// What the statement last compiled reads.
    pub(in crate::engine) fn take_reads(&self) -> Reads {
        std::mem::take(&mut self.review().reads)
    }

    fn reviewed<T>(
        &self,
        target: Option<String>,
        compile: impl FnOnce() -> rusqlite::Result<T>,
    ) -> Result<T, Error> {
        *self.review() = Review { target, ..Review::default() };
        self.user.store(true, Ordering::Relaxed);
        let result = compile();
        self.user.store(false, Ordering::Relaxed);
        let refused = self.review().refused.take();
        match (result, refused) {
            (Err(_), Some(what)) => Err(Error::ReadOnly { what }),
            (Err(error), None) => Err(sql_error(error)),
            (Ok(value), _) => Ok(value),
        }
    }

    fn review(&self) -> MutexGuard<'_, Review> {
        self.review.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn decide(&self, context: &AuthContext<'_>) -> Authorization {
        if !self.user.load(Ordering::Relaxed) {
            return Authorization::Allow;
        }
        let mut review = self.review();
        let captures = context.accessor.is_some_and(|name| name.starts_with(TRIGGER_PREFIX));
        let allowed = match &context.action {
            AuthAction::Read { table_name, .. } => {
                if !captures {
                    review.reads.table(table_name, context.accessor);
                }
                true
            }
            AuthAction::Select | AuthAction::Recursive => true,
            AuthAction::Function { function_name } => {
                if !captures {
                    review.reads.function(function_name);
                }
                !is(function_name, "load_extension") && (captures || !takes_rows(function_name))
            }
            AuthAction::Pragma { pragma_name, .. } => READING_PRAGMAS.contains(pragma_name),
            AuthAction::Insert { table_name }
            | AuthAction::Update { table_name, .. }
            | AuthAction::Delete { table_name } => {
                context.database_name == Some("main")
                    && review.target.as_deref() == Some(table_name)
            }
            _ => false,
        };
        if allowed {
            return Authorization::Allow;
        }
        review.refused.get_or_insert_with(|| describe(&context.action));
        Authorization::Deny
    }
}

fn is(name: &str, other: &str) -> bool {
    name.eq_ignore_ascii_case(other)
}

/// Whether a function is one that triggers hand rows to.
fn takes_rows(function: &str) -> bool {
    const PREFIX: &str = "pdb_capture";
    function.get(..PREFIX.len()).is_some_and(|prefix| is(prefix, PREFIX))
}

/// What a refused action would do, and what to use instead.
fn describe(action: &AuthAction<'_>) -> String {
    match action {
        // CREATE and DROP ask for these first; other writes to them SQLite refuses by itself.
        AuthAction::Insert { table_name } if table_name.ends_with("_master") => created("create"),
        AuthAction::Delete { table_name } if table_name.ends_with("_master") => created("drop"),
        AuthAction::Insert { table_name }
        | AuthAction::Update { table_name, .. }
        | AuthAction::Delete { table_name } => not_writable(table_name),
        AuthAction::Pragma { pragma_name, .. } => {
            format!("PRAGMA {pragma_name} is not one of those that only tell")
        }
        AuthAction::Function { function_name } => {
            format!("the function {function_name} is not for statements")
        }
        AuthAction::Transaction { .. } | AuthAction::Savepoint { .. } => {
            "a transaction of SQLite alone would not be one of the database; run several statements \
             as a script, or in a transaction of the database"
                .into()
        }
        AuthAction::Attach { .. } | AuthAction::Detach { .. } => {
            "other files are not opened from a statement; import what they hold".into()
        }
        other => created(&spelled(other)),
    }
}

/// Why what is defined cannot be changed.
pub(in crate::engine) fn created(what: &str) -> String {
    format!(
        "a statement cannot {what} anything here; tables, columns and indexes follow the nodes that \
         are written and the types that are defined"
    )
}

/// Why a table cannot be written to.
pub(in crate::engine) fn not_writable(table: &str) -> String {
    if table.starts_with("pdb_") || table.starts_with("sqlite_") {
        return format!(
            "{table} holds what nodes and edges are merged from; write to nodes, to edges, or to \
             the view of a type"
        );
    }
    format!("this is a statement for reading, and it writes to {table}; execute it instead")
}

/// The name of an action, in words.
fn spelled(action: &AuthAction<'_>) -> String {
    let text = format!("{action:?}");
    let name: &str = text.split([' ', '{']).next().unwrap_or_default();
    name.chars().fold(String::new(), |mut words, letter| {
        if letter.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.extend(letter.to_lowercase());
        words
    })
}
