//! The database side of a sync: reading the log, taking records in, keeping the cursor.

use crate::failure::Outcome;
use pluresdb::sync::{ClientInput, Cursor, RelayId};
use pluresdb::{ActorId, Applied, Database, Error, Fork, Frontier, Rejected, SpaceId, Stalled};

/// The local database, with the relay's URL that its cursor is kept for.
#[derive(Debug)]
pub(super) struct Local {
    database: Database,
    url: String,
    known: Frontier,
    findings: Findings,
    forgotten: Option<Error>,
}

/// What a user is to know of the records that came.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// Records that were not taken.
    pub(super) refused: Vec<Rejected>,
    /// Logs that had forked.
    pub(super) forks: Vec<Fork>,
    /// Records that wait.
    pub(super) waiting: usize,
    /// Actors whose records wait for more than a day.
    pub(super) stalled: Vec<Stalled>,
}

impl Local {
    pub(super) fn new(database: Database, url: String) -> Self {
        let (known, findings) = (Frontier::new(), Findings::default());
        Self { database, url, known, findings, forgotten: None }
    }

    pub(super) fn space(&self) -> SpaceId {
        self.database.space()
    }

    pub(super) fn cursor(&self) -> Outcome<Option<Cursor>> {
        Ok(self.database.sync_cursor(&self.url)?)
    }

    /// What the log holds, all of it durable: each commit is on the disk when it returns.
    pub(super) fn frontier(&mut self) -> Outcome<Frontier> {
        self.known = self.database.frontier()?;
        Ok(self.known.clone())
    }

    /// What is new in the log: the time of what waited has come, or another process has written.
    pub(super) fn news(&mut self) -> Outcome<Vec<ClientInput>> {
        let mut told = match self.database.settle()? {
            Some(applied) => self.note(applied)?,
            None => Vec::new(),
        };
        let before = std::mem::take(&mut self.known);
        let frontier = self.frontier()?;
        // Another process has resolved a fork.
        let less = before.iter().filter(|(actor, seq)| frontier.get(actor) < *seq);
        told.extend(
            less.map(|(actor, _)| ClientInput::Moved { actor, seq: frontier.get(&actor) + 1 }),
        );
        if frontier != before {
            told.push(ClientInput::Local { frontier });
        }
        Ok(told)
    }

    pub(super) fn load(
        &mut self,
        ticket: u64,
        actor: ActorId,
        after: u64,
        max_bytes: usize,
    ) -> ClientInput {
        match self.database.records_of(actor, after, max_bytes) {
            Ok(records) => ClientInput::Loaded { ticket, records },
            Err(error) => {
                let message = error.to_string();
                if matches!(error, Error::RecordsForgotten { .. }) {
                    self.forgotten = Some(error);
                }
                ClientInput::Failed { ticket, message }
            }
        }
    }

    /// That the relay lacks what a compaction has forgotten here. No other attempt finds it.
    pub(super) const fn take_forgotten(&mut self) -> Option<Error> {
        self.forgotten.take()
    }

    /// Keeps what the relay holds, which may be forgotten here from now on.
    pub(super) fn confirm(&mut self, relay: RelayId, held: &Frontier) -> Outcome {
        Ok(self.database.confirm(relay, held)?)
    }

    /// Applies what came. Gives what the machine is to be told, in this order.
    pub(super) fn ingest(
        &mut self,
        ticket: u64,
        records: &[Vec<u8>],
        cursor: &Cursor,
    ) -> Vec<ClientInput> {
        match self.take_in(records, cursor) {
            Ok((mut told, frontier)) => {
                told.push(ClientInput::Ingested { ticket, frontier });
                told
            }
            Err(error) => vec![ClientInput::Failed { ticket, message: error.to_string() }],
        }
    }

    pub(super) fn save(&mut self, cursor: &Cursor) -> Outcome {
        Ok(self.database.set_sync_cursor(&self.url, cursor)?)
    }

    /// Goes on as a new actor where the relay holds records of ours that are not here: the file was
    /// set back.
    pub(super) fn compare(&mut self, relay: &Frontier) {
        if self.database.actor().is_some_and(|own| relay.get(&own) > self.known.get(&own)) {
            self.database.renew_actor();
        }
    }

    pub(super) const fn findings(&self) -> &Findings {
        &self.findings
    }

    fn take_in(
        &mut self,
        records: &[Vec<u8>],
        cursor: &Cursor,
    ) -> Result<(Vec<ClientInput>, Frontier), Error> {
        let applied = self.database.apply(records)?;
        let told = self.note(applied)?;
        self.database.set_sync_cursor(&self.url, cursor)?;
        self.known = self.database.frontier()?;
        Ok((told, self.known.clone()))
    }

    /// Keeps what the user is to know; gives what the machine is to know.
    fn note(&mut self, applied: Applied) -> Result<Vec<ClientInput>, Error> {
        let Findings { refused, forks, waiting, stalled } = &mut self.findings;
        (*waiting, *stalled) = (applied.waiting, applied.stalled);
        let mut told: Vec<_> = applied
            .forks
            .iter()
            .map(|fork| ClientInput::Moved { actor: fork.actor, seq: fork.seq })
            .collect();
        let astray = applied.astray.into_iter();
        told.extend(astray.map(|(actor, seq)| ClientInput::Astray { actor, seq }));
        forks.extend(applied.forks);
        let mut unstored = None;
        for rejected in applied.rejected {
            match rejected.error {
                // The cursor must not pass what is neither here nor comes again.
                error @ Error::WaitingFull { .. } => unstored = Some(error),
                _ => refused.push(rejected),
            }
        }
        unstored.map_or(Ok(told), Err)
    }
}
