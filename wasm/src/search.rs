//! Search by words, by meaning, and by both.

use crate::convert::{self, Keys, object, set};
use crate::database::CoreDatabase;
use crate::error::Outcome;
use js_sys::Array;
use pluresdb::{Found, Marks, Meaning, SearchOptions};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

/// How to search, apart from the text.
#[wasm_bindgen]
#[derive(Debug, Default)]
pub struct CoreSearch {
    kind: Option<String>,
    limit: usize,
    typos: bool,
    marks: Option<Marks>,
    fields: Vec<String>,
}

#[wasm_bindgen]
impl CoreSearch {
    /// Up to so many nodes, of a type where one is given.
    #[wasm_bindgen(constructor)]
    pub fn new(kind: Option<String>, limit: usize, typos: bool) -> Self {
        Self { kind, limit, typos, marks: None, fields: Vec::new() }
    }

    /// Marks what is found, in snippets of so many words.
    pub fn mark(&mut self, open: String, close: String, words: u8) {
        self.marks = Some(Marks { open, close, words, fields: true });
    }

    /// Keeps it to words in these fields; to all texts where there is none.
    pub fn within(&mut self, fields: Vec<String>) {
        self.fields = fields;
    }

    fn options<'a>(&'a self, fields: &'a [&'a str]) -> SearchOptions<'a> {
        let (kind, marks) = (self.kind.as_deref(), self.marks.clone());
        SearchOptions { kind, limit: self.limit, typos: self.typos, marks, fields }
    }

    fn fields(&self) -> Vec<&str> {
        self.fields.iter().map(String::as_str).collect()
    }
}

#[wasm_bindgen]
impl CoreDatabase {
    /// Search by words; gives `{ hits, corrected }`, as values or as their JSON.
    pub fn search(&self, text: &str, how: &CoreSearch) -> Outcome<JsValue> {
        let found = self.reading()?.find(text, &how.options(&how.fields()))?;
        Ok(found_object(&found))
    }

    /// The same by meaning, or by both, with the vector that a model made of the text.
    #[wasm_bindgen(js_name = searchMeaning)]
    pub fn search_meaning(
        &self,
        text: &str,
        mode: &str,
        model: &str,
        vector: &[f32],
        how: &CoreSearch,
    ) -> Outcome<JsValue> {
        let mode = mode.parse()?;
        let meaning = Meaning { model, vector };
        let found =
            self.reading()?.find_by_meaning(text, mode, meaning, &how.options(&how.fields()))?;
        Ok(found_object(&found))
    }
}

fn found_object(found: &Found) -> JsValue {
    convert::json::found(found).unwrap_or_else(|| found_values(found))
}

fn found_values(found: &Found) -> JsValue {
    let mut keys = Keys::default();
    let hits: Array = found
        .hits
        .iter()
        .map(|hit| {
            let shown = convert::hit(hit, &mut keys);
            if let Some(snippet) = &hit.snippet {
                set(&shown, &"snippet".into(), &snippet.as_str().into());
            }
            if !hit.highlights.is_empty() {
                let fields = hit.highlights.iter();
                let fields: Vec<(&str, JsValue)> =
                    fields.map(|(name, text)| (name.as_str(), text.as_str().into())).collect();
                set(&shown, &"highlights".into(), &object(&fields));
            }
            shown
        })
        .collect();
    let corrected = found.corrected.iter().map(|word| {
        object(&[("typed", word.typed.as_str().into()), ("taken", word.taken.as_str().into())])
    });
    let corrected: Array = corrected.collect();
    object(&[("hits", hits.into()), ("corrected", corrected.into())]).into()
}
