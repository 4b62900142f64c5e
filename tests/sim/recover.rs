//! Opening a database from a device's disk, and the rules of what may leave it.

use crate::clock::{SimHost, WallClock};
use crate::disk::{Disk, done};
use crate::failure::{Checked, broken, engine};
use crate::ledger::Ids;
use crate::rng::Rng;
use crate::tab::Env;
use pluresdb::journal::{Journal, Position, Read, load};
use pluresdb::sync::Message;
use pluresdb::{ActorId, Database, Options, Outbox};

/// A database as the disk holds it.
#[derive(Debug)]
pub(crate) struct Recovered {
    pub(crate) db: Database,
    pub(crate) outbox: Outbox,
    /// Everything in the journal up to here is in it.
    pub(crate) seen: Position,
}

/// Reads the newest image and the records behind it: all that the disk holds must be there. It
/// writes as `actor`, if all that this one ever stored is there, and else as a new one.
pub(crate) fn recover(
    env: &Env<'_>,
    options: Options,
    clock: &WallClock,
    actor: ActorId,
    rng: &mut Rng,
) -> Checked<Recovered> {
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
    let before = engine(db.waiting())?.records;
    let mut outbox = engine(Outbox::of(&mut db))?;
    let applied = engine(outbox.catch_up(&mut db, &records))?;
    if applied.waiting as u64 > before || !applied.rejected.is_empty() {
        return broken("what is stored is read back", format!("{applied:?}"));
    }
    if !loaded.damaged.is_empty() {
        // All of it was recovered another way: the damaged chunks are of no more use.
        done(env.disk.discard(&loaded.damaged)).or_else(|error| broken("storage works", error))?;
    }
    let here: Ids =
        env.ledger.ids(&engine(db.records_after(0, usize::MAX))?.records)?.into_iter().collect();
    let missing = env.disk.contents().difference(&here).copied();
    let mut missing = missing.filter(|id| !env.disk.forgotten().contains(id)).peekable();
    if missing.peek().is_some() {
        return broken("what is stored is read back", env.ledger.name(missing));
    }
    let whole = env.disk.stored_head(&actor) == engine(db.head(actor))?;
    engine(db.set_actor(if whole { actor } else { random_actor(rng) }))?;
    Ok(Recovered { db, outbox, seen: last })
}

pub(crate) fn read(disk: &Disk, after: Position) -> Checked<Read> {
    done(disk.read(after, usize::MAX)).or_else(|error| broken("storage works", error))
}

pub(crate) fn only_durable_records_leave(message: &[u8], env: &Env<'_>) -> Checked {
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

pub(crate) fn random_actor(rng: &mut Rng) -> ActorId {
    let mut bytes = [0; 16];
    rng.fill(&mut bytes);
    ActorId(bytes)
}
