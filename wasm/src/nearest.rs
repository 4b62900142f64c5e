//! Search by the nearness of vectors.

use crate::convert::{self, Parameters};
use crate::database::CoreDatabase;
use crate::error::{Fault, Outcome};
use js_sys::Array;
use pluresdb::{Meaning, Near};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
impl CoreDatabase {
    /// The nodes whose vectors are nearest to a vector, to that of the node of an id, or to the vector
    /// that a model made, where it is named; gives an array of `{ node, score }`.
    #[expect(clippy::too_many_arguments, reason = "each an option of one object in JavaScript")]
    pub fn nearest(
        &self,
        kind: &str,
        field: &str,
        near: &JsValue,
        model: Option<String>,
        limit: usize,
        condition: Option<String>,
        parameters: &JsValue,
    ) -> Outcome<Array> {
        let (id, vector) = (convert::string(near), convert::vector(near));
        let near = match (&id, &vector, &model) {
            (Some(id), ..) => Near::Node(id),
            (_, Some(vector), Some(model)) => Near::Meaning(Meaning { model, vector }),
            (_, Some(vector), None) => Near::Vector(vector),
            (None, None, _) => {
                let found = convert::describe(near);
                let what = format!("expected a Float32Array or an array of numbers, found {found}");
                return Err(Fault::new("bad-vector", what));
            }
        };
        let database = self.reading()?;
        let hits = match &condition {
            None => database.nearest(kind, field, near, limit, None),
            Some(sql) => Parameters::read(parameters)?.with(sql, |condition| {
                database.nearest(kind, field, near, limit, Some(&condition))
            }),
        }?;
        Ok(convert::json::hits(&hits))
    }
}
