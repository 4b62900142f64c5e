//! An open database as JavaScript holds it: each method converts, calls the engine, converts back.

use crate::convert::{self, Keys, set};
use crate::env::{JsHost, random_actor, random_id};
use crate::error::{Fault, Outcome};
use crate::memory;
use crate::rows::Under;
use crate::sync::{CoreSync, Durability};
use crate::transaction::edge_ref;
use js_sys::{Array, Object, Uint8Array};
use pluresdb::{Database, Direction, Export, Options, SpaceId};
use std::cell::{Ref, RefCell, RefMut};
use std::fmt;
use std::rc::Rc;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

/// A database in the module's memory.
#[wasm_bindgen]
#[derive(Debug, Clone)]
pub struct CoreDatabase {
    pub(crate) shared: Rc<Shared>,
}

/// What all handles of a database have.
pub(crate) struct Shared {
    database: RefCell<Database>,
    keys: RefCell<Keys>,
    /// Statements whose rows are being read.
    pub(crate) under: Under,
}

impl Shared {
    /// The engine, to read: beside statements that stand still.
    pub(crate) fn reading(&self) -> Outcome<Ref<'_, Database>> {
        memory::ahead();
        self.database.try_borrow().map_err(|_| Fault::in_use())
    }
}

#[wasm_bindgen]
impl CoreDatabase {
    /// A database in memory, empty or of the bytes of a file.
    pub fn memory(
        space: Option<String>,
        text_index: bool,
        image: Option<Vec<u8>>,
    ) -> Outcome<Self> {
        let options =
            Options { space: space.map(|space| space_id(&space)).transpose()?, text_index };
        let host = Box::new(JsHost);
        let mut database = match image {
            Some(image) => Database::from_image(&image, host, options)?,
            None => Database::in_memory(host, options)?,
        };
        database.set_actor(random_actor()?)?;
        Ok(Self::of(database))
    }

    /// The space, as hex.
    #[wasm_bindgen(getter)]
    pub fn space(&self) -> Outcome<String> {
        Ok(self.reading()?.space().to_string())
    }

    /// The actor that writes here, as hex.
    #[wasm_bindgen(getter)]
    pub fn actor(&self) -> Outcome<String> {
        let actor = self.reading()?.actor();
        Ok(actor.map(|actor| actor.to_string()).unwrap_or_default())
    }

    /// Writes a whole node; gives its id, drawn here when there is none.
    pub fn put(&self, id: Option<String>, kind: &str, data: &JsValue) -> Outcome<String> {
        let data = convert::data(data)?;
        let id = match id {
            Some(id) => id,
            None => random_id()?,
        };
        self.open()?.put(&id, kind, data)?;
        Ok(id)
    }

    /// Changes some fields.
    pub fn patch(&self, id: &str, patch: &JsValue) -> Outcome<()> {
        let patch = convert::patch(patch)?;
        Ok(self.open()?.patch(id, patch)?)
    }

    /// Deletes a node; false when there was none.
    pub fn delete(&self, id: &str) -> Outcome<bool> {
        Ok(self.open()?.delete(id)?)
    }

    /// Writes an edge.
    pub fn link(
        &self,
        source: &JsValue,
        label: &JsValue,
        target: &JsValue,
        key: &JsValue,
        data: &JsValue,
    ) -> Outcome<()> {
        let edge = edge_ref(source, label, target, key)?;
        let data = convert::optional_data(data)?;
        Ok(self.open()?.transaction(|tx| tx.link_as(edge, data))?)
    }

    /// Removes an edge; false when there was none.
    pub fn unlink(
        &self,
        source: &JsValue,
        label: &JsValue,
        target: &JsValue,
        key: &JsValue,
    ) -> Outcome<bool> {
        let edge = edge_ref(source, label, target, key)?;
        Ok(self.open()?.transaction(|tx| tx.unlink_as(edge))?)
    }

    /// A node, or undefined.
    pub fn get(&self, id: &str) -> Outcome<JsValue> {
        let database = self.reading()?;
        let Some(json) = database.get_json(id)? else { return Ok(JsValue::UNDEFINED) };
        if let Some(node) = convert::json::read(&json) {
            return Ok(node);
        }
        let node = database.get(id)?;
        let keys = &mut self.shared.keys.borrow_mut();
        Ok(node.map(|node| convert::node(&node, keys)).into())
    }

    /// Nodes in the order of their ids.
    pub fn list(
        &self,
        kind: Option<String>,
        after: Option<String>,
        limit: u32,
    ) -> Outcome<JsValue> {
        let (kind, after, limit) = (kind.as_deref(), after.as_deref(), limit as usize);
        let database = self.reading()?;
        let json = database.list_json(kind, after, limit)?.join(",");
        if let Some(nodes) = convert::json::read(&format!("[{json}]")) {
            return Ok(nodes);
        }
        let nodes = database.list(kind, after, limit)?;
        let keys = &mut self.shared.keys.borrow_mut();
        Ok(convert::list(&nodes, keys, convert::node).into())
    }

    /// Edges of a node, `out`, `in` or `both`.
    pub fn edges(
        &self,
        id: &str,
        direction: &str,
        label: Option<String>,
        limit: u32,
    ) -> Outcome<Array> {
        let direction: Direction = direction.parse()?;
        let edges = self.reading()?.edges(id, direction, label.as_deref(), limit as usize)?;
        Ok(convert::json::edges(&edges, &mut self.shared.keys.borrow_mut()))
    }

    /// Writes the nodes and edges of some lines; gives how many, and the number of lines.
    #[wasm_bindgen(js_name = importLines)]
    pub fn import_lines(&self, text: &str, first_line: u32) -> Outcome<Vec<u32>> {
        let counts = self.open()?.import_jsonl(text, first_line.into())?;
        let lines = text.lines().count() as u64;
        let count = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
        Ok([counts.nodes, counts.edges, lines].map(count).to_vec())
    }

    /// An export from the beginning.
    pub fn export(&self) -> CoreExport {
        CoreExport { database: self.clone(), export: RefCell::default() }
    }

    /// The bytes of a `.pluresdb` file.
    pub fn image(&self) -> Outcome<Uint8Array> {
        Ok(self.open()?.with_image(|bytes| Uint8Array::from(bytes))?)
    }

    /// `{ space, actor, nodes, edges, records }`.
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
    pub fn status(&self) -> Outcome<Object> {
        let status = self.open()?.status()?;
        let object = Object::new();
        set(&object, &"space".into(), &status.space.to_string().into());
        let actor = status.actor.map(|actor| actor.to_string()).unwrap_or_default();
        set(&object, &"actor".into(), &actor.into());
        for (name, count) in
            [("nodes", status.nodes), ("edges", status.edges), ("records", status.records)]
        {
            set(&object, &name.into(), &(count as f64).into());
        }
        Ok(object)
    }

    /// Equal on two databases exactly when their merged states are.
    #[wasm_bindgen(js_name = stateHash)]
    pub fn state_hash(&self) -> Outcome<String> {
        Ok(self.open()?.state_hash()?)
    }

    /// A sync session of a database in memory.
    pub async fn sync(self, relay: String, seed: f64) -> Outcome<CoreSync> {
        CoreSync::new(self, Durability::Memory, relay, seed).await
    }

    /// Writes on as a new actor, if `actor` is the one that writes here.
    #[wasm_bindgen(js_name = renewActor)]
    pub fn renew_actor(&self, actor: &str) -> Outcome<()> {
        let mut database = self.open()?;
        if database.actor().is_some_and(|own| own.to_string() == actor) {
            database.set_actor(random_actor()?)?;
        }
        Ok(())
    }

    /// A second handle of the same database.
    pub fn share(&self) -> Self {
        self.clone()
    }

    /// Starts to note which nodes commits touch.
    pub fn watch(&self) -> Outcome<()> {
        self.open()?.watch();
        Ok(())
    }

    /// The ids touched since the last call.
    #[wasm_bindgen(js_name = takeTouched)]
    pub fn take_touched(&self) -> Outcome<Vec<String>> {
        Ok(self.open()?.take_touched().into_iter().collect())
    }
}

impl CoreDatabase {
    pub(crate) fn of(database: Database) -> Self {
        Self {
            shared: Rc::new(Shared {
                database: RefCell::new(database),
                keys: RefCell::default(),
                under: Under::default(),
            }),
        }
    }

    /// The engine, to read, unless a call that writes is running, whose callback asks for it.
    pub(crate) fn reading(&self) -> Outcome<Ref<'_, Database>> {
        self.shared.reading()
    }

    /// The engine, to write, unless a call into it is running, whose callback asks for it. Statements that
    /// stand still are read to their end.
    pub(crate) fn open(&self) -> Outcome<RefMut<'_, Database>> {
        memory::ahead();
        self.shared.under.settle();
        self.shared.database.try_borrow_mut().map_err(|_| Fault::in_use())
    }
}

/// An export under way. Writes between its pieces may or may not be in it.
#[wasm_bindgen]
#[derive(Debug)]
pub struct CoreExport {
    database: CoreDatabase,
    export: RefCell<Export>,
}

#[wasm_bindgen]
impl CoreExport {
    /// The next piece as `[text, nodes, edges]`, undefined at the end.
    pub fn next(&self) -> Outcome<Option<Array>> {
        let piece = self.export.borrow_mut().next_piece(&*self.database.reading()?)?;
        Ok(piece.map(|piece| {
            let (nodes, edges) = (piece.nodes as f64, piece.edges as f64);
            Array::of3(&piece.text.into(), &nodes.into(), &edges.into())
        }))
    }
}

/// A space from its hex digits.
pub(crate) fn space_id(text: &str) -> Result<SpaceId, Fault> {
    text.parse().map_err(|error| Fault::new("bad-space", format!("the space {text:?}: {error}")))
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shared")
    }
}
