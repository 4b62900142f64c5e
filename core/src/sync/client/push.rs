//! What goes to the relay: everything of the local log beyond the relay's frontier, whoever wrote
//! it, so that any device heals a relay that was wiped.
//!
//! Records are loaded for one actor at a time, staged into a frame, and sent while fewer than
//! [`MAX_IN_FLIGHT`] frames wait for their answer; so memory is bounded.

use super::ClientOutput;
use crate::codec::Frame;
use crate::model::{ActorId, Frontier, SpaceId};
use crate::sync::code::RefusalReason;
use crate::sync::message::{
    Append, Appended, BATCH_BYTES, MAX_FRAME_RECORDS, MAX_IN_FLIGHT, Refusal,
};
use crate::sync::status::SyncError;
use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec::Vec;

/// A frame goes out when it holds this much, or when nothing else is to be sent.
const FULL_BYTES: usize = BATCH_BYTES / 2;
const FULL_RECORDS: usize = 2048;
/// Milliseconds until an actor whose records were not taken is tried again.
const BLOCK_MS: u64 = 60_000;
/// Gap answers for one actor, without a record taken, until it is left alone for a while.
const MAX_GAPS: u32 = 8;

/// Records of one actor inside a frame.
#[derive(Debug, Clone, Copy)]
struct Run {
    actor: ActorId,
    /// The number of the first.
    first: u64,
    count: u64,
    /// The records are no longer in the local log: they were moved to another actor.
    stale: bool,
}

#[derive(Debug)]
struct InFlight {
    id: u32,
    at: u64,
    runs: Vec<Run>,
}

#[derive(Debug, Clone, Copy)]
struct Loading {
    ticket: u64,
    actor: ActorId,
    after: u64,
}

/// An actor that is not pushed.
#[derive(Debug)]
struct Block {
    error: SyncError,
    /// `None` for a fork, which does not pass with time.
    until: Option<u64>,
    fork: Fork,
}

/// How far a fork is from being resolved. The local log resolves it when it takes in the relay's
/// branch from where the two part; what is left then is pushed like anything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fork {
    /// The relay refused a record, and its own may be under way already.
    Refused,
    /// A record of the relay's branch came, and those before it were passed long ago.
    Astray,
    /// The relay's log is taken in from its start.
    Rewinding,
    /// That did not help.
    Lasting,
}

#[derive(Debug, Default)]
pub(super) struct Outbox {
    relay: Frontier,
    /// Sent or staged on this connection, where that is beyond the relay's frontier.
    sent: BTreeMap<ActorId, u64>,
    blocked: BTreeMap<ActorId, Block>,
    gaps: BTreeMap<ActorId, u32>,
    staged: Vec<Vec<u8>>,
    staged_bytes: usize,
    runs: Vec<Run>,
    loading: Option<Loading>,
    in_flight: VecDeque<InFlight>,
    last_id: u32,
    confirmed: u64,
    now: u64,
}

impl Outbox {
    /// What the relay is known to hold durably.
    pub(super) const fn relay(&self) -> &Frontier {
        &self.relay
    }

    pub(super) const fn confirmed(&self) -> u64 {
        self.confirmed
    }

    /// When the oldest frame without an answer was sent.
    pub(super) fn oldest(&self) -> Option<u64> {
        self.in_flight.front().map(|frame| frame.at)
    }

    /// The most lasting reason why an actor is not pushed. A fork that may yet be resolved is none.
    pub(super) fn error(&self) -> Option<&SyncError> {
        let shown = self
            .blocked
            .values()
            .filter(|block| block.until.is_some() || block.fork == Fork::Lasting);
        shown.max_by_key(|block| block.until.is_none()).map(|block| &block.error)
    }

    /// A record of the relay continues another branch of this actor's log than the one here.
    pub(super) fn astray(&mut self, actor: ActorId, seq: u64) {
        let again = self.blocked.get(&actor).is_some_and(|block| block.fork == Fork::Rewinding);
        let fork = if again { Fork::Lasting } else { Fork::Astray };
        let error = SyncError::Fork { actor, seq };
        self.blocked.insert(actor, Block { error, until: None, fork });
    }

    /// Everything of the relay is here, and nothing is under way. Whether its log is to be taken in
    /// from the start, for the sake of forks.
    pub(super) fn is_rewind_due(&mut self, local: &Frontier) -> bool {
        let mut due = false;
        for (actor, block) in &mut self.blocked {
            block.fork = match block.fork {
                Fork::Refused | Fork::Astray if block.until.is_none() => {
                    due = true;
                    Fork::Rewinding
                }
                Fork::Rewinding if local.get(actor) > self.relay.get(actor) => Fork::Lasting,
                fork => fork,
            };
        }
        if !due {
            self.blocked.retain(|_, block| block.fork != Fork::Rewinding);
        }
        due
    }

    pub(super) fn is_idle(&self) -> bool {
        self.in_flight.is_empty() && self.loading.is_none()
    }

    /// The fork of this actor is resolved: its records here are those of the relay's branch. What is
    /// under way of the other branch is of no more use.
    pub(super) fn retreat(&mut self, actor: ActorId) {
        self.blocked.remove(&actor);
        self.gaps.remove(&actor);
        self.sent.remove(&actor);
        self.loading.take_if(|loading| loading.actor == actor);
        let runs = self.in_flight.iter_mut().flat_map(|frame| &mut frame.runs);
        runs.filter(|run| run.actor == actor).for_each(|run| run.stale = true);
        if self.runs.iter().any(|run| run.actor == actor) {
            // The others of the frame are loaded once more.
            for run in core::mem::take(&mut self.runs) {
                self.sent.remove(&run.actor);
            }
            self.staged.clear();
            self.staged_bytes = 0;
        }
    }

    pub(super) fn blocked_until(&self) -> Option<u64> {
        self.blocked.values().filter_map(|block| block.until).min()
    }

    /// Starts a new connection, with what the relay holds.
    pub(super) fn open(&mut self, relay: Frontier, same_relay: bool) {
        self.relay = relay;
        if !same_relay {
            self.blocked.clear();
        }
    }

    /// Forgets what was under way; the next Welcome tells what is to be sent again.
    pub(super) fn close(&mut self) {
        self.sent.clear();
        self.gaps.clear();
        self.blocked.retain(|_, block| block.until.is_none());
        self.staged = Vec::new();
        self.staged_bytes = 0;
        self.runs.clear();
        self.loading = None;
        self.in_flight.clear();
    }

    /// Records that came from the relay need not go there.
    pub(super) fn seen(&mut self, frontier: &Frontier) {
        self.relay.join(frontier);
    }

    /// Asks for the next records, while there is room for them.
    pub(super) fn load(&mut self, local: &Frontier, ticket: u64) -> Option<ClientOutput> {
        let room = self.in_flight.len() < MAX_IN_FLIGHT && !self.is_full();
        if !room || self.loading.is_some() {
            return None;
        }
        let (actor, after) = self.target(local)?;
        self.loading = Some(Loading { ticket, actor, after });
        Some(ClientOutput::Load {
            ticket,
            actor,
            after,
            max_bytes: BATCH_BYTES - self.staged_bytes,
        })
    }

    /// Stages what was asked for.
    pub(super) fn loaded(&mut self, ticket: u64, records: Vec<Vec<u8>>, space: &SpaceId) {
        let Some(loading) = self.loading.filter(|loading| loading.ticket == ticket) else {
            return;
        };
        self.loading = None;
        let Loading { actor, after, .. } = loading;
        let mut last = after;
        for record in records {
            if self.staged.len() == MAX_FRAME_RECORDS || self.staged_bytes >= BATCH_BYTES {
                break;
            }
            let fits = Frame::read(&record).is_ok_and(|Frame { header, .. }| {
                header.space == *space && header.actor == actor && header.seq == last + 1
            });
            if !fits {
                break;
            }
            last += 1;
            self.staged_bytes += record.len();
            self.staged.push(record);
        }
        if last == after {
            let seq = after + 1;
            self.block(actor, SyncError::Missing { actor, seq });
            return;
        }
        self.runs.push(Run { actor, first: after + 1, count: last - after, stale: false });
        self.sent.insert(actor, last);
    }

    /// Whether the failed request was waited for.
    pub(super) fn failed(&mut self, ticket: u64) -> bool {
        let awaited = self.loading.is_some_and(|loading| loading.ticket == ticket);
        if awaited {
            self.loading = None;
        }
        awaited
    }

    /// The next frame, when it is full or complete and may be sent.
    pub(super) fn flush(&mut self, local: &Frontier, now: u64) -> Option<Append> {
        self.now = now;
        self.blocked.retain(|_, block| block.until.is_none_or(|until| until > now));
        let ready = self.is_full() || (self.loading.is_none() && self.target(local).is_none());
        if self.staged.is_empty() || self.in_flight.len() == MAX_IN_FLIGHT || !ready {
            return None;
        }
        self.last_id = self.last_id.wrapping_add(1);
        self.staged_bytes = 0;
        self.in_flight.push_back(InFlight {
            id: self.last_id,
            at: now,
            runs: core::mem::take(&mut self.runs),
        });
        Some(Append { id: self.last_id, records: core::mem::take(&mut self.staged) })
    }

    /// Takes in what became of a frame; gives the forks.
    pub(super) fn answered(
        &mut self,
        appended: Appended,
        now: u64,
    ) -> Result<Vec<(ActorId, u64)>, SyncError> {
        self.now = now;
        let place = self.in_flight.iter().position(|frame| frame.id == appended.id);
        let Some(frame) = place.and_then(|place| self.in_flight.remove(place)) else {
            return Err(SyncError::Protocol("an answer to nothing that was sent"));
        };
        for (actor, seq) in appended.accepted {
            let known = self.relay.get(&actor);
            if seq > known && frame.runs.iter().any(|run| run.actor == actor) {
                self.confirmed += seq - known;
                self.relay.advance(actor, seq);
                self.gaps.remove(&actor);
            }
        }
        let mut forks = Vec::new();
        for refusal in &appended.refused {
            let Some((actor, seq, stale)) = frame.find(refusal.index) else {
                return Err(SyncError::Protocol("a refusal of what was not sent"));
            };
            if stale {
                continue;
            }
            self.refused(actor, seq, refusal)?;
            if refusal.reason == RefusalReason::Fork {
                forks.push((actor, seq));
            }
        }
        Ok(forks)
    }

    fn refused(&mut self, actor: ActorId, seq: u64, refusal: &Refusal) -> Result<(), SyncError> {
        let reason = refusal.reason;
        if let RefusalReason::Gap { expected } = reason {
            if expected <= self.relay.get(&actor) || expected > seq {
                return Err(SyncError::Protocol("a gap that contradicts its frontier"));
            }
            self.sent.insert(actor, expected - 1);
            let gaps = self.gaps.entry(actor).or_insert(0);
            *gaps += 1;
            if *gaps > MAX_GAPS {
                self.block(actor, SyncError::NotTaken { actor, seq, reason });
            }
            return Ok(());
        }
        self.sent.insert(actor, seq - 1);
        if reason == RefusalReason::Fork {
            let error = SyncError::Fork { actor, seq };
            self.blocked.insert(actor, Block { error, until: None, fork: Fork::Refused });
        } else {
            self.block(actor, SyncError::NotTaken { actor, seq, reason });
        }
        Ok(())
    }

    fn block(&mut self, actor: ActorId, error: SyncError) {
        self.gaps.remove(&actor);
        let until = Some(self.now + BLOCK_MS);
        self.blocked.entry(actor).or_insert(Block { error, until, fork: Fork::Refused });
    }

    /// The first actor with records to send, and after which.
    fn target(&self, local: &Frontier) -> Option<(ActorId, u64)> {
        local.beyond(&self.relay).find_map(|(actor, there, here)| {
            let sent = self.sent.get(&actor).copied().unwrap_or(0).max(there);
            (here > sent && !self.blocked.contains_key(&actor)).then_some((actor, sent))
        })
    }

    const fn is_full(&self) -> bool {
        self.staged_bytes >= FULL_BYTES || self.staged.len() >= FULL_RECORDS
    }
}

impl InFlight {
    /// Actor and number of the record at a place of the frame, and whether it is stale.
    fn find(&self, index: u32) -> Option<(ActorId, u64, bool)> {
        let mut rest = u64::from(index);
        for run in &self.runs {
            if rest < run.count {
                return Some((run.actor, run.first + rest, run.stale));
            }
            rest -= run.count;
        }
        None
    }
}
