//! A sync session: the engine's state machine, its log, and the two records it keeps in storage.
//!
//! The package's TypeScript drives it: it holds the socket and the timer, hands in what happens,
//! and does what [`CoreSync::poll`] gives. Reading the log for the relay needs nobody and is
//! answered here.

use crate::convert::set;
use crate::database::CoreDatabase;
use crate::error::{Fault, Outcome};
use crate::journal::IdbJournal;
use js_sys::{Object, Uint8Array};
use pluresdb::sync::{Client, ClientConfig, ClientInput, ClientOutput, Cursor, Status};
use pluresdb::{ActorId, Applied, Database, Error, Frontier, Outbox};
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::rc::Rc;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

/// Bytes of records applied in one step, so that a page stays responsive.
const STEP_BYTES: usize = 64 * 1024;

/// What of a database is durable, and where a cursor is kept.
#[derive(Debug, Clone)]
pub(crate) enum Durability {
    /// In memory everything counts as durable, and no cursor is kept.
    Memory,
    /// In a journal, as far as the outbox says.
    Journal { journal: Rc<IdbJournal>, outbox: Rc<RefCell<Outbox>> },
}

/// A session with one relay.
#[wasm_bindgen]
#[derive(Debug)]
pub struct CoreSync {
    database: CoreDatabase,
    durability: Durability,
    relay: String,
    client: RefCell<Client>,
    ingests: RefCell<HashMap<u64, Ingest>>,
    rejected: RefCell<Option<String>>,
    /// Whether records wait in the database. They are not in the journal, so the stored cursor must
    /// not pass them; after a reload the relay sends them again.
    waiting: Cell<bool>,
    /// What the machine is to be told before the end of the ingest.
    moved: RefCell<Vec<ClientInput>>,
    /// What was durable when the machine was last told.
    known: RefCell<Frontier>,
    /// Actors of this device whose logs have forked.
    forked: RefCell<VecDeque<ActorId>>,
    /// Why no more can be sent, ever: code and sentence.
    ended: RefCell<Option<(&'static str, String)>>,
    /// What the relay holds, as the database was last told.
    confirmed: RefCell<Frontier>,
}

/// Records that came and are not in yet.
#[derive(Debug)]
struct Ingest {
    records: VecDeque<Vec<u8>>,
    cursor: Cursor,
}

impl CoreSync {
    /// A session that waits for "start". `relay` names the cursor.
    pub(crate) async fn new(
        database: CoreDatabase,
        durability: Durability,
        relay: String,
        seed: f64,
    ) -> Outcome<Self> {
        let stored = match &durability {
            Durability::Memory => None,
            Durability::Journal { journal, .. } => journal.cursor(&relay).await?,
        };
        let (space, waiting) = {
            let database = database.open()?;
            (database.space(), database.waiting()?.records > 0)
        };
        let frontier = durability.frontier(&database)?;
        let config = ClientConfig {
            space,
            // One that cannot be read is one that is lost: the relay sends from the beginning.
            cursor: stored.and_then(|bytes| Cursor::from_bytes(&bytes).ok()),
            frontier: frontier.clone(),
            seed: seed.to_bits(),
        };
        Ok(Self {
            database,
            durability,
            relay,
            client: RefCell::new(Client::new(config)),
            ingests: RefCell::default(),
            rejected: RefCell::default(),
            waiting: Cell::new(waiting),
            moved: RefCell::default(),
            known: RefCell::new(frontier.clone()),
            forked: RefCell::default(),
            ended: RefCell::default(),
            confirmed: RefCell::default(),
        })
    }

    fn give(&self, now: f64, input: ClientInput) {
        self.client.borrow_mut().handle(millis(now), input);
    }

    fn load(&self, now: f64, ticket: u64, actor: ActorId, after: u64, max_bytes: usize) {
        let input = match self.records(actor, after, max_bytes) {
            Ok(records) => ClientInput::Loaded { ticket, records },
            Err(Fault::Engine(error @ Error::RecordsForgotten { .. })) => {
                // The relay lacks what a compaction has forgotten here; no other attempt finds it.
                self.ended.replace(Some((error.code(), error.to_string())));
                ClientInput::Stop
            }
            Err(error) => ClientInput::Failed { ticket, message: error.to_string() },
        };
        self.give(now, input);
    }

    /// Records of the log, as far as they are durable: no other may leave the device.
    fn records(&self, actor: ActorId, after: u64, max_bytes: usize) -> Outcome<Vec<Vec<u8>>> {
        let mut records = self.database.open()?.records_of(actor, after, max_bytes)?;
        let durable = self.durability.frontier(&self.database)?.get(&actor);
        records.truncate(usize::try_from(durable.saturating_sub(after)).unwrap_or(usize::MAX));
        Ok(records)
    }
}

#[wasm_bindgen]
impl CoreSync {
    /// Go online, or try now.
    pub fn start(&self, now: f64) {
        self.give(now, ClientInput::Start);
    }

    /// Go offline and stay so.
    pub fn stop(&self, now: f64) {
        self.give(now, ClientInput::Stop);
    }

    /// The socket is open.
    pub fn connected(&self, now: f64) {
        self.give(now, ClientInput::Connected);
    }

    /// A message came.
    pub fn received(&self, now: f64, message: Vec<u8>) {
        self.give(now, ClientInput::Received(message));
    }

    /// The socket closed, or could not be opened.
    pub fn disconnected(&self, now: f64, reason: String) {
        self.give(now, ClientInput::Disconnected { reason });
    }

    /// The time to wake has come.
    pub fn wake(&self, now: f64) {
        self.give(now, ClientInput::Wake);
    }

    /// More of the log is durable.
    pub fn local(&self, now: f64) -> Outcome<()> {
        let frontier = self.durability.frontier(&self.database)?;
        let before = self.known.replace(frontier.clone());
        for input in self.moved.take() {
            self.give(now, input);
        }
        // Another tab has resolved a fork.
        for (actor, _) in before.iter().filter(|(actor, seq)| frontier.get(actor) < *seq) {
            let seq = frontier.get(&actor) + 1;
            self.give(now, ClientInput::Moved { actor, seq });
        }
        self.give(now, ClientInput::Local { frontier });
        Ok(())
    }

    /// Applies what waited for a time that has come. Gives the ids that this touched, as far as they
    /// are watched.
    pub fn settle(&self) -> Outcome<Vec<String>> {
        let mut database = self.database.open()?;
        if let Some(applied) = database.settle()? {
            self.note(&database, &applied)?;
        }
        Ok(database.take_touched().into_iter().collect())
    }

    /// Applies some of the records that came. Gives the ids that this touched, as far as they are
    /// watched; undefined once all are in.
    pub fn ingest(&self, ticket: u64) -> Outcome<Option<Vec<String>>> {
        let mut ingests = self.ingests.borrow_mut();
        let Some(ingest) = ingests.get_mut(&ticket).filter(|ingest| !ingest.records.is_empty())
        else {
            return Ok(None);
        };
        let mut step = Vec::new();
        let mut bytes = 0;
        while let Some(record) = ingest.records.front() {
            bytes += record.len();
            if bytes > STEP_BYTES && !step.is_empty() {
                break;
            }
            step.extend(ingest.records.pop_front());
        }
        let mut database = self.database.open()?;
        let applied = database.apply(&step)?;
        self.note(&database, &applied)?;
        if let Some(unstored) = applied.unstored() {
            return Err(Fault::new(unstored.error.code(), unstored.error.to_string()));
        }
        if let Some(rejected) = applied.rejected.first() {
            // The others go on; what this one means for its actor is shown.
            self.rejected.replace(Some(rejected.error.to_string()));
        }
        Ok(Some(database.take_touched().into_iter().collect()))
    }

    /// Why a record that came was not taken, if one was not.
    #[wasm_bindgen(getter)]
    pub fn rejected(&self) -> Option<String> {
        self.rejected.borrow().clone()
    }

    /// Ends an ingest whose records are durable now: stores the cursor and tells the machine.
    pub async fn ingested(&self, now: f64, ticket: u64) -> Outcome<()> {
        let cursor = self.ingests.borrow_mut().remove(&ticket).map(|ingest| ingest.cursor);
        if let Some(cursor) = cursor {
            self.save(cursor).await?;
        }
        for input in self.moved.take() {
            self.give(now, input);
        }
        let frontier = self.durability.frontier(&self.database)?;
        self.give(now, ClientInput::Ingested { ticket, frontier });
        Ok(())
    }

    /// Ends an ingest that failed.
    pub fn failed(&self, now: f64, ticket: u64, message: String) {
        self.ingests.borrow_mut().remove(&ticket);
        self.give(now, ClientInput::Failed { ticket, message });
    }

    /// Stores the cursor that the last "cursor" output meant.
    #[wasm_bindgen(js_name = saveCursor)]
    pub async fn save_cursor(&self) -> Outcome<()> {
        let cursor = self.client.borrow().cursor();
        self.save(cursor).await
    }

    /// The next thing to do, undefined when there is nothing until something happens: `{ kind, .. }`.
    pub fn poll(&self, now: f64) -> Outcome<Option<Object>> {
        loop {
            if let Some(actor) = self.forked.borrow_mut().pop_front() {
                return Ok(Some(output_of("forked", &[("actor", actor.to_string().into())])));
            }
            let Some(output) = self.client.borrow_mut().poll() else {
                let ended = self.ended.borrow_mut().take();
                return Ok(ended.map(|(code, message)| {
                    output_of("end", &[("code", code.into()), ("message", message.into())])
                }));
            };
            return Ok(Some(match output {
                ClientOutput::Load { ticket, actor, after, max_bytes } => {
                    self.load(now, ticket, actor, after, max_bytes);
                    continue;
                }
                ClientOutput::Ingest { ticket, records, cursor } => {
                    let records = records.into();
                    self.ingests.borrow_mut().insert(ticket, Ingest { records, cursor });
                    output_of("ingest", &[("ticket", js_sys::BigInt::from(ticket).into())])
                }
                ClientOutput::Connect => output_of("connect", &[]),
                ClientOutput::Send(message) => {
                    let bytes = Uint8Array::from(message.as_slice());
                    output_of("send", &[("message", bytes.into())])
                }
                ClientOutput::Close { reason } => output_of("close", &[("reason", reason.into())]),
                ClientOutput::SaveCursor(_) => output_of("cursor", &[]),
                // It is resolved as the relay's branch comes.
                ClientOutput::Forked { .. } => continue,
                ClientOutput::WakeAt(at) => output_of("wake", &[("at", number(at))]),
                ClientOutput::Progress(status) => {
                    if status.settled {
                        self.confirm(&status)?;
                    }
                    self.compare()?;
                    output_of("status", &[("status", status_of(&status))])
                }
            }));
        }
    }
}

impl CoreSync {
    /// Keeps what the machine is to be told of records that were applied.
    fn note(&self, database: &Database, applied: &Applied) -> Outcome<()> {
        self.waiting.set(applied.waiting > 0);
        self.durability.note(database, applied)?;
        let mut moved = self.moved.borrow_mut();
        for fork in &applied.forks {
            moved.push(ClientInput::Moved { actor: fork.actor, seq: fork.seq });
        }
        self.forked.borrow_mut().extend(applied.retired);
        let astray = applied.astray.iter();
        moved.extend(astray.map(|&(actor, seq)| ClientInput::Astray { actor, seq }));
        Ok(())
    }

    /// Writes on as a new actor where the relay holds records of the present one that are not here:
    /// storage was set back, or another writer has it.
    fn compare(&self) -> Outcome<()> {
        let mut database = self.database.open()?;
        let here = database.frontier()?;
        let client = self.client.borrow();
        let behind = |own: &ActorId| client.relay_frontier().get(own) > here.get(own);
        if let Some(own) = database.actor().filter(behind) {
            database.renew_actor();
            self.forked.borrow_mut().push_back(own);
        }
        Ok(())
    }

    /// Tells the database what the relay holds, where that has changed: it may be forgotten here.
    fn confirm(&self, status: &Status) -> Outcome<()> {
        let client = self.client.borrow();
        let held = client.relay_frontier();
        if let Some(relay) = status.relay
            && *held != *self.confirmed.borrow()
        {
            self.database.open()?.confirm(relay, held)?;
            self.confirmed.replace(held.clone());
        }
        Ok(())
    }

    async fn save(&self, cursor: Cursor) -> Outcome<()> {
        if let Durability::Journal { journal, .. } = &self.durability
            && !self.waiting.get()
        {
            journal.set_cursor(&self.relay, &cursor.to_bytes()).await?;
        }
        Ok(())
    }
}

impl Durability {
    fn frontier(&self, database: &CoreDatabase) -> Outcome<Frontier> {
        match self {
            Self::Memory => Ok(database.open()?.frontier()?),
            Self::Journal { outbox, .. } => Ok(outbox.borrow().durable().clone()),
        }
    }

    /// Records of a branch that was moved are of another actor now.
    fn note(&self, database: &Database, applied: &Applied) -> Outcome<()> {
        if let Self::Journal { outbox, .. } = self {
            outbox.borrow_mut().note(database, applied)?;
        }
        Ok(())
    }
}

/// The status as the package shows it, and whether all is settled.
fn status_of(status: &Status) -> JsValue {
    let object = Object::new();
    let error = match &status.error {
        Some(error) => error.to_string().into(),
        None => JsValue::NULL,
    };
    for (name, value) in [
        ("state", status.state.as_str().into()),
        ("received", number(status.received)),
        ("sent", number(status.sent)),
        ("behind", number(status.behind)),
        ("ahead", number(status.ahead)),
        ("error", error),
        ("settled", status.settled.into()),
    ] {
        set(&object, &name.into(), &value);
    }
    object.into()
}

fn output_of(kind: &str, parts: &[(&str, JsValue)]) -> Object {
    let object = Object::new();
    set(&object, &"kind".into(), &kind.into());
    for (name, value) in parts {
        set(&object, &(*name).into(), value);
    }
    object
}

#[expect(clippy::cast_precision_loss, reason = "counts and times are far below 2^53")]
fn number(count: u64) -> JsValue {
    (count as f64).into()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "milliseconds since 1970"
)]
const fn millis(now: f64) -> u64 {
    now as u64
}
