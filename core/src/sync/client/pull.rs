//! What comes from the relay: batches wait here until the shell has made them durable.
//!
//! One `Ingest` is under way at a time; what arrives meanwhile is joined into the next. The window
//! that the relay is granted bounds it all.

use super::ClientOutput;
use crate::codec::Frame;
use crate::model::{Frontier, SpaceId};
use crate::sync::cursor::{Cursor, RelayId};
use crate::sync::message::{MAX_FRAME_BYTES, Pull, Records, WINDOW_BYTES};
use crate::sync::status::SyncError;
use alloc::vec::Vec;

/// Positions that the cursor may pass in memory only.
const SAVE_EVERY: u64 = 256;

/// Most bytes that wait: the window, and one frame over it.
const MAX_QUEUED: usize = WINDOW_BYTES as usize + MAX_FRAME_BYTES;

/// What a batch of records says of the relay.
#[derive(Debug, Default)]
pub(super) struct Heads {
    /// The actors in it, and how far.
    pub(super) frontier: Frontier,
    /// Records that are not yet here.
    pub(super) fresh: u64,
}

#[derive(Debug)]
pub(super) struct Inbox {
    /// All up to here is durable here.
    cursor: Cursor,
    /// The position that the shell was last given to persist.
    saved: u64,
    /// The last position that arrived on this connection.
    arrived: Cursor,
    head: u64,
    queue: Vec<Vec<u8>>,
    queued: usize,
    ingesting: Option<(u64, Cursor)>,
}

impl Inbox {
    pub(super) const fn new(cursor: Cursor) -> Self {
        Self {
            cursor,
            saved: cursor.position,
            arrived: cursor,
            head: 0,
            queue: Vec::new(),
            queued: 0,
            ingesting: None,
        }
    }

    pub(super) const fn cursor(&self) -> Cursor {
        self.cursor
    }

    pub(super) const fn behind(&self) -> u64 {
        self.head.saturating_sub(self.cursor.position)
    }

    /// Whether all of the relay's log is here.
    pub(super) const fn is_caught_up(&self) -> bool {
        self.behind() == 0 && self.queue.is_empty() && !self.is_ingesting()
    }

    /// Begins again at the start of the relay's log, with the next connection.
    pub(super) const fn rewind(&mut self) {
        self.cursor = Cursor::start(self.cursor.relay);
        self.arrived = self.cursor;
        self.saved = 0;
    }

    pub(super) const fn is_ingesting(&self) -> bool {
        self.ingesting.is_some()
    }

    /// Starts the flow of a new connection.
    pub(super) fn open(&mut self, relay: RelayId, valid: bool, head: u64) -> Pull {
        if !valid || self.cursor.relay != relay || self.cursor.position > head {
            self.cursor = Cursor::start(relay);
            self.saved = 0;
        }
        self.arrived = self.cursor;
        self.head = head;
        self.pull()
    }

    /// Grants the relay the window behind what is durable here.
    pub(super) const fn pull(&self) -> Pull {
        Pull { after: self.cursor.position, window: WINDOW_BYTES }
    }

    pub(super) fn take(
        &mut self,
        batch: Records,
        space: &SpaceId,
        local: &Frontier,
    ) -> Result<Heads, SyncError> {
        let wrong = |why| Err(SyncError::Protocol(why));
        if batch.after != self.arrived.position || batch.last < batch.after {
            return wrong("records out of order");
        }
        if batch.head < batch.last || batch.records.len() as u64 > batch.last - batch.after {
            return wrong("positions that do not add up");
        }
        let bytes: usize = batch.records.iter().map(Vec::len).sum();
        if self.queued + bytes > MAX_QUEUED {
            return wrong("more records than the window allows");
        }
        let mut heads = Heads::default();
        for record in &batch.records {
            let header = Frame::read(record)?.header;
            if header.space != *space {
                return wrong("a record of another space");
            }
            if header.seq > local.get(&header.actor) {
                heads.fresh += 1;
            }
            heads.frontier.advance(header.actor, header.seq);
        }
        self.arrived.position = batch.last;
        self.arrived.mark = batch.mark;
        self.head = self.head.max(batch.head);
        self.queued += bytes;
        self.queue.extend(batch.records);
        Ok(heads)
    }

    /// The next batch to make durable.
    pub(super) fn next(&mut self, ticket: u64) -> Option<ClientOutput> {
        if self.is_ingesting() {
            return None;
        }
        if self.queue.is_empty() {
            // All records up to there were sent from here, so they are durable here.
            self.cursor = self.arrived;
            return None;
        }
        self.queued = 0;
        self.ingesting = Some((ticket, self.arrived));
        Some(ClientOutput::Ingest {
            ticket,
            records: core::mem::take(&mut self.queue),
            cursor: self.arrived,
        })
    }

    /// A cursor that went far without a batch to be persisted with.
    pub(super) fn unsaved(&mut self) -> Option<Cursor> {
        let far = self.cursor.position.saturating_sub(self.saved) >= SAVE_EVERY;
        far.then(|| self.save())
    }

    /// Whether the answer was waited for.
    pub(super) fn ingested(&mut self, ticket: u64) -> bool {
        let Some((_, cursor)) = self.ingesting.filter(|(awaited, _)| *awaited == ticket) else {
            return false;
        };
        self.ingesting = None;
        self.cursor = cursor;
        self.saved = cursor.position;
        true
    }

    /// Whether the answer was waited for. What waits here comes again with the next connection.
    pub(super) fn failed(&mut self, ticket: u64) -> bool {
        let awaited = self.ingesting.is_some_and(|(awaited, _)| awaited == ticket);
        if awaited {
            self.ingesting = None;
        }
        awaited
    }

    /// Forgets what only arrived; gives the cursor where the shell does not have it yet.
    pub(super) fn close(&mut self) -> Option<Cursor> {
        self.queue = Vec::new();
        self.queued = 0;
        let news = self.cursor.position != self.saved && !self.is_ingesting();
        news.then(|| self.save())
    }

    const fn save(&mut self) -> Cursor {
        self.saved = self.cursor.position;
        self.cursor
    }
}
