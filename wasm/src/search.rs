//! Search by words, by meaning, and by both.

use crate::convert;
use crate::database::CoreDatabase;
use crate::error::Outcome;
use pluresdb::{Marks, Meaning, SearchOptions};
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
    /// Search by words; gives `{ hits, corrected }`.
    pub fn search(&self, text: &str, how: &CoreSearch) -> Outcome<JsValue> {
        let found = self.reading()?.find(text, &how.options(&how.fields()))?;
        Ok(convert::json::found(&found))
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
        Ok(convert::json::found(&found))
    }
}
