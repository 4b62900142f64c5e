//! A tab of a page: a database in memory, its journal's outbox, and its sync session.
//!
//! It keeps the duties that the package's shell keeps: what is committed is acknowledged once it is
//! stored, nothing leaves the device before, and a cursor is stored after what it stands for.

use crate::clock::{SimHost, WallClock};
use crate::disk::{Disk, DiskError, done};
use crate::failure::{Checked, broken, engine};
use crate::ledger::{Id, Ids, Ledger};
use crate::net::ConnId;
use crate::rng::Rng;
use crate::workload::Work;
use pluresdb::codec::Frame;
use pluresdb::journal::{Journal, Position, Read, load, save};
use pluresdb::sync::{Client, ClientConfig, ClientInput, ClientOutput, Cursor, Message, Status};
use pluresdb::{ActorId, Database, Frontier, Options};
use std::collections::{BTreeMap, VecDeque};

/// Most records that may wait for others at a moment: what gossip brings in one run.
const MOST_WAITING: usize = 4_000;

/// What a tab asks of the world.
#[derive(Debug)]
pub(crate) enum Effect {
    After(u64, TabEvent),
    Connect,
    Send(Vec<u8>),
    Close,
    /// Other tabs have something to read.
    Stored,
}

/// What was asked for has come.
#[derive(Debug, Clone)]
pub(crate) enum TabEvent {
    Wake { at: u64 },
    Ingest { ticket: u64 },
    Load { ticket: u64, actor: ActorId, after: u64, max_bytes: usize },
    Flushed,
    Flush,
    SaveCursor { ticket: u64, cursor: Cursor },
    CatchUp,
    Checkpointed,
}

/// What lies around a tab.
#[derive(Debug)]
pub(crate) struct Env<'a> {
    pub(crate) now: u64,
    pub(crate) disk: &'a mut Disk,
    pub(crate) ledger: &'a mut Ledger,
    /// The next append fails.
    pub(crate) disk_fails: &'a mut u32,
    /// No clock is wrong, so what is written is later than what is seen.
    pub(crate) clocks_are_right: bool,
}

/// Who waits until all that is committed is stored.
#[derive(Debug, Clone)]
enum Waiter {
    Commit(Id),
    Ingest(u64),
    Nobody,
}

/// A checkpoint under way.
#[derive(Debug)]
struct Checkpoint {
    image: Vec<u8>,
    covered: Position,
}

#[derive(Debug, Default)]
struct Outbox {
    position: i64,
    records: Vec<Vec<u8>>,
}

/// A tab. See the module.
#[derive(Debug)]
pub(crate) struct Tab {
    pub(crate) db: Database,
    /// The actor under whose lock it writes.
    pub(crate) lease: ActorId,
    pub(crate) socket: Option<ConnId>,
    pub(crate) effects: VecDeque<Effect>,
    client: Client,
    options: Options,
    clock: WallClock,
    rng: Rng,
    outbox: Outbox,
    durable: Frontier,
    seen: Position,
    /// Records that a flush under way stores, and who waits for it.
    flushing: Option<(Vec<Vec<u8>>, Vec<Waiter>)>,
    waiting: Vec<Waiter>,
    checkpoint: Option<Checkpoint>,
    ingests: BTreeMap<u64, (Vec<Vec<u8>>, Cursor)>,
    wake: Option<u64>,
    retrying: bool,
}

impl Tab {
    /// Opens the database that the disk holds, and goes online.
    pub(crate) fn open(
        env: &mut Env<'_>,
        lease: ActorId,
        options: Options,
        clock: &WallClock,
        mut rng: Rng,
    ) -> Checked<Self> {
        let (mut db, seen) = recover(env, options, clock, lease, &mut rng)?;
        let durable = engine(db.frontier())?;
        let cursor = env.disk.cursor.as_ref().and_then(|bytes| Cursor::from_bytes(bytes).ok());
        let space = db.space();
        let config = ClientConfig { space, cursor, frontier: durable.clone(), seed: rng.next() };
        let position = engine(db.position())?;
        let mut tab = Self {
            db,
            lease,
            socket: None,
            effects: VecDeque::new(),
            client: Client::new(config),
            options,
            clock: clock.clone(),
            rng,
            outbox: Outbox { position, records: Vec::new() },
            durable,
            seen,
            flushing: None,
            waiting: Vec::new(),
            checkpoint: None,
            ingests: BTreeMap::new(),
            wake: None,
            retrying: false,
        };
        tab.give(env, ClientInput::Start)?;
        Ok(tab)
    }

    pub(crate) fn status(&self) -> Status {
        self.client.status()
    }

    /// Whether all that was committed is stored.
    pub(crate) fn is_saved(&mut self) -> Checked<bool> {
        self.collect()?;
        Ok(self.flushing.is_none() && self.outbox.records.is_empty())
    }

    /// Runs a transaction and asks for it to be stored.
    pub(crate) fn commit(&mut self, env: &mut Env<'_>, work: &Work) -> Checked {
        let before = self.own_seq()?;
        let committed = work.run(&mut self.db)?;
        let after = self.own_seq()?;
        if after == before {
            return Ok(());
        }
        if env.clocks_are_right {
            work.is_read_back(&self.db)?;
        }
        if !committed || after != before + 1 {
            return broken("a transaction is one record or none", format!("{before} to {after}"));
        }
        let actor = self.db.actor().unwrap_or_default();
        let mut records = engine(self.db.records_of(actor, before, usize::MAX))?;
        let Some(record) = records.pop() else {
            return broken("a transaction is one record or none", "the log does not have it");
        };
        let id = env.ledger.committed(record);
        self.saved(env, Waiter::Commit(id))
    }

    /// Takes records that came some other way than from the relay.
    pub(crate) fn gossip(&mut self, env: &mut Env<'_>, records: &[Vec<u8>]) -> Checked {
        self.apply(records)?;
        self.saved(env, Waiter::Nobody)
    }

    /// Begins a checkpoint, where one may be taken.
    pub(crate) fn begin_checkpoint(&mut self) -> Checked {
        self.collect()?;
        if !self.outbox.records.is_empty() || self.checkpoint.is_some() {
            return Ok(());
        }
        let image = engine(self.db.with_image(<[u8]>::to_vec))?;
        self.checkpoint = Some(Checkpoint { image, covered: self.seen });
        self.later(500, TabEvent::Checkpointed);
        Ok(())
    }

    /// Gives the sync session one input, and does all that it then asks for.
    pub(crate) fn give(&mut self, env: &Env<'_>, input: ClientInput) -> Checked {
        self.client.handle(env.now, input);
        while let Some(output) = self.client.poll() {
            match output {
                ClientOutput::Connect => self.effects.push_back(Effect::Connect),
                ClientOutput::Send(bytes) => {
                    only_durable_records_leave(&bytes, env)?;
                    self.effects.push_back(Effect::Send(bytes));
                }
                ClientOutput::Close { .. } => self.effects.push_back(Effect::Close),
                ClientOutput::Load { ticket, actor, after, max_bytes } => {
                    self.later(20, TabEvent::Load { ticket, actor, after, max_bytes });
                }
                ClientOutput::Ingest { ticket, records, cursor } => {
                    self.ingests.insert(ticket, (records, cursor));
                    self.later(50, TabEvent::Ingest { ticket });
                }
                ClientOutput::SaveCursor(cursor) => {
                    self.later(50, TabEvent::SaveCursor { ticket: 0, cursor });
                }
                ClientOutput::Forked { actor, .. } => self.retire(env, actor)?,
                ClientOutput::WakeAt(at) if at <= env.now => {
                    return broken("a machine never spins", "a client wakes in the past");
                }
                ClientOutput::WakeAt(at) => {
                    self.wake = Some(at);
                    self.effects.push_back(Effect::After(at - env.now, TabEvent::Wake { at }));
                }
                ClientOutput::Progress(_) => {}
            }
        }
        Ok(())
    }

    pub(crate) fn event(&mut self, env: &mut Env<'_>, event: TabEvent) -> Checked {
        match event {
            TabEvent::Wake { at } => {
                if self.wake.take_if(|wake| *wake == at).is_some() {
                    self.give(env, ClientInput::Wake)?;
                }
            }
            TabEvent::Ingest { ticket } => {
                let records = self.ingests.get(&ticket).map(|(records, _)| records.clone());
                self.apply(&records.unwrap_or_default())?;
                self.saved(env, Waiter::Ingest(ticket))?;
            }
            TabEvent::Load { ticket, actor, after, max_bytes } => {
                let mut records = engine(self.db.records_of(actor, after, max_bytes))?;
                let durable = self.durable.get(&actor).saturating_sub(after);
                records.truncate(durable as usize);
                self.give(env, ClientInput::Loaded { ticket, records })?;
            }
            TabEvent::Flushed => self.end_flush(env)?,
            TabEvent::Flush => {
                self.retrying = false;
                self.saved(env, Waiter::Nobody)?;
            }
            TabEvent::SaveCursor { ticket, cursor } => {
                env.disk.cursor = Some(cursor.to_bytes());
                if ticket > 0 {
                    let frontier = self.durable.clone();
                    self.give(env, ClientInput::Ingested { ticket, frontier })?;
                }
            }
            TabEvent::CatchUp => self.catch_up(env)?,
            TabEvent::Checkpointed => {
                if let Some(Checkpoint { image, covered }) = self.checkpoint.take()
                    && let Err(error) = done(save(&*env.disk, &image, covered, async || {}))
                {
                    return broken("storage works", error);
                }
            }
        }
        Ok(())
    }

    /// The process ends at once. What it was storing may be stored or not, a checkpoint in part.
    pub(crate) fn crash(mut self, env: &mut Env<'_>) -> Checked {
        if let Some((records, _)) = self.flushing.take()
            && self.rng.percent(50)
        {
            let ids = env.ledger.ids(&records)?;
            let _ = env.disk.append_as(&records, &ids, self.db.actor());
        }
        if let Some(Checkpoint { image, covered }) = self.checkpoint.take() {
            env.disk.light_fuse(Some(self.rng.below(4) as u32));
            let _ = done(save(&*env.disk, &image, covered, async || {}));
            env.disk.light_fuse(None);
        }
        Ok(())
    }

    /// The tab is closed by its user: all is stored first.
    pub(crate) fn close(mut self, env: &mut Env<'_>) -> Checked {
        if self.flushing.is_some() {
            self.end_flush(env)?;
        }
        if self.flushing.is_none() {
            self.saved(env, Waiter::Nobody)?;
        }
        if self.flushing.is_some() {
            self.end_flush(env)?;
        }
        self.crash(env)
    }

    fn own_seq(&mut self) -> Checked<u64> {
        let frontier = engine(self.db.frontier())?;
        Ok(self.db.actor().map_or(0, |actor| frontier.get(&actor)))
    }

    fn apply(&mut self, records: &[Vec<u8>]) -> Checked {
        let applied = engine(self.db.apply(records))?;
        if let Some(rejected) = applied.rejected.first() {
            return broken("a sound record is taken", format!("{rejected:?}"));
        }
        if applied.waiting > MOST_WAITING {
            return broken("memory is bounded", format!("{} records wait", applied.waiting));
        }
        Ok(())
    }

    /// The relay holds other records of this actor: writes on as another.
    fn retire(&mut self, env: &Env<'_>, actor: ActorId) -> Checked {
        // The pool is the disk's; the next open sees that this actor is not whole.
        let _ = env;
        if self.db.actor() == Some(actor) {
            engine(self.db.set_actor(random_actor(&mut self.rng)))?;
        }
        Ok(())
    }

    fn collect(&mut self) -> Checked {
        let batch = engine(self.db.records_after(self.outbox.position, usize::MAX))?;
        self.outbox.position = batch.position;
        self.outbox.records.extend(batch.records);
        Ok(())
    }

    fn saved(&mut self, env: &mut Env<'_>, waiter: Waiter) -> Checked {
        self.collect()?;
        if self.flushing.is_none() && self.outbox.records.is_empty() {
            return self.resolve(env, waiter);
        }
        self.waiting.push(waiter);
        if self.flushing.is_none() {
            self.begin_flush();
        }
        Ok(())
    }

    fn begin_flush(&mut self) {
        let waiting = std::mem::take(&mut self.waiting);
        self.flushing = Some((self.outbox.records.clone(), waiting));
        self.later(40, TabEvent::Flushed);
    }

    fn end_flush(&mut self, env: &mut Env<'_>) -> Checked {
        let Some((records, waiters)) = self.flushing.take() else {
            return Ok(());
        };
        let fails = *env.disk_fails > 0;
        if fails {
            *env.disk_fails -= 1;
        }
        if !fails || self.rng.percent(30) {
            let ids = env.ledger.ids(&records)?;
            match env.disk.append_as(&records, &ids, self.db.actor()) {
                Ok(last) if !fails => self.stored(env, &records, last)?,
                Ok(_) => {}
                Err(DiskError::OtherWriter) => {
                    return broken("an actor has one writer", "storage refused an append");
                }
                Err(error) => return broken("storage works", error),
            }
        }
        for waiter in waiters {
            if fails {
                self.reject(env, waiter)?;
            } else {
                self.resolve(env, waiter)?;
            }
        }
        self.collect()?;
        if !self.waiting.is_empty() {
            self.begin_flush();
        } else if fails && !std::mem::replace(&mut self.retrying, true) {
            self.effects.push_back(Effect::After(1_000, TabEvent::Flush));
        }
        Ok(())
    }

    fn stored(&mut self, env: &Env<'_>, records: &[Vec<u8>], last: Position) -> Checked {
        self.outbox.records.drain(..records.len());
        advance(&mut self.durable, records);
        if self.seen + records.len() as Position == last {
            self.seen = last;
        }
        self.effects.push_back(Effect::Stored);
        if last > self.seen {
            self.later(20, TabEvent::CatchUp);
        }
        let frontier = self.durable.clone();
        self.give(env, ClientInput::Local { frontier })
    }

    fn resolve(&mut self, env: &mut Env<'_>, waiter: Waiter) -> Checked {
        match waiter {
            Waiter::Commit(id) if env.disk.contents().contains(&id) => env.ledger.acknowledge(id),
            Waiter::Commit(id) => {
                return broken("what is acknowledged is stored", env.ledger.name([id]));
            }
            Waiter::Ingest(ticket) => {
                if let Some((_, cursor)) = self.ingests.remove(&ticket) {
                    self.later(20, TabEvent::SaveCursor { ticket, cursor });
                }
            }
            Waiter::Nobody => {}
        }
        Ok(())
    }

    fn reject(&mut self, env: &Env<'_>, waiter: Waiter) -> Checked {
        let Waiter::Ingest(ticket) = waiter else {
            return Ok(());
        };
        self.ingests.remove(&ticket);
        self.give(env, ClientInput::Failed { ticket, message: "the disk failed".into() })
    }

    /// Applies what other tabs stored.
    fn catch_up(&mut self, env: &mut Env<'_>) -> Checked {
        let Read::Records { records, last } = read(env.disk, self.seen)? else {
            return self.reload(env);
        };
        if records.is_empty() {
            return Ok(());
        }
        self.collect()?;
        self.apply(&records)?;
        self.outbox.position = engine(self.db.position())?;
        advance(&mut self.durable, &records);
        self.seen = self.seen.max(last);
        let frontier = self.durable.clone();
        self.give(env, ClientInput::Local { frontier })
    }

    /// Begins again from the newest image: records not seen here were deleted.
    fn reload(&mut self, env: &mut Env<'_>) -> Checked {
        let actor = self.db.actor().unwrap_or_default();
        let (mut db, seen) = recover(env, self.options, &self.clock, actor, &mut self.rng)?;
        self.collect()?;
        self.durable.join(&engine(db.frontier())?);
        engine(db.apply(&self.outbox.records))?;
        self.outbox.position = engine(db.position())?;
        self.db = db;
        self.seen = seen;
        let frontier = self.durable.clone();
        self.give(env, ClientInput::Local { frontier })
    }

    fn later(&mut self, slowest: u64, event: TabEvent) {
        let delay = self.rng.between(1, slowest);
        self.effects.push_back(Effect::After(delay, event));
    }
}

/// Reads the newest image and the records behind it: all that the disk holds must be there. It
/// writes as `actor`, if all that this one ever stored is there, and else as a new one.
fn recover(
    env: &Env<'_>,
    options: Options,
    clock: &WallClock,
    actor: ActorId,
    rng: &mut Rng,
) -> Checked<(Database, Position)> {
    let loaded = done(load(env.disk)).or_else(|error| broken("storage works", error))?;
    if loaded.fell_back && !env.disk.is_damaged() {
        return broken("a crash leaves a whole checkpoint", "the newest one is damaged");
    }
    let host = SimHost::boxed(clock, Rng::of(rng.next(), &[]));
    let mut db = engine(match &loaded.image {
        Some(image) => Database::from_image(image, host, options),
        None => Database::in_memory(host, options),
    })?;
    let Read::Records { records, last } = read(env.disk, loaded.covered)? else {
        return broken("a crash leaves a whole checkpoint", "records behind the image are gone");
    };
    let applied = engine(db.apply(&records))?;
    if applied.waiting > 0 || !applied.rejected.is_empty() {
        return broken("what is stored is read back", format!("{applied:?}"));
    }
    if !loaded.damaged.is_empty() {
        // All of it was recovered another way: the damaged chunks are of no more use.
        done(env.disk.discard(&loaded.damaged)).or_else(|error| broken("storage works", error))?;
    }
    let here: Ids =
        env.ledger.ids(&engine(db.records_after(0, usize::MAX))?.records)?.into_iter().collect();
    let mut missing = env.disk.contents().difference(&here).copied().peekable();
    if missing.peek().is_some() {
        return broken("what is stored is read back", env.ledger.name(missing));
    }
    let whole = env.disk.stored_head(&actor).seq == engine(db.frontier())?.get(&actor);
    engine(db.set_actor(if whole { actor } else { random_actor(rng) }))?;
    Ok((db, last))
}

fn read(disk: &Disk, after: Position) -> Checked<Read> {
    done(disk.read(after, usize::MAX)).or_else(|error| broken("storage works", error))
}

fn only_durable_records_leave(message: &[u8], env: &Env<'_>) -> Checked {
    let Ok(Message::Append(append)) = Message::decode(message) else {
        return Ok(());
    };
    let ids = env.ledger.ids(&append.records)?;
    let mut early = ids.into_iter().filter(|id| !env.disk.contents().contains(id)).peekable();
    if early.peek().is_some() {
        return broken("only what is durable leaves", env.ledger.name(early));
    }
    Ok(())
}

fn advance(frontier: &mut Frontier, records: &[Vec<u8>]) {
    for record in records {
        if let Ok(frame) = Frame::read(record) {
            frontier.advance(frame.header.actor, frame.header.seq);
        }
    }
}

pub(crate) fn random_actor(rng: &mut Rng) -> ActorId {
    let mut bytes = [0; 16];
    rng.fill(&mut bytes);
    ActorId(bytes)
}
