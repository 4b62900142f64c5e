//! A database kept by a journal: each step of keeping it, to be called one at a time.
//!
//! When each step is taken (after which write, under which lock, after which wait) is decided in
//! the package's TypeScript, where the browser's events are.

use super::idb::IdbJournal;
use super::outbox::Outbox;
use super::recover::{Recovered, adopt, recover};
use super::succession::Succession;
use crate::database::{CoreDatabase, space_id};
use crate::env::random_actor;
use crate::error::{Fault, Outcome};
use crate::sync::{CoreSync, Durability, advance};
use js_sys::{Function, Promise};
use pluresdb::journal::{Journal, Position, Read, save};
use pluresdb::{ActorId, Frontier, Options};
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
    durable: Rc<RefCell<Frontier>>,
    state: RefCell<State>,
}

#[derive(Debug)]
struct State {
    outbox: Outbox,
    /// Everything in the journal up to here is in the database.
    seen: Position,
    behind: usize,
    image_bytes: usize,
    damage: Option<String>,
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
        let (mut database, state) = State::of(recover(&journal, actor, options).await?)?;
        let mut durable = database.frontier()?;
        // After the frontier: what counts from now on is in the log and not yet in the journal.
        for fork in database.settle()?.unwrap_or_default().forks {
            durable.cut(fork.actor, fork.seq - 1);
            journal.drop_actor(&fork.actor.to_string()).await?;
        }
        let durable = Rc::new(RefCell::new(durable));
        Ok(Self {
            journal: Rc::new(journal),
            database: CoreDatabase::of(database),
            options,
            durable,
            state: RefCell::new(state),
        })
    }

    /// The database.
    pub fn database(&self) -> CoreDatabase {
        self.database.clone()
    }

    /// Records committed and not yet durable.
    pub fn unsaved(&self) -> Outcome<u32> {
        let mut state = self.state.borrow_mut();
        state.outbox.collect(&*self.database.open()?)?;
        Ok(u32::try_from(state.outbox.records().len()).unwrap_or(u32::MAX))
    }

    /// Bytes of those.
    #[wasm_bindgen(js_name = unsavedBytes)]
    pub fn unsaved_bytes(&self) -> usize {
        self.state.borrow().outbox.bytes()
    }

    /// Makes everything committed so far durable, in one transaction of the journal. Gives the
    /// position of the last record, undefined when there was nothing to do.
    pub async fn flush(&self) -> Outcome<Option<f64>> {
        let records = {
            let mut state = self.state.borrow_mut();
            let database = self.database.open()?;
            state.outbox.collect(&database)?;
            state.outbox.records().to_vec()
        };
        if records.is_empty() {
            return Ok(None);
        }
        let actor = self.database.open()?.actor();
        let own = actor.and_then(|actor| Succession::of(&records, actor));
        let last = match self.journal.append_as(&records, own.as_ref()).await {
            Ok(last) => last,
            Err(error) => {
                // The records stay in the outbox; the next attempt may find a new connection.
                self.journal.reconnect(&error).await?;
                return Err(error.into());
            }
        };
        let mut state = self.state.borrow_mut();
        state.outbox.stored(records.len());
        advance(&mut self.durable.borrow_mut(), &records);
        state.behind += records.iter().map(Vec::len).sum::<usize>();
        if state.seen + records.len() as Position == last {
            state.seen = last;
        }
        Ok(Some(to_js(last)))
    }

    /// Everything in the journal up to here is in the database.
    #[wasm_bindgen(getter)]
    pub fn seen(&self) -> f64 {
        to_js(self.state.borrow().seen)
    }

    /// Applies some of what other tabs stored. Gives the ids that this touched, as far as they are
    /// watched; undefined once there is nothing more.
    #[wasm_bindgen(js_name = catchUp)]
    pub async fn catch_up(&self) -> Outcome<Option<Vec<String>>> {
        let seen = self.state.borrow().seen;
        let (records, last) = match self.journal.read(seen, STEP_BYTES).await? {
            Read::Records { records, last } => (records, last),
            Read::Gone => {
                self.reload().await?;
                return Ok(Some(Vec::new()));
            }
        };
        if records.is_empty() {
            return Ok(None);
        }
        let mut state = self.state.borrow_mut();
        let mut database = self.database.open()?;
        // What is our own must be told from what comes now; see `Outbox`.
        state.outbox.collect(&database)?;
        let own = database.actor();
        let applied = database.replay(&records)?;
        for fork in &applied.forks {
            // Another tab has resolved it, and took the actor out of the pool.
            self.durable.borrow_mut().cut(fork.actor, fork.seq - 1);
            if own == Some(fork.actor) {
                database.set_actor(random_actor()?)?;
            }
        }
        state.outbox.skip(&database)?;
        if let Some(rejected) = applied.rejected.first() {
            state.damage = Some(format!("a stored record cannot be used: {}", rejected.error));
        }
        advance(&mut self.durable.borrow_mut(), &records);
        for fork in &applied.forks {
            // Of a branch that was moved, more may have been among the records.
            let head = database.head(fork.actor)?;
            self.durable.borrow_mut().cut(fork.actor, head.seq);
        }
        state.behind += records.iter().map(Vec::len).sum::<usize>();
        state.seen = state.seen.max(last);
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

    /// Takes a checkpoint, awaiting what `pause` gives between the pieces of work. Only under the
    /// checkpoint's lock. False where there is something to store first, or another tab's
    /// checkpoint covers more.
    pub async fn checkpoint(&self, pause: &Function) -> Outcome<bool> {
        let (image, covered, behind) = {
            let mut state = self.state.borrow_mut();
            let mut database = self.database.open()?;
            state.outbox.collect(&database)?;
            // An image must not hold what is not durable by itself: were it damaged later, the
            // journal could not give back what others may have seen in it. Nor may it delete
            // records that could not be read.
            if !state.outbox.records().is_empty() || state.damage.is_some() {
                return Ok(false);
            }
            // One copy, taken at once, stays consistent while the database goes on changing.
            let image = database.with_image(<[u8]>::to_vec)?;
            (image, state.seen, state.behind)
        };
        let pause = async || {
            if let Ok(promise) = pause.call0(&JsValue::UNDEFINED) {
                let _ = JsFuture::from(Promise::resolve(&promise)).await;
            }
        };
        let installed = save(&*self.journal, &image, covered, pause).await?.is_ok();
        if installed {
            let mut state = self.state.borrow_mut();
            state.behind = state.behind.saturating_sub(behind);
            state.image_bytes = image.len();
        }
        Ok(installed)
    }

    /// A sync session with a relay.
    pub async fn sync(&self, relay: String, seed: f64) -> Outcome<CoreSync> {
        let durability = Durability::Journal {
            journal: Rc::clone(&self.journal),
            durable: Rc::clone(&self.durable),
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

    /// Closes the journal.
    pub fn close(&self) {
        self.journal.close();
    }
}

impl CoreStore {
    /// Begins again from the newest image: records not seen here were deleted.
    async fn reload(&self) -> Outcome<()> {
        let actor = self.database.open()?.actor().unwrap_or_default();
        let recovered = recover(&self.journal, actor, self.options).await?;
        let mut state = self.state.borrow_mut();
        let mut database = self.database.open()?;
        state.outbox.collect(&database)?;
        let (mut new, mut new_state) = State::of(recovered)?;
        self.durable.borrow_mut().join(&new.frontier()?);
        // They count here already, wherever the clock has been set since.
        new.replay(state.outbox.records())?;
        new.watch();
        new.take_over_live(&mut database);
        new.keep_undo(database.undo_limit());
        std::mem::swap(&mut new_state.outbox, &mut state.outbox);
        new_state.outbox.skip(&new)?;
        *database = new;
        *state = new_state;
        Ok(())
    }
}

impl State {
    fn of(recovered: Recovered) -> Outcome<(pluresdb::Database, Self)> {
        let Recovered { database, seen, behind, image_bytes, damage } = recovered;
        let mut outbox = Outbox::default();
        outbox.skip(&database)?;
        Ok((database, Self { outbox, seen, behind, image_bytes, damage }))
    }
}

#[expect(clippy::cast_precision_loss, reason = "IndexedDB counts to 2^53 itself")]
const fn to_js(position: Position) -> f64 {
    position as f64
}
