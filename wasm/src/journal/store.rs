//! A database kept by a journal: each step of keeping it, to be called one at a time.
//!
//! When each step is taken (after which write, under which lock, after which wait) is decided in
//! the package's TypeScript, where the browser's events are.

use super::idb::{Durability as Stored, IdbJournal};
use super::recover::{Recovered, adopt, missing, recover};
use crate::database::{CoreDatabase, space_id};
use crate::error::{Fault, Outcome};
use crate::sync::{CoreSync, Durability};
use js_sys::{Function, Promise};
use pluresdb::journal::{CHUNK_BYTES, Journal, Position, Read, save_pieces};
use pluresdb::{ActorId, Append, Applied, Database, Options, Outbox};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::JsFuture;

/// Bytes of other tabs' records applied in one step, so that a page stays responsive.
const STEP_BYTES: usize = 128 * 1024;

/// A database and its journal.
#[wasm_bindgen]
#[derive(Debug)]
pub struct CoreStore {
    journal: Rc<IdbJournal>,
    database: CoreDatabase,
    options: Options,
    outbox: Rc<RefCell<Outbox>>,
    state: RefCell<State>,
    /// Records that had been stored and were not there when the journal was opened.
    missing: u64,
}

#[derive(Debug)]
struct State {
    /// Everything in the journal up to here is in the database.
    seen: Position,
    behind: usize,
    image_bytes: usize,
    damage: Option<String>,
    /// An actor that has another writer, to be taken out of the pool.
    retired: Option<ActorId>,
}

/// What was read of the journal and is to be applied.
#[wasm_bindgen]
#[derive(Debug)]
pub struct CoreFetched(Fetched);

#[derive(Debug)]
enum Fetched {
    Records { records: Vec<Vec<u8>>, last: Position },
    Image(Box<Recovered>),
}

#[wasm_bindgen]
impl CoreStore {
    /// Reads the database that the journal holds. `actor` is leased to this tab alone, and was
    /// before this is called. `image` is what an empty database starts from.
    pub async fn open(
        journal: IdbJournal,
        actor: String,
        space: Option<String>,
        text_index: bool,
        image: Option<Vec<u8>>,
    ) -> Outcome<Self> {
        let actor: ActorId = actor
            .parse()
            .map_err(|error| Fault::new("storage", format!("the actor {actor:?}: {error}")))?;
        let options =
            Options { space: space.map(|space| space_id(&space)).transpose()?, text_index };
        if let Some(image) = image {
            adopt(&journal, &image, options).await?;
        }
        let mut recovered = recover(&journal, actor, options).await?;
        let mut retired = None;
        if let Some(applied) = recovered.database.settle()? {
            recovered.outbox.note(&recovered.database, &applied)?;
            if let Some(actor) = applied.retired {
                journal.drop_actor(&actor.to_string()).await?;
            }
            retired = applied.retired;
        }
        // Who is out of the pool may have a log that has given way to a shorter branch.
        let pool = std::mem::take(&mut recovered.pool);
        let missing = missing(&mut recovered, |actor| {
            retired != Some(*actor) && pool.contains(&actor.to_string())
        })?;
        if missing > 0 || recovered.is_stuck {
            // A relay may hold what is not here; by its cursor it would say that all was taken in.
            journal.forget_cursors().await?;
        }
        let Recovered { database, outbox, seen, behind, image_bytes, damage, .. } = recovered;
        Ok(Self {
            journal: Rc::new(journal),
            database: CoreDatabase::of(database),
            options,
            outbox: Rc::new(RefCell::new(outbox)),
            state: RefCell::new(State { seen, behind, image_bytes, damage, retired: None }),
            missing,
        })
    }

    /// The database.
    pub fn database(&self) -> CoreDatabase {
        self.database.clone()
    }

    /// Records committed and not yet durable.
    pub fn unsaved(&self) -> Outcome<u32> {
        let mut outbox = self.outbox.borrow_mut();
        outbox.collect(&*self.database.open()?)?;
        Ok(u32::try_from(outbox.len()).unwrap_or(u32::MAX))
    }

    /// Bytes of those.
    #[wasm_bindgen(js_name = unsavedBytes)]
    pub fn unsaved_bytes(&self) -> usize {
        self.outbox.borrow().bytes()
    }

    /// Stores everything committed so far, in one transaction of the journal; where that is not
    /// `relaxed`, it is durable then. Gives the position of the last record, undefined when there
    /// was nothing to do.
    pub async fn flush(&self, relaxed: bool) -> Outcome<Option<f64>> {
        let append = {
            let mut outbox = self.outbox.borrow_mut();
            let database = self.database.open()?;
            outbox.collect(&database)?;
            outbox.begin(&database)
        };
        let Some(Append { records, successions }) = append else {
            return Ok(None);
        };
        let durability = if relaxed { Stored::Relaxed } else { Stored::Strict };
        let stored = match self.journal.append_as(&records, &successions, durability).await {
            Ok(stored) => stored,
            Err(error) => {
                // What is in the log still is stored with the next attempt, which may find a new
                // connection.
                self.outbox.borrow_mut().failed(&*self.database.open()?)?;
                self.journal.reconnect(&error).await?;
                return Err(error.into());
            }
        };
        self.outbox.borrow_mut().stored(&*self.database.open()?)?;
        let mut state = self.state.borrow_mut();
        state.behind += records.iter().map(Vec::len).sum::<usize>();
        if state.seen + stored.places == stored.last {
            state.seen = stored.last;
        }
        Ok(Some(to_js(stored.last)))
    }

    /// Makes durable what was stored relaxed, here or by other tabs.
    pub async fn harden(&self) -> Outcome<()> {
        if let Err(error) = self.journal.harden().await {
            self.journal.reconnect(&error).await?;
            return Err(error.into());
        }
        Ok(())
    }

    /// Everything in the journal up to here is in the database.
    #[wasm_bindgen(getter)]
    pub fn seen(&self) -> f64 {
        to_js(self.state.borrow().seen)
    }

    /// Reads some of what other tabs stored; undefined where there is nothing more.
    pub async fn fetch(&self) -> Outcome<Option<CoreFetched>> {
        let retired = self.state.borrow_mut().retired.take();
        if let Some(actor) = retired {
            self.journal.drop_actor(&actor.to_string()).await?;
        }
        let seen = self.state.borrow().seen;
        let read = match self.journal.read(seen, STEP_BYTES).await {
            Ok(read) => read,
            Err(error) => {
                self.journal.reconnect(&error).await?;
                return Err(error.into());
            }
        };
        match read {
            Read::Records { records, .. } if records.is_empty() => Ok(None),
            Read::Records { records, last } => {
                Ok(Some(CoreFetched(Fetched::Records { records, last })))
            }
            // Records not seen here were deleted: the newest image has them.
            Read::Gone => {
                let actor = self.database.open()?.actor().unwrap_or_default();
                let recovered = recover(&self.journal, actor, self.options).await?;
                Ok(Some(CoreFetched(Fetched::Image(Box::new(recovered)))))
            }
        }
    }

    /// Applies what was read, at once. Gives the ids that this touched, as far as they are watched;
    /// undefined where all was read anew.
    pub fn apply(&self, fetched: CoreFetched) -> Outcome<Option<Vec<String>>> {
        let mut database = self.database.open()?;
        match fetched.0 {
            Fetched::Records { records, last } => {
                let applied = self.outbox.borrow_mut().catch_up(&mut database, &records)?;
                self.note(&applied, &records, last);
            }
            Fetched::Image(recovered) => {
                self.replace(&mut database, *recovered)?;
                database.take_touched();
                return Ok(None);
            }
        }
        Ok(Some(database.take_touched().into_iter().collect()))
    }

    /// Bytes of records that an open would have to apply.
    #[wasm_bindgen(getter)]
    pub fn behind(&self) -> usize {
        self.state.borrow().behind
    }

    /// Bytes of the last image.
    #[wasm_bindgen(getter, js_name = imageBytes)]
    pub fn image_bytes(&self) -> usize {
        self.state.borrow().image_bytes
    }

    /// What of the journal could not be read, if anything.
    #[wasm_bindgen(getter)]
    pub fn damage(&self) -> Option<String> {
        self.state.borrow().damage.clone()
    }

    /// What had been stored and was gone when this was opened, if anything.
    #[wasm_bindgen(getter)]
    pub fn lost(&self) -> Option<String> {
        (self.missing > 0).then(|| {
            format!(
                "{} records that were stored here are missing: the browser has lost them; what was \
                 synced comes back with the next sync",
                self.missing
            )
        })
    }

    /// Takes a checkpoint, awaiting what `pause` gives between the pieces of work. Only under the
    /// checkpoint's lock. False where there is something to store first, or another tab's
    /// checkpoint covers more.
    pub async fn checkpoint(&self, pause: &Function) -> Outcome<bool> {
        let (image, covered, behind) = {
            let (state, mut outbox) = (self.state.borrow(), self.outbox.borrow_mut());
            let mut database = self.database.open()?;
            outbox.collect(&database)?;
            // An image must not hold what is not durable by itself: were it damaged later, the
            // journal could not give back what others may have seen in it. Nor may it delete
            // records that could not be read.
            if !outbox.is_empty() || state.damage.is_some() {
                return Ok(false);
            }
            (database.image_in_pieces(CHUNK_BYTES)?, state.seen, state.behind)
        };
        let pause = async || {
            if let Ok(promise) = pause.call0(&JsValue::UNDEFINED) {
                let _ = JsFuture::from(Promise::resolve(&promise)).await;
            }
        };
        let bytes = image.iter().map(Vec::len).sum();
        let installed = save_pieces(&*self.journal, image, covered, pause).await?.is_ok();
        if installed {
            let mut state = self.state.borrow_mut();
            state.behind = state.behind.saturating_sub(behind);
            state.image_bytes = bytes;
        }
        Ok(installed)
    }

    /// A sync session with a relay.
    pub async fn sync(&self, relay: String, seed: f64) -> Outcome<CoreSync> {
        let durability = Durability::Journal {
            journal: Rc::clone(&self.journal),
            outbox: Rc::clone(&self.outbox),
        };
        CoreSync::new(self.database.clone(), durability, relay, seed).await
    }

    /// Takes the actor out of the pool and writes on as a new one: the relay holds other records of
    /// it, so this database is a copy.
    #[wasm_bindgen(js_name = retireActor)]
    pub async fn retire_actor(&self, actor: String) -> Outcome<()> {
        self.database.renew_actor(&actor)?;
        Ok(self.journal.drop_actor(&actor).await?)
    }

    /// Calls back when the journal's connection is closed by another.
    #[wasm_bindgen(js_name = onClosed)]
    pub fn on_closed(&self, listener: Function) {
        self.journal.on_closed(listener);
    }

    /// Closes the journal.
    pub fn close(&self) {
        self.journal.close();
    }
}

impl CoreStore {
    /// Goes on with another image of the database; what is not in it of this one's is taken over.
    fn replace(&self, database: &mut Database, recovered: Recovered) -> Outcome<()> {
        let Recovered { database: mut new, outbox, seen, behind, image_bytes, damage, .. } =
            recovered;
        new.watch();
        new.keep_undo(database.undo_limit());
        let applied = self.outbox.borrow_mut().reload(database, &mut new, outbox)?;
        new.take_over_live(database);
        *database = new;
        let retired = applied.retired;
        self.state.replace(State { seen, behind, image_bytes, damage, retired });
        Ok(())
    }

    /// Notes what was read of the journal, up to a position.
    fn note(&self, applied: &Applied, records: &[Vec<u8>], last: Position) {
        let mut state = self.state.borrow_mut();
        if let Some(rejected) = applied.rejected.first() {
            state.damage = Some(format!("a stored record cannot be used: {}", rejected.error));
        }
        state.behind += records.iter().map(Vec::len).sum::<usize>();
        state.seen = state.seen.max(last);
        if applied.retired.is_some() {
            state.retired = applied.retired;
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "IndexedDB counts to 2^53 itself")]
const fn to_js(position: Position) -> f64 {
    position as f64
}
