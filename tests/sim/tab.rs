//! A tab of a page: a database in memory, its journal's outbox, and its sync session.
//!
//! It keeps the duties that the package's shell keeps: what is committed is acknowledged once it is
//! stored, nothing leaves the device before, and a cursor is stored after what it stands for.

mod session;
mod undo;

use crate::clock::WallClock;
use crate::disk::{Disk, DiskError, done};
use crate::failure::{Checked, broken, engine};
use crate::ledger::{Id, Ids, Ledger};
use crate::net::ConnId;
use crate::recover::{Recovered, read, recover};
use crate::rng::Rng;
use crate::workload::Work;
use pluresdb::journal::{Position, Read, save};
use pluresdb::sync::{Client, ClientConfig, ClientInput, Cursor, Status};
use pluresdb::{ActorId, Append, Database, Frontier, Options, Outbox, Retention};
use std::collections::{BTreeMap, VecDeque};
use undo::Last;

/// How many transactions of a tab can be undone.
const MOST_UNDO: usize = 8;

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

/// An append under way.
#[derive(Debug)]
struct Flush {
    append: Append,
    waiters: Vec<Waiter>,
}

/// A checkpoint under way.
#[derive(Debug)]
struct Checkpoint {
    image: Vec<u8>,
    covered: Position,
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
    /// What was durable when the sync session was last told.
    known: Frontier,
    /// Records wait in the database, and are not in the journal: no cursor may pass them.
    holds: bool,
    /// What the sync session is to be told before the end of an ingest.
    moved: Vec<ClientInput>,
    seen: Position,
    /// Records that a flush under way stores, and who waits for it.
    flushing: Option<Flush>,
    waiting: Vec<Waiter>,
    checkpoint: Option<Checkpoint>,
    ingests: BTreeMap<u64, (Vec<Vec<u8>>, Cursor)>,
    wake: Option<u64>,
    retrying: bool,
    last: Last,
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
        let Recovered { mut db, mut outbox, seen } = recover(env, options, clock, lease, &mut rng)?;
        if let Some(applied) = engine(db.settle())? {
            engine(outbox.note(&db, &applied))?;
            if let Some(actor) = applied.retired {
                env.disk.drop_actor(actor);
            }
        }
        let durable = outbox.durable().clone();
        db.keep_undo(MOST_UNDO);
        let cursor = env.disk.cursor.as_ref().and_then(|bytes| Cursor::from_bytes(bytes).ok());
        let space = db.space();
        let config = ClientConfig { space, cursor, frontier: durable.clone(), seed: rng.next() };
        let holds = engine(db.waiting())?.records > 0;
        let mut tab = Self {
            db,
            lease,
            socket: None,
            effects: VecDeque::new(),
            client: Client::new(config),
            options,
            clock: clock.clone(),
            rng,
            outbox,
            known: durable,
            holds,
            moved: Vec::new(),
            seen,
            flushing: None,
            waiting: Vec::new(),
            checkpoint: None,
            ingests: BTreeMap::new(),
            wake: None,
            retrying: false,
            last: Last::default(),
        };
        // What waited for records of the journal, and what was moved as they came.
        tab.saved(env, Waiter::Nobody)?;
        tab.give(env, ClientInput::Start)?;
        Ok(tab)
    }

    pub(crate) fn status(&self) -> Status {
        self.client.status()
    }

    /// Whether all that was committed is stored.
    pub(crate) fn is_saved(&mut self) -> Checked<bool> {
        self.collect()?;
        Ok(self.outbox.is_empty())
    }

    /// Runs a transaction and asks for it to be stored.
    pub(crate) fn commit(&mut self, env: &mut Env<'_>, work: &Work) -> Checked {
        let before = self.own_seq()?;
        let trial = self.last.begin(&self.db, work)?;
        let committed = work.run(&mut self.db)?;
        let after = self.own_seq()?;
        if after == before {
            return Ok(());
        }
        self.last.end(&self.db, trial, env.clocks_are_right)?;
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
        self.apply(env, records)?;
        self.saved(env, Waiter::Nobody)
    }

    /// Begins a checkpoint, where one may be taken.
    pub(crate) fn begin_checkpoint(&mut self) -> Checked {
        self.collect()?;
        if !self.outbox.is_empty() || self.checkpoint.is_some() {
            return Ok(());
        }
        let image = engine(self.db.with_image(<[u8]>::to_vec))?;
        self.checkpoint = Some(Checkpoint { image, covered: self.seen });
        self.later(500, TabEvent::Checkpointed);
        Ok(())
    }

    /// Forgets what is older, once all is stored: what is forgotten before would be stored nowhere.
    pub(crate) fn compact(&mut self, env: &mut Env<'_>, keep_ms: u64) -> Checked {
        self.collect()?;
        if !self.outbox.is_empty() {
            return Ok(());
        }
        let retention = Retention { keep_ms: Some(keep_ms), unsynced: false };
        engine(self.db.set_retention(retention))?;
        let (before, hash) = (self.ids(env)?, engine(self.db.state_hash())?);
        engine(self.db.compact())?;
        if engine(self.db.state_hash())? != hash {
            return broken("forgetting changes no answer", format!("keeping {keep_ms} ms"));
        }
        let after = self.ids(env)?;
        env.disk.forget(before.difference(&after).copied());
        Ok(())
    }

    fn ids(&self, env: &Env<'_>) -> Checked<Ids> {
        let batch = engine(self.db.records_after(0, usize::MAX))?;
        Ok(env.ledger.ids(&batch.records)?.into_iter().collect())
    }

    pub(crate) fn event(&mut self, env: &mut Env<'_>, event: TabEvent) -> Checked {
        match event {
            TabEvent::Wake { at } => {
                if self.wake.take_if(|wake| *wake == at).is_some() {
                    self.settle(env)?;
                    self.give(env, ClientInput::Wake)?;
                }
            }
            TabEvent::Ingest { ticket } => {
                let records = self.ingests.get(&ticket).map(|(records, _)| records.clone());
                self.apply(env, &records.unwrap_or_default())?;
                self.saved(env, Waiter::Ingest(ticket))?;
            }
            TabEvent::Load { ticket, actor, after, max_bytes } => {
                let mut records = engine(self.db.records_of(actor, after, max_bytes))?;
                let durable = self.outbox.durable().get(&actor).saturating_sub(after);
                records.truncate(durable as usize);
                self.give(env, ClientInput::Loaded { ticket, records })?;
            }
            TabEvent::Flushed => self.end_flush(env)?,
            TabEvent::Flush => {
                self.retrying = false;
                self.saved(env, Waiter::Nobody)?;
            }
            TabEvent::SaveCursor { ticket, cursor } => {
                if !self.holds {
                    env.disk.cursor = Some(cursor.to_bytes());
                }
                if ticket > 0 {
                    self.ingested(env, ticket)?;
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
        if let Some(Flush { append, .. }) = self.flushing.take()
            && self.rng.percent(50)
        {
            let ids = env.ledger.ids(&append.records)?;
            let _ = env.disk.append_as(&append, &ids);
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

    fn collect(&mut self) -> Checked {
        engine(self.outbox.collect(&self.db))
    }

    fn saved(&mut self, env: &mut Env<'_>, waiter: Waiter) -> Checked {
        self.collect()?;
        if self.outbox.is_empty() {
            return self.resolve(env, waiter);
        }
        self.waiting.push(waiter);
        if self.flushing.is_none() { self.begin_flush(env) } else { Ok(()) }
    }

    fn begin_flush(&mut self, env: &mut Env<'_>) -> Checked {
        let waiters = std::mem::take(&mut self.waiting);
        match self.outbox.begin(&self.db) {
            Some(append) => {
                self.flushing = Some(Flush { append, waiters });
                self.later(40, TabEvent::Flushed);
                Ok(())
            }
            // The append before stored all of it.
            None => waiters.into_iter().try_for_each(|waiter| self.resolve(env, waiter)),
        }
    }

    fn end_flush(&mut self, env: &mut Env<'_>) -> Checked {
        let Some(Flush { append, waiters }) = self.flushing.take() else {
            return Ok(());
        };
        let mut fails = *env.disk_fails > 0;
        if fails {
            *env.disk_fails -= 1;
        }
        if !fails || self.rng.percent(30) {
            let ids = env.ledger.ids(&append.records)?;
            match env.disk.append_as(&append, &ids) {
                Ok(last) if !fails => self.stored(env, append.records.len(), last)?,
                Ok(_) => {}
                Err(DiskError::OtherWriter) if env.ledger.may_fork() => {
                    // What the other one has stored is to be read first.
                    fails = true;
                    self.later(20, TabEvent::CatchUp);
                }
                Err(DiskError::OtherWriter) => {
                    return broken("an actor has one writer", "storage refused an append");
                }
                Err(error) => return broken("storage works", error),
            }
        }
        if fails {
            engine(self.outbox.failed(&self.db))?;
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
            self.begin_flush(env)?;
        } else if fails && !std::mem::replace(&mut self.retrying, true) {
            self.effects.push_back(Effect::After(1_000, TabEvent::Flush));
        }
        Ok(())
    }

    fn stored(&mut self, env: &mut Env<'_>, count: usize, last: Position) -> Checked {
        engine(self.outbox.stored(&self.db))?;
        if self.seen + count as Position == last {
            self.seen = last;
        }
        self.effects.push_back(Effect::Stored);
        if last > self.seen {
            self.later(20, TabEvent::CatchUp);
        }
        self.local(env)
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

    fn reject(&mut self, env: &mut Env<'_>, waiter: Waiter) -> Checked {
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
        let applied = engine(self.outbox.catch_up(&mut self.db, &records))?;
        self.take_note(env, &applied)?;
        self.seen = self.seen.max(last);
        self.local(env)?;
        self.saved(env, Waiter::Nobody)
    }

    /// Begins again from the newest image: records not seen here were deleted.
    fn reload(&mut self, env: &mut Env<'_>) -> Checked {
        let actor = self.db.actor().unwrap_or_default();
        let rng = &mut self.rng;
        let Recovered { mut db, outbox, seen } =
            recover(env, self.options, &self.clock, actor, rng)?;
        let applied = engine(self.outbox.reload(&self.db, &mut db, outbox))?;
        db.keep_undo(MOST_UNDO);
        self.db = db;
        self.seen = seen;
        self.take_note(env, &applied)?;
        self.local(env)?;
        self.saved(env, Waiter::Nobody)
    }

    fn later(&mut self, slowest: u64, event: TabEvent) {
        let delay = self.rng.between(1, slowest);
        self.effects.push_back(Effect::After(delay, event));
    }
}
