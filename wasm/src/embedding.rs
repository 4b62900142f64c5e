//! Vectors of texts: texts go out to a model of JavaScript's, vectors come in.

use crate::convert::{self, set};
use crate::database::CoreDatabase;
use crate::error::{Fault, Outcome};
use js_sys::{Array, Object};
use pluresdb::PendingText;
use std::fmt;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};

/// Texts that vectors are to be made of.
#[wasm_bindgen]
pub struct CorePending {
    database: CoreDatabase,
    model: String,
    dimension: usize,
    pending: Vec<PendingText>,
}

#[wasm_bindgen]
impl CoreDatabase {
    /// Some of the texts that a model is still to make vectors of.
    #[wasm_bindgen(js_name = pendingTexts)]
    pub fn pending_texts(
        &self,
        model: String,
        dimension: usize,
        limit: usize,
    ) -> Outcome<CorePending> {
        let pending = self.open()?.pending_texts(&model, dimension, limit)?;
        Ok(CorePending { database: self.clone(), model, dimension, pending })
    }

    /// How far the vectors of a model are made: `{ made, pending }`.
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
    pub fn embedding(&self, model: &str, dimension: usize) -> Outcome<Object> {
        let progress = self.open()?.embedding(model, dimension)?;
        let object = Object::new();
        set(&object, &"made".into(), &(progress.made as f64).into());
        set(&object, &"pending".into(), &(progress.pending as f64).into());
        Ok(object)
    }
}

#[wasm_bindgen]
impl CorePending {
    /// The texts.
    #[wasm_bindgen(getter)]
    pub fn texts(&self) -> Vec<String> {
        self.pending.iter().map(|pending| pending.text.clone()).collect()
    }

    /// Keeps their vectors: an array of `Float32Array`, of arrays of numbers, or of null. Gives how many
    /// count.
    pub fn store(self, vectors: &JsValue) -> Outcome<u32> {
        if !Array::is_array(vectors) {
            return Err(Fault::new("embed-answer", "the embedder gave no array of vectors"));
        }
        let vectors: Vec<Option<Vec<f32>>> = vectors
            .unchecked_ref::<Array>()
            .iter()
            .map(|value| vector(&value))
            .collect::<Result<_, _>>()?;
        let mut database = self.database.open()?;
        let count = database.store_vectors(&self.model, self.dimension, &self.pending, &vectors)?;
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    }
}

fn vector(value: &JsValue) -> Outcome<Option<Vec<f32>>> {
    if value.is_null() || value.is_undefined() {
        return Ok(None);
    }
    let what = "the embedder gave something that is no Float32Array, array of numbers, or null";
    convert::vector(value).map(Some).ok_or_else(|| Fault::new("embed-answer", what))
}

impl fmt::Debug for CorePending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CorePending").field("texts", &self.pending.len()).finish_non_exhaustive()
    }
}
