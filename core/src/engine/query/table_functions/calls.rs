//! Answers calls from inside a running statement.
//!
//! A function that SQLite calls has no way to the connection, so `pdb_call` only looks up rows that
//! are there already. Where they are not, it notes the arguments and stops the statement; the engine
//! computes the rows, which it may do with any statement of its own, and runs the statement again.
//! When that happened a few times, the arguments are different for each row of an outer query: then
//! one run gathers them all, with no rows for answers, and its own rows are thrown away. Arguments
//! that come of such answers may be wrong, so a failure counts only where a later run makes the call.

use super::{FUNCTIONS, TableFunction, TableRows};
use crate::engine::error::Error;
use crate::engine::query::reader::Reader;
use crate::engine::query::sql::SqlValue;
use rusqlite::Connection;
use rusqlite::functions::{Context, FunctionFlags};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Most values that the calls of one statement may give together.
const MAX_CELLS: usize = 20_000_000;

/// Most different calls of one statement.
const MAX_CALLS: usize = 100_000;

/// After this many stops, the calls to come are gathered.
const STOPS_BEFORE_GATHERING: u32 = 3;

/// Most runs of one statement: each level of calls inside arguments of calls takes one.
const MAX_RUNS: u32 = 32;

/// A row's number in `value` of `json_each`: the call's number above these bits.
const ROW_BITS: u32 = 32;

type Sessions = HashMap<i64, Session>;

/// The calls of all statements that run at the moment.
#[derive(Debug, Clone, Default)]
pub(in crate::engine) struct Calls {
    sessions: Arc<Mutex<Sessions>>,
}

/// The calls of one statement.
#[derive(Debug, Default)]
struct Session {
    /// Call numbers by function and arguments.
    known: HashMap<Key, usize>,
    answers: Vec<Answer>,
    /// Why calls have no rows, by the number of the call.
    failures: HashMap<usize, Error>,
    /// The call that stopped the last run because it had failed.
    failed: Option<usize>,
    /// What was asked for and is not there yet.
    missing: Vec<(&'static TableFunction, Vec<SqlValue>)>,
    gathering: bool,
    cells: usize,
}

/// The rows of one call, row after row.
#[derive(Debug)]
struct Answer {
    columns: usize,
    rows: usize,
    cells: Vec<SqlValue>,
}

/// A call as something to look up: equal where function and arguments are the same to the bit.
type Key = (&'static str, Vec<KeyValue>);

#[derive(Debug, PartialEq, Eq, Hash)]
enum KeyValue {
    Null,
    Int(i64),
    Real(u64),
    Text(String),
    Blob(Vec<u8>),
}

impl From<&SqlValue> for KeyValue {
    fn from(value: &SqlValue) -> Self {
        match value {
            SqlValue::Null => Self::Null,
            SqlValue::Int(number) => Self::Int(*number),
            SqlValue::Real(number) => Self::Real(number.to_bits()),
            SqlValue::Text(text) => Self::Text(text.clone()),
            SqlValue::Blob(bytes) => Self::Blob(bytes.clone()),
        }
    }
}

fn key(function: &TableFunction, arguments: &[SqlValue]) -> Key {
    (function.name, arguments.iter().map(KeyValue::from).collect())
}

impl Calls {
    /// Registers the two functions that rewritten statements use.
    pub(in crate::engine) fn install(conn: &Connection) -> Result<Self, Error> {
        let calls = Self::default();
        let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DIRECTONLY;
        let of_call = calls.clone();
        conn.create_scalar_function("pdb_call", -1, flags, move |context| of_call.call(context))?;
        let of_cell = calls.clone();
        conn.create_scalar_function("pdb_cell", 3, flags, move |context| of_cell.cell(context))?;
        Ok(calls)
    }

    fn lock(&self) -> MutexGuard<'_, Sessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The numbers of a call's rows as JSON.
    fn call(&self, context: &Context<'_>) -> rusqlite::Result<String> {
        if context.len() < 2 {
            return Err(refuse("pdb_call is for statements that the engine has rewritten"));
        }
        let (session, name): (i64, String) = (context.get(0)?, context.get(1)?);
        let arguments: Vec<SqlValue> =
            (2..context.len()).map(|index| context.get_raw(index).into()).collect();
        let mut sessions = self.lock();
        let function = FUNCTIONS.iter().find(|function| function.name == name);
        let (Some(session), Some(function)) = (sessions.get_mut(&session), function) else {
            return Err(refuse("pdb_call is for statements that the engine has rewritten"));
        };
        let key = key(function, &arguments);
        if let Some(number) = session.known.get(&key).copied() {
            if session.failures.contains_key(&number) && !session.gathering {
                session.failed = Some(number);
                return Err(refuse("a call failed"));
            }
            let rows = session.answers.get(number).map_or(0, |answer| answer.rows);
            return Ok(row_numbers(number, rows));
        }
        if session.missing.len() + session.answers.len() >= MAX_CALLS {
            return Err(refuse(&format!(
                "a statement may make {MAX_CALLS} different calls of {name}"
            )));
        }
        session.missing.push((function, arguments));
        if session.gathering {
            Ok("[]".into())
        } else {
            Err(refuse("the rows of a call are missing"))
        }
    }

    fn cell(&self, context: &Context<'_>) -> rusqlite::Result<SqlValue> {
        let (session, row, column): (i64, i64, u32) =
            (context.get(0)?, context.get(1)?, context.get(2)?);
        let number = (row >> ROW_BITS) as usize;
        let row = (row & ((1 << ROW_BITS) - 1)) as usize;
        let column = column as usize;
        let sessions = self.lock();
        let answer = sessions.get(&session).and_then(|session| session.answers.get(number));
        let cell = answer.filter(|answer| column < answer.columns).and_then(|answer| {
            answer.cells.get(row.checked_mul(answer.columns)?.checked_add(column)?)
        });
        cell.cloned()
            .ok_or_else(|| refuse("pdb_cell is for statements that the engine has rewritten"))
    }

    /// Starts the calls of a statement. They are forgotten when what this gives is dropped.
    pub(in crate::engine) fn begin(&self) -> Running {
        let mut sessions = self.lock();
        // As many as are running are taken at most, so that a free number is found.
        let number = (0..=sessions.len() as i64).find(|number| !sessions.contains_key(number));
        let number = number.unwrap_or_default();
        sessions.insert(number, Session::default());
        drop(sessions);
        Running { calls: self.clone(), number, runs: 0 }
    }
}

fn row_numbers(call: usize, rows: usize) -> String {
    let first = (call as i64) << ROW_BITS;
    let numbers: Vec<String> = (first..first + rows as i64).map(|row| row.to_string()).collect();
    format!("[{}]", numbers.join(","))
}

fn refuse(message: &str) -> rusqlite::Error {
    rusqlite::Error::UserFunctionError(message.into())
}

/// What to do after a run of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) enum Next {
    /// The run counts, with its rows or its error.
    Take,
    /// The rows of calls were missing and are there now: run it again.
    Again,
    /// The same, and nothing of the next run counts: it only gathers calls.
    Gather,
}

/// The calls of one running statement.
#[derive(Debug)]
pub(in crate::engine) struct Running {
    calls: Calls,
    number: i64,
    runs: u32,
}

impl Running {
    /// The number that the rewritten statement has to have.
    pub(in crate::engine) const fn number(&self) -> i64 {
        self.number
    }

    /// Begins the runs of the statement anew, with other parameters: rows that are there stay.
    pub(in crate::engine) const fn restart(&mut self) {
        self.runs = 0;
    }

    /// Computes what the last run asked for and was not there.
    ///
    /// # Errors
    /// What the function finds wrong with its arguments.
    pub(in crate::engine) fn answer(&mut self, db: Reader<'_>) -> Result<Next, Error> {
        let (missing, gathered) = {
            let mut sessions = self.calls.lock();
            let Some(session) = sessions.get_mut(&self.number) else {
                return Ok(Next::Take);
            };
            if let Some(error) = session.failed.and_then(|call| session.failures.remove(&call)) {
                return Err(error);
            }
            (std::mem::take(&mut session.missing), session.gathering)
        };
        if missing.is_empty() && !gathered {
            return Ok(Next::Take);
        }
        self.runs += 1;
        if self.runs > MAX_RUNS {
            return Err(Error::Sql {
                message: format!("calls inside arguments of calls, deeper than {MAX_RUNS} levels"),
                offset: None,
            });
        }
        for (function, arguments) in missing {
            // Not under the lock: the function may run statements with calls of its own.
            let rows = (function.rows)(db, &arguments);
            self.keep(function, &arguments, rows)?;
        }
        let gather = !gathered && self.runs >= STOPS_BEFORE_GATHERING;
        if let Some(session) = self.calls.lock().get_mut(&self.number) {
            session.gathering = gather;
        }
        Ok(if gather { Next::Gather } else { Next::Again })
    }

    fn keep(
        &self,
        function: &'static TableFunction,
        arguments: &[SqlValue],
        rows: Result<TableRows, Error>,
    ) -> Result<(), Error> {
        let columns = function.columns.len();
        let mut sessions = self.calls.lock();
        let Some(session) = sessions.get_mut(&self.number) else {
            return Ok(());
        };
        let number = session.answers.len();
        session.known.insert(key(function, arguments), number);
        let rows = match rows {
            Ok(rows) => rows,
            Err(error) => {
                session.failures.insert(number, error);
                Vec::new()
            }
        };
        session.cells += rows.len() * columns;
        if session.cells > MAX_CELLS {
            return Err(Error::Sql {
                message: format!("the calls of one statement may give {MAX_CELLS} values"),
                offset: None,
            });
        }
        let (count, cells) = (rows.len(), rows.into_iter().flatten().collect());
        session.answers.push(Answer { columns, rows: count, cells });
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.calls.lock().remove(&self.number);
    }
}
