//! Opening: the newest whole image, then the records behind it.

use super::idb::{IdbJournal, Identity, Standing};
use super::spoiled::{Chains, hash_of};
use crate::database::space_id;
use crate::env::{JsHost, random_actor, random_id, random_space};
use crate::error::{Fault, Outcome};
use pluresdb::codec::decode_header;
use pluresdb::journal::{Journal, Position, Read, load_with, save};
use pluresdb::model::{Head, RecordHash};
use pluresdb::{ActorId, Database, Options, Outbox, SpaceId};
use std::collections::HashSet;

/// Bytes of records read at once.
const READ_BYTES: usize = 1024 * 1024;

/// A database as its journal has it.
#[derive(Debug)]
pub(super) struct Recovered {
    pub(super) database: Database,
    /// What of it is in the journal.
    pub(super) outbox: Outbox,
    /// Records up to here are in it.
    pub(super) seen: Position,
    /// Bytes of the records behind the image.
    pub(super) behind: usize,
    /// Bytes of the image.
    pub(super) image_bytes: usize,
    /// What could not be read. Then the database writes as a new actor, and no checkpoint may be
    /// taken: it would delete the unreadable records.
    pub(super) damage: Option<String>,
    /// Records are here whose predecessors are not.
    pub(super) is_stuck: bool,
    /// The pool of actors before the records were read, as hex.
    pub(super) pool: Vec<String>,
    /// Where the logs of those who have written here ended then.
    heads: Vec<(ActorId, Head)>,
    chains: Chains,
}

/// Reads the database; `options` say what an empty one becomes.
pub(super) async fn recover(
    journal: &IdbJournal,
    actor: ActorId,
    options: Options,
) -> Outcome<Recovered> {
    let mut recovered = read_all(journal, options, &HashSet::new()).await?;
    let spoiled = recovered.chains.spoiled();
    if !spoiled.is_empty() {
        recovered = read_all(journal, options, &spoiled).await?;
        if recovered.damage.is_none() && missing(&mut recovered, |_| true)? > 0 {
            recovered.damage = Some(left(spoiled.len() as u64, ""));
        }
    }
    set_actor(journal, &mut recovered, actor).await?;
    Ok(recovered)
}

/// Reads the newest whole image and the records behind it, but for those of `spoiled` hashes.
async fn read_all(
    journal: &IdbJournal,
    options: Options,
    spoiled: &HashSet<RecordHash>,
) -> Outcome<Recovered> {
    // Before the records: what another tab stores meanwhile is not missing.
    let Standing { pool, heads, manifests, has_records } = journal.standing().await?;
    let loaded = load_with(journal, manifests, |image| {
        let (length, host) = (image.length(), Box::new(JsHost));
        let database = Database::from_image_of(length, |into| image.copy_to(into), host, options);
        database.map(|database| (database, length))
    })
    .await?;
    let (mut database, image_bytes) = match loaded.image {
        Some(read) => read?,
        None => (empty(journal, options, has_records).await?, 0),
    };
    let outbox = Outbox::of(&mut database)?;
    let seen = loaded.covered;
    let chains = Chains::new(&heads);
    let mut recovered = Recovered {
        database,
        outbox,
        seen,
        behind: 0,
        image_bytes,
        damage: None,
        is_stuck: false,
        pool,
        heads,
        chains,
    };
    replay(journal, &mut recovered, spoiled).await?;
    if !loaded.damaged.is_empty() && recovered.damage.is_none() {
        // All of it was recovered another way: the damaged chunks are of no more use.
        journal.discard(&loaded.damaged).await?;
    }
    Ok(recovered)
}

/// Makes the bytes of a file the content of a journal that is empty.
pub(super) async fn adopt(journal: &IdbJournal, image: &[u8], options: Options) -> Outcome<()> {
    let taken = || {
        Fault::new("exists", "the database has content already; only an empty one takes an image")
    };
    let manifests = journal.manifests().await?;
    let records = journal.read(0, 1).await?;
    let empty = Read::Records { records: Vec::new(), last: 0 };
    if manifests.newest.is_some() || manifests.previous.is_some() || records != empty {
        return Err(taken());
    }
    let database = Database::from_image(image, Box::new(JsHost), options)?;
    let wanted = identity(database.space(), options.text_index)?;
    if journal.identity(&wanted)?.await?.space != wanted.space {
        return Err(taken());
    }
    match save(journal, image, 0, async || {}).await? {
        Ok(()) => Ok(()),
        Err(_) => Err(taken()),
    }
}

/// How many of the records that some have stored here are in no log: of a storage that has lost them.
pub(super) fn missing(recovered: &mut Recovered, of: impl Fn(&ActorId) -> bool) -> Outcome<u64> {
    let mut missing = 0;
    for (actor, stored) in &recovered.heads {
        // Without a hash it is the mark of a log that others continue.
        if of(actor) && stored.hash != RecordHash::ZERO {
            missing += stored.seq.saturating_sub(recovered.database.head(*actor)?.seq);
        }
    }
    Ok(missing)
}

/// A database that nothing was stored of but, maybe, what it is.
async fn empty(journal: &IdbJournal, mut options: Options, has_records: bool) -> Outcome<Database> {
    let known = journal.known();
    if known.is_none() && options.space.is_none() && has_records {
        // What it is was lost.
        options.space = first_space(journal).await?;
    }
    let wanted = match known {
        Some(known) => known,
        None => identity(options.space.map_or_else(random_space, Ok)?, options.text_index)?,
    };
    let found = journal.identity(&wanted)?;
    // Beside the storing of it: as a rule it is what was wanted.
    let mut database = named(&wanted, options)?;
    let found = found.await?;
    if found != wanted {
        database = named(&found, options)?;
    }
    Ok(database)
}

/// An empty database of this identity, if it is what `options` want.
fn named(identity: &Identity, options: Options) -> Outcome<Database> {
    let found = space_id(&identity.space).map_err(|error| {
        damaged(format!("what is stored of the database's identity is damaged: {error}"))
    })?;
    if let Some(wanted) = options.space
        && wanted != found
    {
        return Err(pluresdb::Error::OtherSpace { found, wanted }.into());
    }
    let options = Options { space: Some(found), text_index: identity.text_index };
    Ok(Database::in_memory(Box::new(JsHost), options)?)
}

/// The space of the first stored record.
async fn first_space(journal: &IdbJournal) -> Outcome<Option<SpaceId>> {
    let Read::Records { records, .. } = journal.read(0, 1).await? else { return Ok(None) };
    Ok(records.first().and_then(|record| decode_header(record).ok()).map(|header| header.space))
}

fn damaged(message: impl Into<String>) -> Fault {
    Fault::new("damaged", message)
}

fn identity(space: SpaceId, text_index: bool) -> Outcome<Identity> {
    Ok(Identity { space: space.to_string(), text_index, born: Some(random_id()?) })
}

async fn replay(
    journal: &IdbJournal,
    recovered: &mut Recovered,
    spoiled: &HashSet<RecordHash>,
) -> Outcome<()> {
    let (mut unread, mut skipped) = (Vec::new(), 0);
    let before = recovered.database.waiting()?.records;
    loop {
        let (mut records, last) = match journal.read(recovered.seen, READ_BYTES).await? {
            Read::Records { records, last } => (records, last),
            Read::Gone => {
                return Err(damaged(
                    "the stored image is damaged, and so is the one before it; nothing was changed",
                ));
            }
        };
        let (read, bytes) = (records.len(), records.iter().map(Vec::len).sum::<usize>());
        records.iter().for_each(|record| recovered.chains.note(record));
        if !spoiled.is_empty() {
            records.retain(|record| hash_of(record).is_none_or(|hash| !spoiled.contains(&hash)));
            skipped += read - records.len();
        }
        let applied = recovered.outbox.catch_up(&mut recovered.database, &records)?;
        unread.extend(applied.rejected.into_iter().map(|rejected| rejected.error));
        if read == 0 {
            break;
        }
        recovered.behind += bytes;
        recovered.seen = last;
    }
    // Records are stored once they count, so none waits unless one before it is missing.
    let stuck = recovered.database.waiting()?.records.saturating_sub(before);
    recovered.is_stuck = stuck > 0;
    let count = stuck + unread.len() as u64;
    if count > 0 {
        let first = unread.first().map(|error| format!(": {error}")).unwrap_or_default();
        recovered.damage = Some(left(count + skipped as u64, &first));
    }
    Ok(())
}

fn left(count: u64, why: &str) -> String {
    format!("{count} stored records cannot be used{why}; they were left where they are")
}

/// The leased actor, if all it ever stored is here; a new one otherwise.
async fn set_actor(journal: &IdbJournal, recovered: &mut Recovered, actor: ActorId) -> Outcome<()> {
    let here = recovered.database.head(actor)?;
    let known = recovered.heads.iter().find(|(writer, _)| *writer == actor);
    let mut stored = known.map_or_else(Head::default, |(_, head)| *head);
    if stored != here {
        // It may have been stored meanwhile.
        stored = journal.head(&actor.to_string()).await?;
    }
    // Equal hashes: the log may have been changed for another branch of the same length.
    let whole = recovered.damage.is_none() && stored == here;
    if stored != here {
        // Else every later open would lease it, and write as one more actor.
        journal.drop_actor(&actor.to_string()).await?;
    }
    let actor = if whole { actor } else { random_actor()? };
    Ok(recovered.database.set_actor(actor)?)
}
