//! One connection at a relay.
//!
//! The machine reads frames, asks its shell to store and to read, and sends. `feed` decides what
//! to send next. A record's body is never looked at.
//!
//! # Calling law
//!
//! As for the client: one input with [`Server::handle`], then [`Server::poll`] until `None`.
//! [`ServerOutput::Open`], [`ServerOutput::Append`] and [`ServerOutput::Read`] are answered once
//! each. The answer to an Append is given **after** its records are durable, and before the
//! [`ServerInput::Head`] that announces them. After [`ServerOutput::Close`] the connection is over.

mod feed;

use super::code::RefusedCode;
use super::cursor::{Cursor, FrontierDigest, Mark, RelayId};
use super::message::{Append, Appended, Hello, Message, Pull, Refused, Welcome};
use crate::codec::Fault;
use crate::model::{Frontier, SpaceId};
use alloc::collections::VecDeque;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use feed::Feed;

/// Milliseconds for the Hello to come.
const HANDSHAKE_MS: u64 = 5_000;
/// Milliseconds of silence before a ping.
const QUIET_MS: u64 = 30_000;
/// Milliseconds of silence before the connection counts as dead.
const DEAD_MS: u64 = 75_000;
/// Append frames under way at most; a client of ours has two.
const MAX_APPENDS: usize = 4;

/// WebSocket close codes in use, see RFC 6455 section 7.4.
pub mod close_code {
    /// The relay is going down.
    pub const GOING_AWAY: u16 = 1001;
    /// The client broke the protocol.
    pub const PROTOCOL: u16 = 1002;
    /// Silence for too long, or no handshake.
    pub const POLICY: u16 = 1008;
    /// Later may be better.
    pub const TRY_AGAIN: u16 = 1013;
}

/// A record at its place in a space's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRecord {
    /// Its position, from 1.
    pub position: u64,
    /// The whole record.
    pub record: Arc<[u8]>,
}

/// What the store says of a space to a client that opens it, all from one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// Which store this is.
    pub relay: RelayId,
    /// The last position of the space's log.
    pub head: u64,
    /// The history up to the cursor's position; `None` where the log ends before it.
    pub mark: Option<Mark>,
    /// What the space's log holds.
    pub frontier: Frontier,
}

/// The answer of the store to an Append.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// For the client.
    pub appended: Appended,
    /// The positions that the new records took, first and last; `None` where none was new.
    pub positions: Option<(u64, u64)>,
}

/// What happens to a connection.
#[derive(Debug, Clone)]
pub enum ServerInput {
    /// A binary message came.
    Received(Vec<u8>),
    /// Anything else was heard of the client, such as a WebSocket pong.
    Heard,
    /// The answer to [`ServerOutput::Open`].
    Opened(Opening),
    /// The answer to [`ServerOutput::Append`]: durable.
    Stored(Placed),
    /// The answer to [`ServerOutput::Read`].
    Range {
        /// The last position read; that of the request where there was nothing.
        last: u64,
        /// The history up to it.
        mark: Mark,
        /// The records up to it, in order.
        records: Vec<StoredRecord>,
    },
    /// The space's log reaches this far now.
    Head(u64),
    /// The store failed to answer any of the requests. The connection ends; nothing is lost.
    Failed,
    /// The relay is going down.
    Shutdown,
    /// The timer of [`ServerOutput::WakeAt`] has rung.
    Wake,
}

/// What a connection asks of its shell.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum ServerOutput {
    /// Send this as one binary message.
    Send(Vec<u8>),
    /// Send a WebSocket ping.
    Ping,
    /// Look up a space and the history at the cursor's position; subscribe to its head.
    Open {
        /// Which.
        space: SpaceId,
        /// What the client claims.
        cursor: Cursor,
    },
    /// Store records durably, then answer.
    Append {
        /// The client's number, for the answer.
        id: u32,
        /// Whole records as they came, unchecked.
        records: Vec<Vec<u8>>,
    },
    /// Read the log.
    Read {
        /// Positions after this one.
        after: u64,
        /// Bytes of records in sum at most, but one record at least.
        max_bytes: usize,
    },
    /// Give [`ServerInput::Wake`] at this time, in milliseconds. Replaces the one before.
    WakeAt(u64),
    /// Close the socket after what was sent.
    Close {
        /// WebSocket close code, see [`close_code`].
        code: u16,
        /// In words.
        reason: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Fresh,
    Opening { known: FrontierDigest, cursor: Cursor },
    Open,
    Closed,
}

/// The state machine. See the module for its calling law.
#[derive(Debug)]
pub struct Server {
    phase: Phase,
    since: u64,
    heard: u64,
    pinged: bool,
    now: u64,
    appends: usize,
    feed: Feed,
    alarm: Option<u64>,
    outputs: VecDeque<ServerOutput>,
}

impl Server {
    /// A connection that was accepted at `now`, in milliseconds.
    #[must_use]
    pub fn new(now: u64) -> Self {
        let deadline = now + HANDSHAKE_MS;
        Self {
            phase: Phase::Fresh,
            since: now,
            heard: now,
            pinged: false,
            now,
            appends: 0,
            feed: Feed::default(),
            alarm: Some(deadline),
            outputs: VecDeque::from([ServerOutput::WakeAt(deadline)]),
        }
    }

    /// Takes in what happened at `now`. Then [`Server::poll`] until `None`.
    pub fn handle(&mut self, now: u64, input: ServerInput) {
        self.now = self.now.max(now);
        if self.phase == Phase::Closed {
            return;
        }
        match input {
            ServerInput::Received(bytes) => self.receive(&bytes),
            ServerInput::Heard => self.hear(),
            ServerInput::Opened(opening) => self.opened(opening),
            ServerInput::Stored(placed) => self.stored(placed),
            ServerInput::Range { last, mark, records } => {
                if let Some(batch) = self.feed.take(last, mark, records) {
                    self.send(&Message::Records(batch));
                }
            }
            ServerInput::Head(head) => self.feed.reach(head),
            ServerInput::Failed => self.end(
                close_code::TRY_AGAIN,
                RefusedCode::Unavailable,
                "the relay's store cannot answer now",
            ),
            ServerInput::Shutdown => self.end(
                close_code::GOING_AWAY,
                RefusedCode::ShuttingDown,
                "the relay is going down",
            ),
            // The timer is spent; one that rang early is set once more.
            ServerInput::Wake => self.alarm = None,
        }
        self.keep_time();
        if self.phase == Phase::Open
            && let Some((after, max_bytes)) = self.feed.next()
        {
            self.outputs.push_back(ServerOutput::Read { after, max_bytes });
        }
    }

    /// The next thing to do, `None` when there is nothing until the next input.
    pub fn poll(&mut self) -> Option<ServerOutput> {
        self.outputs.pop_front()
    }

    /// Whether records wait that the client has granted no room for.
    #[must_use]
    pub const fn is_lagging(&self) -> bool {
        self.feed.is_lagging()
    }

    /// Bytes of records sent and not yet taken in by the client.
    #[must_use]
    pub const fn bytes_under_way(&self) -> usize {
        self.feed.bytes_under_way()
    }

    fn hear(&mut self) {
        self.heard = self.now;
        self.pinged = false;
    }

    fn receive(&mut self, bytes: &[u8]) {
        self.hear();
        let open = self.phase == Phase::Open;
        match Message::decode(bytes) {
            Ok(Message::Hello(hello)) if self.phase == Phase::Fresh => self.greet(&hello),
            Ok(Message::Pull(pull)) if open => self.pull(pull),
            Ok(Message::Append(append)) if open => self.append(append),
            Ok(Message::Ping(number)) => self.send(&Message::Pong(number)),
            Ok(Message::Pong(_)) => {}
            Ok(_) => self.wrong(RefusedCode::UnexpectedFrame, "this frame has no place here"),
            Err(error) => {
                let code = match error.fault {
                    Fault::Version { .. } => RefusedCode::UnsupportedVersion,
                    _ => RefusedCode::MalformedFrame,
                };
                self.wrong(code, &error.to_string());
            }
        }
    }

    fn greet(&mut self, hello: &Hello) {
        let cursor = hello.cursor;
        self.phase = Phase::Opening { known: hello.known, cursor };
        let space = hello.space;
        self.outputs.push_back(ServerOutput::Open { space, cursor });
    }

    fn opened(&mut self, opening: Opening) {
        let Phase::Opening { known, cursor } = self.phase else {
            return;
        };
        self.phase = Phase::Open;
        self.feed.reach(opening.head);
        let same = FrontierDigest::of(&opening.frontier) == known;
        let welcome = Welcome {
            relay: opening.relay,
            head: opening.head,
            cursor_valid: cursor.relay == opening.relay && opening.mark == Some(cursor.mark),
            frontier: (!same).then_some(opening.frontier),
        };
        self.send(&Message::Welcome(welcome));
    }

    fn pull(&mut self, pull: Pull) {
        if let Err(why) = self.feed.grant(pull) {
            self.wrong(RefusedCode::UnexpectedFrame, why);
        }
    }

    fn append(&mut self, append: Append) {
        if self.appends == MAX_APPENDS {
            return self.wrong(
                RefusedCode::TooManyAppends,
                "wait for answers before sending more records",
            );
        }
        self.appends += 1;
        self.outputs.push_back(ServerOutput::Append { id: append.id, records: append.records });
    }

    fn stored(&mut self, placed: Placed) {
        self.appends = self.appends.saturating_sub(1);
        if let Some((first, last)) = placed.positions {
            self.feed.skip(first, last);
        }
        self.send(&Message::Appended(placed.appended));
    }

    fn keep_time(&mut self) {
        let deadline = match self.phase {
            Phase::Closed => return,
            Phase::Fresh => self.since + HANDSHAKE_MS,
            _ if self.pinged => self.heard + DEAD_MS,
            _ => self.heard + QUIET_MS,
        };
        if self.now < deadline {
            // A deadline that moved back needs no word: the early wake finds nothing due.
            if self.alarm.is_none_or(|alarm| deadline < alarm || alarm <= self.now) {
                self.alarm = Some(deadline);
                self.outputs.push_back(ServerOutput::WakeAt(deadline));
            }
            return;
        }
        match self.phase {
            Phase::Fresh => {
                self.end(close_code::POLICY, RefusedCode::HandshakeTimeout, "no Hello in time")
            }
            _ if self.pinged => {
                self.end(close_code::POLICY, RefusedCode::IdleTimeout, "nothing heard for too long")
            }
            _ => {
                self.pinged = true;
                self.outputs.push_back(ServerOutput::Ping);
                self.keep_time();
            }
        }
    }

    fn wrong(&mut self, code: RefusedCode, message: &str) {
        self.end(close_code::PROTOCOL, code, message);
    }

    fn end(&mut self, close: u16, code: RefusedCode, message: &str) {
        self.send(&Message::Refused(Refused { code, message: message.to_string() }));
        self.outputs
            .push_back(ServerOutput::Close { code: close, reason: code.as_str().to_string() });
        self.phase = Phase::Closed;
    }

    fn send(&mut self, message: &Message) {
        self.outputs.push_back(ServerOutput::Send(message.encode()));
    }
}
