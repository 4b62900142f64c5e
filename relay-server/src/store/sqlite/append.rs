//! Placing records at the end of their spaces' logs, inside one transaction.
//!
//! Spaces and actors that a batch touches are held in memory and written back once at its end.

use super::super::{AppendRequest, PlacedRecord, Placement, StoreLimits};
use pluresdb::codec::{Fault, Frame};
use pluresdb::crypto::hash_record;
use pluresdb::model::{ActorId, Head, Header, MAX_RECORD_BYTES, RecordHash, SpaceId};
use pluresdb::sync::{
    Admission, Appended, Mark, Placed, Refusal, RefusalReason, StoredRecord, admit,
};
use rusqlite::{OptionalExtension, Transaction, params};
use std::collections::{BTreeMap, BTreeSet, HashMap};

struct Space {
    id: i64,
    head: u64,
    mark: Mark,
    bytes: u64,
    actors: u64,
}

struct Actor {
    id: i64,
    head: Head,
}

pub(super) struct Append<'a> {
    transaction: &'a Transaction<'a>,
    limits: &'a StoreLimits,
    /// All spaces of the store.
    count: u64,
    spaces: HashMap<SpaceId, Space>,
    actors: HashMap<(SpaceId, ActorId), Actor>,
}

impl<'a> Append<'a> {
    pub(super) fn new(
        transaction: &'a Transaction<'a>,
        limits: &'a StoreLimits,
    ) -> rusqlite::Result<Self> {
        let count = "SELECT count(*) FROM spaces";
        Ok(Self {
            count: transaction.query_row(count, [], |row| row.get(0))?,
            transaction,
            limits,
            spaces: HashMap::new(),
            actors: HashMap::new(),
        })
    }

    /// Takes the records of one request, or says why not.
    pub(super) fn place(&mut self, request: AppendRequest) -> rusqlite::Result<Placement> {
        let AppendRequest { space, id, records } = request;
        let mut placed = Vec::new();
        let mut refused = Vec::new();
        let mut given_up = BTreeSet::new();
        let mut accepted = BTreeMap::new();
        for (index, record) in (0..).zip(records) {
            let (header, hash) = match read(&record) {
                Ok(read) => read,
                Err(reason) => {
                    refused.push(Refusal { index, actor: ActorId::ZERO, seq: 0, reason });
                    continue;
                }
            };
            let (actor, seq) = (header.actor, header.seq);
            if given_up.contains(&actor) {
                continue;
            }
            match self.place_one(&space, &header, hash, record)? {
                Ok(record) => placed.extend(record),
                Err(reason) => {
                    given_up.insert(actor);
                    refused.push(Refusal { index, actor, seq, reason });
                }
            }
            if let Some(held) = self.actors.get(&(space, actor)) {
                accepted.insert(actor, held.head.seq);
            }
        }
        let ends = placed.first().zip(placed.last());
        let appended = Appended { id, accepted: accepted.into_iter().collect(), refused };
        Ok(Placement {
            placed: Placed {
                appended,
                positions: ends.map(|(first, last): (&PlacedRecord, &PlacedRecord)| {
                    (first.stored.position, last.stored.position)
                }),
            },
            records: placed,
        })
    }

    /// Writes back the heads.
    pub(super) fn finish(self) -> rusqlite::Result<()> {
        let sql = "UPDATE spaces SET head = ?2, mark = ?3, bytes = ?4, actors = ?5 WHERE id = ?1";
        let mut statement = self.transaction.prepare_cached(sql)?;
        for space in self.spaces.values() {
            let mark = &space.mark.0[..];
            statement.execute(params![space.id, space.head, mark, space.bytes, space.actors])?;
        }
        let sql = "UPDATE actors SET head_seq = ?2, head_hash = ?3 WHERE id = ?1";
        let mut statement = self.transaction.prepare_cached(sql)?;
        for actor in self.actors.values() {
            statement.execute(params![actor.id, actor.head.seq, &actor.head.hash.0[..]])?;
        }
        Ok(())
    }

    /// A new record at its place, or nothing for a known one, or why not.
    fn place_one(
        &mut self,
        space: &SpaceId,
        header: &Header,
        hash: RecordHash,
        record: Vec<u8>,
    ) -> rusqlite::Result<Result<Option<PlacedRecord>, RefusalReason>> {
        self.load(space, &header.actor)?;
        let key = (*space, header.actor);
        let head = self.actors.get(&key).map(|actor| actor.head).unwrap_or_default();
        match admit(space, &head, header) {
            Admission::Refuse(reason) => return Ok(Err(reason)),
            Admission::Known => {
                let known = self.hash_at(&key, header.seq)?;
                return Ok(if known == Some(hash) { Ok(None) } else { Err(RefusalReason::Fork) });
            }
            Admission::Next => {}
        }
        if !self.has_room(space, head.seq == 0, record.len() as u64) {
            return Ok(Err(RefusalReason::Quota));
        }
        self.create(space, &header.actor)?;
        let (Some(held), Some(actor)) = (self.spaces.get_mut(space), self.actors.get_mut(&key))
        else {
            return Ok(Err(RefusalReason::Quota));
        };
        held.head += 1;
        held.bytes += record.len() as u64;
        held.mark = held.mark.after(&hash);
        actor.head = Head { seq: header.seq, hash };
        let sql = "INSERT INTO ops (space, pos, actor, seq, hash, mark, body)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        self.transaction.prepare_cached(sql)?.execute(params![
            held.id,
            held.head,
            actor.id,
            header.seq,
            &hash.0[..],
            &held.mark.0[..],
            record,
        ])?;
        let stored = StoredRecord { position: held.head, record: record.into() };
        Ok(Ok(Some(PlacedRecord { stored, mark: held.mark })))
    }

    fn has_room(&self, space: &SpaceId, new_actor: bool, bytes: u64) -> bool {
        let Some(held) = self.spaces.get(space) else {
            return self.count < self.limits.spaces && bytes <= self.limits.space_bytes;
        };
        held.bytes + bytes <= self.limits.space_bytes
            && (!new_actor || held.actors < self.limits.space_actors)
    }

    /// Brings the rows of a space and an actor into memory, where they exist.
    fn load(&mut self, space: &SpaceId, actor: &ActorId) -> rusqlite::Result<()> {
        if !self.spaces.contains_key(space) {
            let sql = "SELECT id, head, mark, bytes, actors FROM spaces WHERE space = ?1";
            let mut statement = self.transaction.prepare_cached(sql)?;
            let found = statement.query_row([&space.0[..]], |row| {
                Ok(Space {
                    id: row.get(0)?,
                    head: row.get(1)?,
                    mark: Mark(row.get(2)?),
                    bytes: row.get(3)?,
                    actors: row.get(4)?,
                })
            });
            let Some(found) = found.optional()? else {
                return Ok(());
            };
            self.spaces.insert(*space, found);
        }
        let key = (*space, *actor);
        let Some(held) = self.spaces.get(space) else {
            return Ok(());
        };
        if self.actors.contains_key(&key) {
            return Ok(());
        }
        let sql = "SELECT id, head_seq, head_hash FROM actors WHERE space = ?1 AND actor = ?2";
        let mut statement = self.transaction.prepare_cached(sql)?;
        let found = statement.query_row(params![held.id, &actor.0[..]], |row| {
            let head = Head { seq: row.get(1)?, hash: RecordHash(row.get(2)?) };
            Ok(Actor { id: row.get(0)?, head })
        });
        if let Some(found) = found.optional()? {
            self.actors.insert(key, found);
        }
        Ok(())
    }

    /// Makes the rows that do not exist.
    fn create(&mut self, space: &SpaceId, actor: &ActorId) -> rusqlite::Result<()> {
        if !self.spaces.contains_key(space) {
            let sql = "INSERT INTO spaces (space, head, mark, bytes, actors)
                       VALUES (?1, 0, ?2, 0, 0)";
            let mark = Mark::ZERO;
            self.transaction.prepare_cached(sql)?.execute([&space.0[..], &mark.0[..]])?;
            let id = self.transaction.last_insert_rowid();
            self.count += 1;
            self.spaces.insert(*space, Space { id, head: 0, mark, bytes: 0, actors: 0 });
        }
        let key = (*space, *actor);
        if let Some(held) = self.spaces.get_mut(space)
            && !self.actors.contains_key(&key)
        {
            let sql = "INSERT INTO actors (space, actor, head_seq, head_hash)
                       VALUES (?1, ?2, 0, ?3)";
            let head = Head::default();
            let mut statement = self.transaction.prepare_cached(sql)?;
            statement.execute(params![held.id, &actor.0[..], &head.hash.0[..]])?;
            let id = self.transaction.last_insert_rowid();
            held.actors += 1;
            self.actors.insert(key, Actor { id, head });
        }
        Ok(())
    }

    fn hash_at(&self, key: &(SpaceId, ActorId), seq: u64) -> rusqlite::Result<Option<RecordHash>> {
        let Some(actor) = self.actors.get(key) else {
            return Ok(None);
        };
        let sql = "SELECT hash FROM ops WHERE actor = ?1 AND seq = ?2";
        let mut statement = self.transaction.prepare_cached(sql)?;
        let hash = statement.query_row(params![actor.id, seq], |row| row.get(0)).optional()?;
        Ok(hash.map(RecordHash))
    }
}

/// The clear part of a record and its hash. The body is not looked at.
fn read(record: &[u8]) -> Result<(Header, RecordHash), RefusalReason> {
    match Frame::read(record) {
        Ok(frame) => Ok((frame.header, hash_record(frame.hashed))),
        Err(error) => Err(match error.fault {
            Fault::Version { .. } => RefusalReason::Version,
            _ if record.len() > MAX_RECORD_BYTES => RefusalReason::TooLarge,
            _ => RefusalReason::Malformed,
        }),
    }
}
