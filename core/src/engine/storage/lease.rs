//! Who writes: an actor is used by one writer at a time, and only while its whole log is here.
//!
//! A sequence number that is given out twice forks a log, and what is in the file cannot prevent
//! it: a restored backup looks exactly as the file once did. So what a session may go on as is
//! remembered outside of the file, and whoever does not find it there writes as a new actor.

use crate::engine::database::Database;
use crate::engine::error::Error;
use crate::model::{ActorId, Head};
use std::fmt;

/// Actors that have no writer now and whose logs ended as noted. A pool belongs to one file at one
/// place.
pub(in crate::engine) trait Pool: fmt::Debug {
    /// Takes out an actor whose log ends in the database exactly as it is noted. Once this returns,
    /// it is out for good, whatever happens to the process.
    fn take(&self, heads: &dyn Fn(&ActorId) -> Head) -> Option<ActorId>;

    /// The one that would be taken.
    fn peek(&self, heads: &dyn Fn(&ActorId) -> Head) -> Option<ActorId>;

    /// Puts an actor back whose writer has ended, with the end of its log.
    fn give_back(&self, actor: ActorId, head: Head);
}

impl Database {
    /// Sets the actor that writes here. The caller vouches that no other writer has it, and that
    /// every record it ever wrote is in this database.
    pub fn set_actor(&mut self, actor: ActorId) -> Result<(), Error> {
        self.refresh()?;
        self.write_as(actor);
        Ok(())
    }

    /// Goes on writing as a new actor. To be called where the present one is known to have written
    /// records that are not here, or to have another writer.
    pub const fn renew_actor(&mut self) {
        self.actor = None;
    }

    /// The actor that writes here; found or drawn at the first write.
    pub(in crate::engine) fn ensure_actor(&mut self) -> Result<ActorId, Error> {
        if let Some(actor) = self.actor {
            return Ok(actor);
        }
        self.refresh()?;
        let pooled = self.pool.as_ref().and_then(|pool| pool.take(&|actor| self.cache.head(actor)));
        let actor = match pooled {
            Some(actor) => actor,
            None => {
                let mut bytes = [0; 16];
                self.host.fill_random(&mut bytes)?;
                ActorId(bytes)
            }
        };
        self.write_as(actor);
        Ok(actor)
    }

    fn write_as(&mut self, actor: ActorId) {
        self.actor = Some(actor);
        self.note_own_head();
    }

    /// Notes where the log ends that this database writes.
    pub(in crate::engine) fn note_own_head(&mut self) {
        self.own_head = self.actor.map(|actor| self.cache.head(&actor)).unwrap_or_default();
    }

    /// Goes on as a new actor where the log of the present one is not as this database has left it: another
    /// program has cut it in a repair, moved a branch of it, or taken in more of it.
    pub(in crate::engine) fn let_go_of_changed_log(&mut self) {
        if self.actor.is_some_and(|actor| self.cache.head(&actor) != self.own_head) {
            self.renew_actor();
        }
    }

    /// The actor that writes here, or that the next write would go on as.
    pub(in crate::engine) fn next_actor(&self) -> Option<ActorId> {
        let pooled = || self.pool.as_ref()?.peek(&|actor| self.cache.head(actor));
        self.actor.or_else(pooled)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let (Some(actor), Some(_)) = (self.actor, &self.pool) else {
            return;
        };
        // Where the end of the log cannot be told, or is not where it was left, the actor is given up.
        if let Ok(head) = self.head(actor)
            && self.actor == Some(actor)
            && let Some(pool) = &self.pool
        {
            pool.give_back(actor, head);
        }
    }
}
