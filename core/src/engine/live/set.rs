//! The live queries of a database.

use crate::engine::database::Database;
use crate::engine::error::Error;
use crate::engine::live::delta::{Delta, SqlRow};
use crate::engine::live::query::LiveQuery;
use crate::engine::live::readers::Readers;
use crate::engine::live::routes::{Routes, Watched};
use crate::engine::live::touch::Touched;
use crate::engine::query::sql::{Rows, SqlValue};
use crate::engine::query::statement::Statement;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A live query of a database, for as long as it is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subscription(u64);

impl Subscription {
    /// A number for it, to keep where types cannot.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }

    /// The subscription that has a number; one that no longer exists gives nothing.
    #[must_use]
    pub const fn from_number(number: u64) -> Self {
        Self(number)
    }
}

/// What became of a live query.
#[derive(Debug)]
pub struct LiveChange {
    /// Which one.
    pub subscription: Subscription,
    /// What changed; or why the statement does not run any more, since a type that it needs is not
    /// there. It is tried again at each change.
    pub outcome: Result<Delta, Error>,
}

/// All live queries, and what was touched since they were looked at.
#[derive(Debug, Default)]
pub(in crate::engine) struct LiveSet {
    pub(super) queries: BTreeMap<u64, LiveQuery>,
    pub(super) routes: Routes,
    pub(super) readers: Readers,
    /// Those that run at the next look, whatever is touched.
    pub(super) stale: BTreeSet<u64>,
    pub(super) watched: Arc<Watched>,
    pub(in crate::engine) touched: Touched,
    last: u64,
}

impl LiveSet {
    pub(in crate::engine) fn is_empty(&self) -> bool {
        self.queries.is_empty()
    }

    /// What a commit has to note before it changes a node.
    pub(in crate::engine) fn watched(&self) -> Arc<Watched> {
        Arc::clone(&self.watched)
    }

    /// Notes what a commit touched.
    pub(in crate::engine) fn touch(&mut self, touched: Touched) {
        if !self.is_empty() {
            self.touched.extend(touched);
        }
    }

    /// Notes that anything may have changed.
    pub(in crate::engine) fn touch_everything(&mut self) {
        self.touched.everything |= !self.is_empty();
    }

    fn add(&mut self, number: u64, mut query: LiveQuery) {
        if !self.touched.is_empty() {
            // Its rows are of now, and what was touched before it came was not noted for it.
            query.set_stale();
        }
        self.enter(number, &query);
        self.queries.insert(number, query);
    }

    /// Lets a statement be found.
    fn enter(&mut self, number: u64, query: &LiveQuery) {
        self.readers.add(number, &query.reads, query.route.is_some());
        if query.is_stale() {
            self.stale.insert(number);
        }
        if let Some(route) = &query.route
            && self.routes.add(route.clone(), number)
        {
            self.watched = Arc::new(self.routes.watched());
        }
    }

    /// Undoes [`LiveSet::enter`].
    fn leave(&mut self, number: u64, query: &LiveQuery) {
        self.readers.remove(number, &query.reads);
        self.stale.remove(&number);
        if let Some(route) = &query.route
            && self.routes.remove(route, number)
        {
            self.watched = Arc::new(self.routes.watched());
        }
    }

    fn remove(&mut self, number: u64) -> Option<LiveQuery> {
        let query = self.queries.remove(&number)?;
        self.leave(number, &query);
        Some(query)
    }
}

impl Database {
    /// Subscribes to a read-only statement; gives its rows as they are now.
    ///
    /// After commits, own ones and those of others, [`Database::take_changes`] tells what changed.
    /// Rows are told apart by their column `id`; else by `source`, `label`, `target` and `key`, where
    /// the first and third are there; else by all their values.
    ///
    /// ```
    /// use pluresdb::{Database, SqlValue, object};
    ///
    /// let mut db = Database::memory()?;
    /// db.put("a", "Task", object([("owner", "ada".into()), ("title", "Draw".into())]))?;
    /// let sql = "SELECT id, title FROM Task WHERE owner = ?1";
    /// let (tasks, rows) = db.subscribe(sql, &[SqlValue::Text("ada".into())])?;
    /// assert_eq!(rows.rows.len(), 1);
    ///
    /// db.put("b", "Task", object([("owner", "ada".into()), ("title", "Weave".into())]))?;
    /// db.put("c", "Task", object([("owner", "bob".into()), ("title", "Sleep".into())]))?;
    /// let changes = db.take_changes()?;
    /// assert_eq!(changes.len(), 1);
    /// assert_eq!(changes[0].subscription, tasks);
    /// assert_eq!(changes[0].outcome.as_ref().unwrap().added[0].0, 1);
    /// # Ok::<(), pluresdb::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Database::query`].
    pub fn subscribe(
        &mut self,
        sql: &str,
        params: &[SqlValue],
    ) -> Result<(Subscription, Rows), Error> {
        self.subscribe_to(&Statement::new(sql).with(params))
    }

    /// The same with a statement whose parameters may have names. Its limits do not count.
    ///
    /// # Errors
    /// As [`Database::query`].
    pub fn subscribe_to(
        &mut self,
        statement: &Statement<'_>,
    ) -> Result<(Subscription, Rows), Error> {
        self.refresh()?;
        let query = LiveQuery::start(self, statement)?;
        let rows = Rows { columns: query.columns.clone(), rows: query.rows.clone() };
        self.live.last += 1;
        let number = self.live.last;
        self.live.add(number, query);
        Ok((Subscription(number), rows))
    }

    /// Ends a subscription; false where there is none.
    pub fn unsubscribe(&mut self, subscription: Subscription) -> bool {
        let found = self.live.remove(subscription.0).is_some();
        if self.live.is_empty() {
            self.live.touched = Touched::default();
        }
        found
    }

    /// The columns and rows of a live query as of the last [`Database::take_changes`].
    #[must_use]
    pub fn live_rows(&self, subscription: Subscription) -> Option<(&[String], &[SqlRow])> {
        let query = self.live.queries.get(&subscription.0)?;
        Some((&query.columns, &query.rows))
    }

    /// What changed in the rows of live queries since the last call, by subscription in the order of
    /// subscribing. All of it is of one state: changes of several commits are told as one.
    ///
    /// # Errors
    /// When storage fails. What a single statement meets is told in its [`LiveChange`].
    pub fn take_changes(&mut self) -> Result<Vec<LiveChange>, Error> {
        if self.live.is_empty() {
            return Ok(Vec::new());
        }
        self.refresh()?;
        if self.live.touched.is_empty() {
            return Ok(Vec::new());
        }
        let affected = self.live.affected(self, &self.live.touched)?;
        let touched = std::mem::take(&mut self.live.touched);
        let mut changes = Vec::new();
        for number in affected {
            // Out of the set meanwhile, since it reads the database that it belongs to.
            let Some(mut query) = self.live.queries.remove(&number) else {
                continue;
            };
            let recompiles = query.recompiles(&touched);
            if recompiles {
                self.live.leave(number, &query);
            }
            let outcome = query.update(self, &touched);
            match (recompiles, query.is_stale()) {
                (true, _) => self.live.enter(number, &query),
                (false, true) => _ = self.live.stale.insert(number),
                (false, false) => _ = self.live.stale.remove(&number),
            }
            self.live.queries.insert(number, query);
            if !outcome.as_ref().is_ok_and(Delta::is_empty) {
                changes.push(LiveChange { subscription: Subscription(number), outcome });
            }
        }
        Ok(changes)
    }

    /// Takes over the live queries of another handle of the same database, which is given up.
    pub fn take_over_live(&mut self, other: &mut Self) {
        self.live = std::mem::take(&mut other.live);
        self.live.touch_everything();
    }
}
