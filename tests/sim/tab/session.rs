//! A tab's sync session: it keeps the duties of the package's shell towards the machine.

use super::{Effect, Tab, TabEvent};
use crate::clock;
use crate::failure::{Checked, broken, engine};
use crate::recover::only_durable_records_leave;
use crate::tab::Env;
use pluresdb::sync::{ClientInput, ClientOutput};
use pluresdb::{ActorId, Applied};

/// Most records that may wait for others at a moment: what gossip brings in one run.
const MOST_WAITING: usize = 4_000;

impl Tab {
    /// Gives the sync session one input, and does all that it then asks for.
    pub(crate) fn give(&mut self, env: &mut Env<'_>, input: ClientInput) -> Checked {
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
                // It is resolved as the relay's branch comes.
                ClientOutput::Forked { .. } => {}
                ClientOutput::WakeAt(at) if at <= env.now => {
                    return broken("a machine never spins", "a client wakes in the past");
                }
                ClientOutput::WakeAt(at) => {
                    self.wake = Some(at);
                    let ring = clock::ring(env.now, at);
                    self.effects.push_back(Effect::After(ring - env.now, TabEvent::Wake { at }));
                }
                ClientOutput::Progress(status) => {
                    if let (true, Some(relay)) = (status.settled, status.relay) {
                        engine(self.db.confirm(relay, self.client.relay_frontier()))?;
                    }
                    self.compare(env)?;
                }
            }
        }
        Ok(())
    }

    /// More is durable.
    pub(super) fn local(&mut self, env: &mut Env<'_>) -> Checked {
        let frontier = self.outbox.durable().clone();
        let before = std::mem::replace(&mut self.known, frontier.clone());
        for input in std::mem::take(&mut self.moved) {
            self.give(env, input)?;
        }
        // Another tab has resolved a fork.
        for (actor, _) in before.iter().filter(|(actor, seq)| frontier.get(actor) < *seq) {
            let seq = frontier.get(&actor) + 1;
            self.give(env, ClientInput::Moved { actor, seq })?;
        }
        self.give(env, ClientInput::Local { frontier })
    }

    /// Takes in records of others.
    pub(super) fn apply(&mut self, env: &mut Env<'_>, records: &[Vec<u8>]) -> Checked {
        let applied = engine(self.db.apply(records))?;
        self.note(env, &applied)
    }

    /// Takes in what waited for a time that has come.
    pub(super) fn settle(&mut self, env: &mut Env<'_>) -> Checked {
        if let Some(applied) = engine(self.db.settle())? {
            self.note(env, &applied)?;
            self.saved(env, super::Waiter::Nobody)?;
        }
        Ok(())
    }

    /// The end of an ingest: its records and the cursor are stored.
    pub(super) fn ingested(&mut self, env: &mut Env<'_>, ticket: u64) -> Checked {
        for input in std::mem::take(&mut self.moved) {
            self.give(env, input)?;
        }
        let frontier = self.outbox.durable().clone();
        self.give(env, ClientInput::Ingested { ticket, frontier })
    }

    fn note(&mut self, env: &mut Env<'_>, applied: &Applied) -> Checked {
        engine(self.outbox.note(&self.db, applied))?;
        for fork in &applied.forks {
            self.moved.push(ClientInput::Moved { actor: fork.actor, seq: fork.seq });
        }
        let astray = applied.astray.iter();
        self.moved.extend(astray.map(|&(actor, seq)| ClientInput::Astray { actor, seq }));
        self.take_note(env, applied)
    }

    /// What holds for records of others wherever they come from.
    pub(super) fn take_note(&mut self, env: &mut Env<'_>, applied: &Applied) -> Checked {
        if let Some(rejected) = applied.rejected.first() {
            return broken("a sound record is taken", format!("{rejected:?}"));
        }
        if applied.waiting > MOST_WAITING {
            return broken("memory is bounded", format!("{} records wait", applied.waiting));
        }
        if !applied.forks.is_empty() && !env.ledger.may_fork() {
            return broken("no log forks by itself", format!("{:?}", applied.forks));
        }
        self.holds = engine(self.db.waiting())?.records > 0;
        if let Some(actor) = applied.retired {
            env.disk.drop_actor(actor);
        }
        Ok(())
    }

    /// Writes on as a new actor where the relay holds records of the present one that are not here.
    fn compare(&mut self, env: &mut Env<'_>) -> Checked {
        let here = engine(self.db.frontier())?;
        let behind = |own: &ActorId| self.client.relay_frontier().get(own) > here.get(own);
        match self.db.actor().filter(behind) {
            Some(own) => self.retire(env, own),
            None => Ok(()),
        }
    }

    /// Writes on as another, and takes the actor out of the pool.
    fn retire(&mut self, env: &mut Env<'_>, actor: ActorId) -> Checked {
        self.db.renew_actor();
        env.disk.drop_actor(actor);
        Ok(())
    }
}
