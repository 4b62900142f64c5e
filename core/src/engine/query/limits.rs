//! Ends a statement that runs too long, gives too much, or is not wanted any more.
//!
//! SQLite asks a handler every some thousand steps whether to go on. It is installed once, and looks
//! at the limits of the statement that runs at the time; the engine's own statements have none.

use crate::engine::error::Error;
use crate::engine::query::sql::SqlValue;
use rusqlite::Connection;
use rusqlite::limits::Limit;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What a statement may take. Nothing is limited where nothing is said, but for the memory of rows that are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SqlLimits {
    /// Milliseconds that it may run.
    pub time_ms: Option<u64>,
    /// Rows that it may give.
    pub rows: Option<u64>,
    /// Bytes that the values of its rows may take together. No value on the way to them may take more
    /// either, or more than a mebibyte where that is more.
    pub bytes: Option<u64>,
    /// Bytes of memory that its rows may take where they are held together, with what it takes to hold them. Those that
    /// it writes always are: up to [`SqlLimits::MOST_HELD`] where nothing is said.
    pub memory: Option<u64>,
}

impl SqlLimits {
    /// Bytes of memory that the rows of one statement take at most where they have to be held together.
    pub const MOST_HELD: u64 = 256 * 1024 * 1024;
}

/// Ends statements from outside, from any thread.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Ends every statement that was given this, now and later.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it was called.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// How many steps of SQLite's machine lie between two looks.
const STEPS: std::ffi::c_int = 4_000;

/// Values of this length are taken under any limit, since views are made of such.
const SHORT: u64 = 1024 * 1024;

/// Where the limits of the running statement are.
#[derive(Debug, Clone)]
pub(in crate::engine) struct Limiter {
    clock: Option<fn() -> u64>,
    running: Arc<AtomicBool>,
    now: Arc<Mutex<Watched>>,
}

/// What a statement that runs is watched for.
#[derive(Debug, Clone, Default)]
struct Watched {
    until: Option<u64>,
    cancels: Vec<Cancel>,
    timed_out: bool,
}

impl Limiter {
    pub(in crate::engine) fn install(
        conn: &mut Connection,
        clock: Option<fn() -> u64>,
    ) -> Result<Self, Error> {
        let limiter = Self { clock, running: Arc::default(), now: Arc::default() };
        let inner = limiter.clone();
        conn.progress_handler(STEPS, Some(move || inner.ends()))?;
        Ok(limiter)
    }

    /// Starts to watch; what this gives ends it. Inside of a statement that is watched, such as for the
    /// rows of a call in it, that one's limits count as well.
    pub(in crate::engine) fn watch<'a>(
        &'a self,
        conn: &'a Connection,
        limits: SqlLimits,
        cancel: Option<&Cancel>,
    ) -> Result<Watch<'a>, Error> {
        let length = shorten(conn, limits)?;
        let until = self.in_ms(limits.time_ms);
        let mut now = self.now();
        let outer = now.clone();
        now.until = outer.until.into_iter().chain(until).min();
        now.cancels.extend(cancel.cloned());
        now.timed_out = false;
        self.running.store(now.until.is_some() || !now.cancels.is_empty(), Ordering::Relaxed);
        drop(now);
        let (rows, bytes, memory) = (0, 0, 0);
        Ok(Watch { limiter: self, conn, outer, length, paused: None, limits, rows, bytes, memory })
    }

    /// The time so many milliseconds from now.
    fn in_ms(&self, ms: Option<u64>) -> Option<u64> {
        ms.zip(self.clock).map(|(ms, clock)| clock().saturating_add(ms))
    }

    /// Watches for something else, and gives what it watched for before.
    fn turn_to(&self, watched: Watched) -> Watched {
        let mut now = self.now();
        let running = watched.until.is_some() || !watched.cancels.is_empty();
        self.running.store(running, Ordering::Relaxed);
        std::mem::replace(&mut *now, watched)
    }

    fn ends(&self) -> bool {
        if !self.running.load(Ordering::Relaxed) {
            return false;
        }
        let mut now = self.now();
        let late = now.until.zip(self.clock).is_some_and(|(until, clock)| clock() >= until);
        now.timed_out |= late;
        late || now.cancels.iter().any(Cancel::is_cancelled)
    }

    fn now(&self) -> MutexGuard<'_, Watched> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A statement that is watched as long as this lives.
#[derive(Debug)]
pub(in crate::engine) struct Watch<'a> {
    limiter: &'a Limiter,
    conn: &'a Connection,
    /// What was watched for before.
    outer: Watched,
    /// How long values might be before, where that was changed.
    length: Option<i32>,
    /// What was watched for on its behalf, and how many milliseconds it may still take, while it pauses.
    paused: Option<(Watched, Option<u64>)>,
    limits: SqlLimits,
    rows: u64,
    bytes: u64,
    memory: u64,
}

impl Watch<'_> {
    /// Counts a row; an error where it is one too many.
    pub(in crate::engine) fn row(&mut self, row: &[SqlValue]) -> Result<(), Error> {
        self.rows += 1;
        if let Some(rows) = self.limits.rows.filter(|limit| self.rows > *limit) {
            return Err(Error::RowLimit { rows });
        }
        self.bytes += row.iter().map(size).sum::<u64>();
        if let Some(bytes) = self.limits.bytes.filter(|limit| self.bytes > *limit) {
            return Err(Error::SizeLimit { bytes });
        }
        self.memory += footprint(row);
        if let Some(bytes) = self.limits.memory.filter(|limit| self.memory > *limit) {
            return Err(Error::MemoryLimit { bytes });
        }
        // A statement may end with its row before SQLite looks again.
        if self.limiter.ends() { Err(self.reason()) } else { Ok(()) }
    }

    /// Lets other statements run, which its limits are not for.
    pub(in crate::engine) fn pause(&mut self) {
        let own = self.limiter.turn_to(std::mem::take(&mut self.outer));
        let left = own.until.zip(self.limiter.clock);
        let left = left.map(|(until, clock)| until.saturating_sub(clock()));
        self.paused = Some((own, left));
        self.lengthen();
    }

    /// Goes on after a pause, beside what is watched for by now.
    pub(in crate::engine) fn resume(&mut self) -> Result<(), Error> {
        let Some((mut own, left)) = self.paused.take() else {
            return Ok(());
        };
        own.until = self.limiter.in_ms(left);
        self.outer = self.limiter.turn_to(own);
        if self.length.is_some() {
            shorten(self.conn, self.limits)?;
        }
        Ok(())
    }

    /// Allows values of the length that was allowed before.
    fn lengthen(&self) {
        if let Some(length) = self.length {
            // It was the limit before, so SQLite takes it.
            let _ = self.conn.set_limit(Limit::SQLITE_LIMIT_LENGTH, length);
        }
    }

    /// The error in the place of SQLite's, where the statement was ended from here.
    pub(in crate::engine) fn instead(&self, error: Error) -> Error {
        use rusqlite::ErrorCode::{OperationInterrupted, TooBig};
        let Error::Storage(found) = &error else {
            return error;
        };
        match (found.sqlite_error_code(), self.limits.bytes) {
            (Some(OperationInterrupted), _) => self.reason(),
            (Some(TooBig), Some(bytes)) => Error::SizeLimit { bytes },
            (Some(TooBig), None) => Error::Sql { message: found.to_string(), offset: None },
            _ => error,
        }
    }

    fn reason(&self) -> Error {
        match self.limiter.now().timed_out {
            true => Error::TimeLimit { ms: self.limits.time_ms.unwrap_or_default() },
            false => Error::Cancelled,
        }
    }
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        // One that pauses has given back what it found.
        if self.paused.is_none() {
            self.lengthen();
            self.limiter.turn_to(std::mem::take(&mut self.outer));
        }
    }
}

/// Allows no longer values than a statement may give. Gives what was allowed, where that was changed.
fn shorten(conn: &Connection, limits: SqlLimits) -> Result<Option<i32>, Error> {
    let Some(bytes) = limits.bytes else {
        return Ok(None);
    };
    let longest = i32::try_from(bytes.max(SHORT)).unwrap_or(i32::MAX);
    let before = conn.limit(Limit::SQLITE_LIMIT_LENGTH)?;
    conn.set_limit(Limit::SQLITE_LIMIT_LENGTH, longest.min(before))?;
    Ok(Some(before))
}

/// How much memory a row takes: its values, their places, and what the allocator adds.
fn footprint(row: &[SqlValue]) -> u64 {
    const ROW: usize = size_of::<Vec<SqlValue>>() + 2 * size_of::<usize>();
    let places = ROW + size_of_val(row);
    let texts = row.iter().map(|value| match value {
        SqlValue::Text(_) | SqlValue::Blob(_) => size(value),
        _ => 0,
    });
    places as u64 + texts.sum::<u64>()
}

const fn size(value: &SqlValue) -> u64 {
    match value {
        SqlValue::Null => 1,
        SqlValue::Int(_) | SqlValue::Real(_) => 8,
        SqlValue::Text(text) => text.len() as u64,
        SqlValue::Blob(bytes) => bytes.len() as u64,
    }
}
