//! The static embedding model for JavaScript: what `pluresdb/embed` calls.
//!
//! A module of its own, so that pages without it load neither this nor the model.

use js_sys::{Array, Error, Float32Array, Reflect};
use pluresdb::embed::{Embedder, STATIC_EN_256, StaticModel};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

/// The model in the module's memory.
#[wasm_bindgen]
#[derive(Debug)]
pub struct CoreModel {
    model: StaticModel,
}

#[wasm_bindgen]
impl CoreModel {
    /// Reads the model of its two files.
    pub fn read(weights: Vec<u8>, vocabulary: &str) -> Result<Self, JsValue> {
        let model = StaticModel::read(STATIC_EN_256, weights, vocabulary).map_err(|error| {
            let thrown = Error::new(&error.to_string());
            // Setting a property of an object made here cannot fail.
            let _ = Reflect::set(&thrown, &"code".into(), &error.code().into());
            JsValue::from(thrown)
        })?;
        Ok(Self { model })
    }

    /// The model's name and version.
    #[wasm_bindgen(getter)]
    pub fn name(&self) -> String {
        self.model.model().to_owned()
    }

    /// How many numbers its vectors have.
    #[wasm_bindgen(getter)]
    pub fn dimension(&self) -> usize {
        self.model.dimension()
    }

    /// For each text a `Float32Array`, or null where there is nothing to make a vector of.
    pub fn embed(&self, texts: Vec<String>) -> Array {
        let vector = |text: &String| match self.model.vector(text) {
            Some(vector) => Float32Array::from(&vector[..]).into(),
            None => JsValue::NULL,
        };
        texts.iter().map(vector).collect()
    }
}

/// Runs once when the module is loaded: a panic is told with its place instead of `unreachable`.
#[wasm_bindgen(start)]
pub fn start() {
    console_error_panic_hook::set_once();
}
