//! The database side of a sync: reading the log, taking records in, keeping the cursor.

use crate::failure::Outcome;
use pluresdb::sync::{ClientInput, Cursor};
use pluresdb::{ActorId, Database, Frontier, Rejected, SpaceId};

/// The local database, with the relay's URL that its cursor is kept for.
#[derive(Debug)]
pub(super) struct Local {
    database: Database,
    url: String,
    known: Frontier,
    refused: Vec<Rejected>,
}

impl Local {
    pub(super) fn new(database: Database, url: String) -> Self {
        Self { database, url, known: Frontier::new(), refused: Vec::new() }
    }

    pub(super) fn space(&self) -> SpaceId {
        self.database.space()
    }

    pub(super) fn cursor(&self) -> Outcome<Option<Cursor>> {
        Ok(self.database.sync_cursor(&self.url)?)
    }

    /// What the log holds, all of it durable: each commit is on the disk when it returns.
    pub(super) fn frontier(&mut self) -> Outcome<Frontier> {
        self.refused.extend(self.database.settle()?.rejected);
        self.known = self.database.frontier()?;
        Ok(self.known.clone())
    }

    /// What the log holds, if another process has written since, or the time of what waited came.
    pub(super) fn news(&mut self) -> Outcome<Option<Frontier>> {
        let before = std::mem::take(&mut self.known);
        let now = self.frontier()?;
        Ok((now != before).then_some(now))
    }

    pub(super) fn load(
        &self,
        ticket: u64,
        actor: ActorId,
        after: u64,
        max_bytes: usize,
    ) -> ClientInput {
        match self.database.records_of(actor, after, max_bytes) {
            Ok(records) => ClientInput::Loaded { ticket, records },
            Err(error) => ClientInput::Failed { ticket, message: error.to_string() },
        }
    }

    pub(super) fn ingest(
        &mut self,
        ticket: u64,
        records: &[Vec<u8>],
        cursor: &Cursor,
    ) -> ClientInput {
        match self.take_in(records, cursor) {
            Ok(frontier) => ClientInput::Ingested { ticket, frontier },
            Err(error) => ClientInput::Failed { ticket, message: error.to_string() },
        }
    }

    pub(super) fn save(&mut self, cursor: &Cursor) -> Outcome {
        Ok(self.database.set_sync_cursor(&self.url, cursor)?)
    }

    /// Records that came and were not taken.
    pub(super) fn refused(&self) -> &[Rejected] {
        &self.refused
    }

    fn take_in(
        &mut self,
        records: &[Vec<u8>],
        cursor: &Cursor,
    ) -> Result<Frontier, pluresdb::Error> {
        let applied = self.database.apply(records)?;
        let mut unstored = None;
        for rejected in applied.rejected {
            match rejected.error {
                // The cursor must not pass what is neither here nor comes again.
                error @ pluresdb::Error::WaitingFull { .. } => unstored = Some(error),
                _ => self.refused.push(rejected),
            }
        }
        if let Some(error) = unstored {
            return Err(error);
        }
        self.database.set_sync_cursor(&self.url, cursor)?;
        self.known = self.database.frontier()?;
        Ok(self.known.clone())
    }
}
