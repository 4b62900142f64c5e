//! Keeps users' statements to reading: what would write past the merge rules is refused while
//! SQLite compiles it.

use crate::engine::error::Error;
use crate::engine::live::reads::Reads;
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

/// The switch between the engine's own statements and users' statements.
///
/// It is installed once: installing an authorizer makes SQLite compile every prepared statement
/// anew, which would cost more than the check itself.
#[derive(Debug, Clone, Default)]
pub(in crate::engine) struct Guard {
    user: Arc<AtomicBool>,
    refused: Arc<Mutex<Option<String>>>,
    reads: Arc<Mutex<Reads>>,
}

impl Guard {
    pub(in crate::engine) fn install(conn: &mut Connection) -> Result<Self, Error> {
        let guard = Self::default();
        let inner = guard.clone();
        conn.authorizer(Some(move |context: AuthContext<'_>| inner.decide(&context)))?;
        Ok(guard)
    }

    /// Runs `compile` with the statement checked; a refusal takes the place of SQLite's message.
    pub(in crate::engine) fn checked<T>(
        &self,
        compile: impl FnOnce() -> rusqlite::Result<T>,
    ) -> Result<T, Error> {
        self.take_reads();
        self.user.store(true, Ordering::Relaxed);
        let result = compile();
        self.user.store(false, Ordering::Relaxed);
        let refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner).take();
        match (result, refused) {
            (Err(_), Some(what)) => Err(Error::ReadOnly { what }),
            (Err(error), None) => Err(crate::engine::query::sql::sql_error(error)),
            (Ok(value), _) => Ok(value),
        }
    }

    /// What the statement last compiled with [`Guard::checked`] reads.
    pub(in crate::engine) fn take_reads(&self) -> Reads {
        std::mem::take(&mut *self.lock_reads())
    }

    fn lock_reads(&self) -> MutexGuard<'_, Reads> {
        self.reads.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn decide(&self, context: &AuthContext<'_>) -> Authorization {
        if !self.user.load(Ordering::Relaxed) {
            return Authorization::Allow;
        }
        match &context.action {
            AuthAction::Select | AuthAction::Recursive => Authorization::Allow,
            AuthAction::Read { table_name, .. } => {
                self.lock_reads().table(table_name, context.accessor);
                Authorization::Allow
            }
            AuthAction::Function { function_name } if *function_name != "load_extension" => {
                self.lock_reads().function(function_name);
                Authorization::Allow
            }
            AuthAction::Pragma { pragma_name, .. } if READING_PRAGMAS.contains(pragma_name) => {
                Authorization::Allow
            }
            action => {
                let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
                refused.get_or_insert_with(|| describe(action));
                Authorization::Deny
            }
        }
    }
}

fn describe(action: &AuthAction<'_>) -> String {
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
