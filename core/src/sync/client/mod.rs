//! The session of one device with one relay for one space: connecting, catching up, pushing.
//!
//! `link` holds the connection and its deadlines, `pull` what comes, `push` what goes. The
//! calling law is in the documentation of the module above.

mod link;
mod pull;
mod push;

use super::cursor::{Cursor, FrontierDigest, RelayId};
use super::message::{Appended, Hello, Message, Records, Refused, Welcome};
use super::status::{State, Status, SyncError};
use crate::codec::{DecodeError, Fault};
use crate::model::{ActorId, Frontier, SpaceId};
use alloc::collections::VecDeque;
use alloc::string::String;
use alloc::vec::Vec;
use link::{Due, Link};
use pull::Inbox;
use push::Outbox;

/// What a session starts from.
#[derive(Debug, Clone)]
pub struct ClientConfig {
    /// The space to sync.
    pub space: SpaceId,
    /// The cursor persisted last, `None` for a device that never met a relay.
    pub cursor: Option<Cursor>,
    /// What the durable local log holds.
    pub frontier: Frontier,
    /// Any number, different for each device and start: it spreads reconnects.
    pub seed: u64,
}

/// What happens to a session.
#[derive(Debug, Clone)]
pub enum ClientInput {
    /// Go online. While waiting it means "try now", as when a network came up.
    Start,
    /// Go offline and stay so. Records keep; [`ClientInput::Start`] goes on where this ended.
    Stop,
    /// The socket asked for by [`ClientOutput::Connect`] is open.
    Connected,
    /// A binary message came.
    Received(Vec<u8>),
    /// The socket could not be opened, or closed.
    Disconnected {
        /// In words, for the user.
        reason: String,
    },
    /// New records are durable in the local log, which now holds this.
    Local {
        /// Of the whole log, or only of the actors that wrote.
        frontier: Frontier,
    },
    /// To resolve a fork, the records of this actor from a number on were moved to another actor;
    /// the log holds less of it now, or the records of the relay's branch. To be given before the
    /// frontier that shows it.
    Moved {
        /// Whose.
        actor: ActorId,
        /// The first number moved.
        seq: u64,
    },
    /// A record that came continues another branch of its actor's log than the one here, and the
    /// records where the two part did not come. To be given before [`ClientInput::Ingested`].
    Astray {
        /// Whose.
        actor: ActorId,
        /// Which.
        seq: u64,
    },
    /// The answer to [`ClientOutput::Load`].
    Loaded {
        /// Of the request.
        ticket: u64,
        /// Whole records, following each other.
        records: Vec<Vec<u8>>,
    },
    /// The answer to [`ClientOutput::Ingest`]: durable, cursor included.
    Ingested {
        /// Of the request.
        ticket: u64,
        /// Of the log with the new records.
        frontier: Frontier,
    },
    /// The other answer to [`ClientOutput::Load`] and [`ClientOutput::Ingest`]: it failed. Nothing
    /// is lost; the session says why and tries again later.
    Failed {
        /// Of the request.
        ticket: u64,
        /// In words, for the user.
        message: String,
    },
    /// The timer of [`ClientOutput::WakeAt`] has rung.
    Wake,
}

/// What a session asks of its shell.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum ClientOutput {
    /// Open a socket to the relay.
    Connect,
    /// Send this as one binary message.
    Send(Vec<u8>),
    /// Close the socket, where there is one, and forget it.
    Close {
        /// In words.
        reason: String,
    },
    /// Read records of the local log.
    Load {
        /// For the answer.
        ticket: u64,
        /// Whose.
        actor: ActorId,
        /// Those after this sequence number, in order, without gaps.
        after: u64,
        /// Bytes in sum at most, but one record at least.
        max_bytes: usize,
    },
    /// Apply these records and persist them together with the cursor.
    ///
    /// Records may be known already; applying is idempotent. A record that the log cannot take must
    /// not make this fail: it is for the log to keep aside and to show, and the cursor goes on.
    /// Where one has the number of another record that is here, the relay's stays, and the branch
    /// that was here is moved to another actor.
    Ingest {
        /// For the answer.
        ticket: u64,
        /// Whole records; those of one actor in order.
        records: Vec<Vec<u8>>,
        /// Where the relay's log stands after them.
        cursor: Cursor,
    },
    /// Persist the cursor when convenient. It moved past records that are here already. Losing it
    /// means that these are sent once more.
    SaveCursor(Cursor),
    /// The relay holds another record with this actor and number. When the actor is the shell's
    /// own, the database is a copy or a restored backup: write on as a new actor. The relay's branch
    /// comes, if need be by taking in its log once more from the start.
    Forked {
        /// Whose.
        actor: ActorId,
        /// Where.
        seq: u64,
    },
    /// Give [`ClientInput::Wake`] at this time, in milliseconds. Replaces the one before.
    WakeAt(u64),
    /// The status changed.
    Progress(Status),
}

/// The state machine. See the module for its calling law.
#[derive(Debug)]
pub struct Client {
    space: SpaceId,
    now: u64,
    local: Frontier,
    /// What the local frontier was when the last Hello named its digest.
    greeted: Frontier,
    relay: Option<RelayId>,
    link: Link,
    inbox: Inbox,
    outbox: Outbox,
    tickets: u64,
    received: u64,
    error: Option<SyncError>,
    reported: Option<Status>,
    alarm: Option<u64>,
    outputs: VecDeque<ClientOutput>,
}

impl Client {
    /// A session that waits for [`ClientInput::Start`].
    #[must_use]
    pub fn new(config: ClientConfig) -> Self {
        let cursor = config.cursor.unwrap_or_default();
        Self {
            space: config.space,
            now: 0,
            greeted: Frontier::new(),
            relay: (cursor.relay != RelayId::ZERO).then_some(cursor.relay),
            link: Link::new(config.seed),
            inbox: Inbox::new(cursor),
            outbox: Outbox::default(),
            local: config.frontier,
            tickets: 0,
            received: 0,
            error: None,
            reported: None,
            alarm: None,
            outputs: VecDeque::new(),
        }
    }

    /// Takes in what happened at `now`, in milliseconds. Then [`Client::poll`] until `None`.
    pub fn handle(&mut self, now: u64, input: ClientInput) {
        self.now = self.now.max(now);
        match input {
            ClientInput::Start => self.link.start(self.now),
            ClientInput::Stop => self.stop(),
            ClientInput::Connected => self.greet(),
            ClientInput::Received(bytes) if self.link.is_connected() => self.receive(&bytes),
            ClientInput::Disconnected { reason } if self.link.is_up() => {
                self.lose(SyncError::Connection { reason });
            }
            // The timer is spent. One that rang early, as those of browsers do, is set once more.
            ClientInput::Wake => self.alarm = None,
            ClientInput::Received(_) | ClientInput::Disconnected { .. } => {}
            ClientInput::Local { frontier } => self.local.join(&frontier),
            ClientInput::Moved { actor, seq } => self.moved(actor, seq),
            ClientInput::Astray { actor, seq } => self.outbox.astray(actor, seq),
            ClientInput::Loaded { ticket, records } => {
                self.outbox.loaded(ticket, records, &self.space);
            }
            ClientInput::Ingested { ticket, frontier } => self.ingested(ticket, &frontier),
            ClientInput::Failed { ticket, message } => self.failed(ticket, message),
        }
        self.advance();
        self.report();
    }

    /// The next thing to do, `None` when there is nothing until the next input.
    pub fn poll(&mut self) -> Option<ClientOutput> {
        self.outputs.pop_front()
    }

    /// The session at a glance.
    #[must_use]
    pub fn status(&self) -> Status {
        let open = self.link.is_open();
        let behind = if open { self.inbox.behind() } else { 0 };
        let ahead = self.local.count_beyond(self.outbox.relay());
        let state = match self.link.state() {
            State::Live if behind > 0 => State::CatchingUp,
            state => state,
        };
        Status {
            state,
            settled: state == State::Live && ahead == 0,
            received: self.received,
            sent: self.outbox.confirmed(),
            behind,
            ahead,
            relay: self.relay,
            error: self.outbox.error().cloned().or_else(|| self.error.clone()),
        }
    }

    /// What the relay is known to hold durably. The shell may compare its own actor: a relay that
    /// holds more of it than the local log means that the log was set back.
    #[must_use]
    pub const fn relay_frontier(&self) -> &Frontier {
        self.outbox.relay()
    }

    /// How far the relay's log was taken in durably.
    #[must_use]
    pub const fn cursor(&self) -> Cursor {
        self.inbox.cursor()
    }

    fn greet(&mut self) {
        if !self.link.connected(self.now) {
            return;
        }
        self.greeted = self.local.clone();
        let hello = Hello {
            space: self.space,
            cursor: self.inbox.cursor(),
            known: FrontierDigest::of(&self.greeted),
        };
        self.send(&Message::Hello(hello));
    }

    fn receive(&mut self, bytes: &[u8]) {
        self.link.heard(self.now);
        let open = self.link.is_open();
        match Message::decode(bytes) {
            Ok(Message::Welcome(welcome)) if !open => self.welcomed(welcome),
            Ok(Message::Records(batch)) if open => self.take_in(batch),
            Ok(Message::Appended(appended)) if open => self.appended(appended),
            Ok(Message::Refused(refused)) => self.refused(refused),
            Ok(Message::Ping(number)) => self.send(&Message::Pong(number)),
            Ok(Message::Pong(_)) => {}
            Ok(_) => self.lose(SyncError::Protocol("a frame that has no place here")),
            Err(error) => self.lose(unreadable(error)),
        }
    }

    fn welcomed(&mut self, welcome: Welcome) {
        self.link.open(self.now);
        let same_relay = self.relay == Some(welcome.relay);
        self.relay = Some(welcome.relay);
        // No frontier means that the relay's is the one whose digest the Hello named.
        let greeted = core::mem::take(&mut self.greeted);
        let frontier = welcome.frontier.unwrap_or(greeted);
        self.outbox.open(frontier, same_relay);
        let pull = self.inbox.open(welcome.relay, welcome.cursor_valid, welcome.head);
        self.send(&Message::Pull(pull));
        self.error = None;
    }

    fn take_in(&mut self, batch: Records) {
        match self.inbox.take(batch, &self.space, &self.local) {
            Ok(heads) => {
                self.received += heads.fresh;
                self.outbox.seen(&heads.frontier);
            }
            Err(error) => self.lose(error),
        }
    }

    fn appended(&mut self, appended: Appended) {
        match self.outbox.answered(appended, self.now) {
            Ok(forks) => self
                .outputs
                .extend(forks.into_iter().map(|(actor, seq)| ClientOutput::Forked { actor, seq })),
            Err(error) => self.lose(error),
        }
    }

    fn refused(&mut self, refused: Refused) {
        self.lose(SyncError::Refused { code: refused.code, message: refused.message });
    }

    fn ingested(&mut self, ticket: u64, frontier: &Frontier) {
        if !self.inbox.ingested(ticket) {
            return;
        }
        self.local.join(frontier);
        if self.link.is_open() {
            let pull = self.inbox.pull();
            self.send(&Message::Pull(pull));
        }
    }

    fn moved(&mut self, actor: ActorId, seq: u64) {
        self.local.cut(actor, seq.saturating_sub(1));
        self.outbox.retreat(actor);
    }

    /// A fork whose branches part before the cursor is resolved by what the cursor has passed.
    fn resolve_forks(&mut self) {
        let quiet = self.inbox.is_caught_up() && self.outbox.is_idle();
        if quiet && self.outbox.is_rewind_due(&self.local) {
            self.inbox.rewind();
            let reason = "a log has forked; the relay's is taken in from its start".into();
            self.lose(SyncError::Connection { reason });
        }
    }

    fn failed(&mut self, ticket: u64, message: String) {
        if self.inbox.failed(ticket) || self.outbox.failed(ticket) {
            self.lose(SyncError::Local(message));
        }
    }

    fn stop(&mut self) {
        if self.link.is_up() {
            self.close("stopped".into());
        }
        self.link.stop();
        self.hang_up();
        self.error = None;
    }

    /// The connection is over; the next attempt follows.
    fn lose(&mut self, error: SyncError) {
        if self.link.is_up() {
            self.close(alloc::format!("{error}"));
        }
        if error.is_lasting() {
            self.link.give_time();
        }
        self.link.lose(self.now);
        self.hang_up();
        self.error = Some(error);
    }

    fn close(&mut self, reason: String) {
        self.outputs.push_back(ClientOutput::Close { reason });
    }

    fn hang_up(&mut self) {
        self.outbox.close();
        if let Some(cursor) = self.inbox.close() {
            self.outputs.push_back(ClientOutput::SaveCursor(cursor));
        }
    }

    /// Does all that time and state allow.
    fn advance(&mut self) {
        match self.link.due(self.now, self.outbox.oldest()) {
            Some(Due::Lost(why)) => self.lose(SyncError::Connection { reason: why.into() }),
            Some(Due::Ping) => self.send(&Message::Ping(self.now)),
            // What came last is made durable before the cursor of the next Hello is read.
            Some(Due::Connect) if !self.inbox.is_ingesting() => {
                self.link.connect(self.now);
                self.outputs.push_back(ClientOutput::Connect);
            }
            Some(Due::Connect) | None => {}
        }
        if self.link.is_open() {
            self.take_next();
            self.push_next();
            self.resolve_forks();
        }
    }

    fn take_next(&mut self) {
        let next = self.tickets + 1;
        if let Some(ingest) = self.inbox.next(next) {
            self.tickets = next;
            self.outputs.push_back(ingest);
        }
        if let Some(cursor) = self.inbox.unsaved() {
            self.outputs.push_back(ClientOutput::SaveCursor(cursor));
        }
    }

    fn push_next(&mut self) {
        while let Some(append) = self.outbox.flush(&self.local, self.now) {
            self.send(&Message::Append(append));
        }
        let next = self.tickets + 1;
        if let Some(load) = self.outbox.load(&self.local, next) {
            self.tickets = next;
            self.outputs.push_back(load);
        }
    }

    fn send(&mut self, message: &Message) {
        self.outputs.push_back(ClientOutput::Send(message.encode()));
    }

    fn report(&mut self) {
        let deadline = self.link.deadline(self.outbox.oldest(), self.outbox.blocked_until());
        let earlier = match (deadline, self.alarm) {
            // A deadline that moved back needs no word: the early wake finds nothing due.
            (Some(deadline), Some(alarm)) => deadline < alarm || alarm <= self.now,
            (Some(_), None) => true,
            (None, _) => false,
        };
        // What is due and not done waits for an answer of the shell, not for the time.
        if let Some(deadline) = deadline.filter(|at| earlier && *at > self.now) {
            self.alarm = Some(deadline);
            self.outputs.push_back(ClientOutput::WakeAt(deadline));
        }
        let status = self.status();
        if self.reported.as_ref() != Some(&status) {
            self.reported = Some(status.clone());
            self.outputs.push_back(ClientOutput::Progress(status));
        }
    }
}

fn unreadable(error: DecodeError) -> SyncError {
    match error.fault {
        Fault::Version { found, known } => SyncError::Version { found, known },
        _ => SyncError::Unreadable(error),
    }
}
