//! Search in SQL: `SELECT n.id FROM search('oat milk') AS s JOIN Task AS n ON n.id = s.id`.
//!
//! By meaning it takes the vector of the text: that which is given, or one that the model of the database
//! makes.

use super::answer::{Found, Marks, SearchOptions};
use super::hybrid::SearchMode;
use crate::engine::error::Error;
use crate::engine::query::meaning::Meaning;
use crate::engine::query::reader::Reader;
use crate::engine::query::sql::SqlValue;
use crate::engine::query::table_functions::{TableFunction, TableRows};
use crate::engine::vectors::argument::vector_of;
use serde_json::{Map, Value};

/// `search(text, type, limit, options, vector)`.
pub(in crate::engine) static SEARCH: TableFunction = TableFunction {
    name: "search",
    signature: "search(text, type, limit, options, vector)",
    columns: &["id", "type", "score", "snippet", "corrected"],
    arguments: 1..=5,
    rows: search,
};

/// The options that there are.
const OPTIONS: &str = "mode, model, typos, fields, snippet, open, close, words";

fn search(db: Reader<'_>, arguments: &[SqlValue]) -> Result<TableRows, Error> {
    let kind = text("type", arguments.get(1))?;
    let more = match text("options", arguments.get(3))? {
        Some(more) => More::read(&more)?,
        None => More::default(),
    };
    let fields: Vec<&str> = more.fields.iter().map(String::as_str).collect();
    let mut options = SearchOptions {
        kind: kind.as_deref(),
        typos: more.typos,
        marks: more.snippet.then(|| more.marks.clone()),
        fields: &fields,
        ..SearchOptions::default()
    };
    match arguments.get(2) {
        None | Some(SqlValue::Null) => {}
        Some(SqlValue::Int(limit)) if *limit >= 0 => {
            options.limit = usize::try_from(*limit).unwrap_or(usize::MAX);
        }
        Some(_) => return Err(bad("limit", "give an integer that is not negative")),
    }
    let Some(typed) = text("text", arguments.first())? else {
        return Ok(Vec::new());
    };
    let given = arguments.get(4).filter(|vector| **vector != SqlValue::Null);
    if more.mode == SearchMode::Words {
        if given.is_some() {
            return Err(bad("vector", "a search by words takes none; give the mode as well"));
        }
        return Ok(rows(db.find(&typed, &options)?));
    }
    let (model, vector) = match given {
        Some(vector) => (more.model(db)?, vector_of(vector).map_err(|what| bad("vector", &what))?),
        None => more.vector_of_text(db, &typed)?,
    };
    let meaning = Meaning { model: &model, vector: &vector };
    Ok(rows(db.find_by_meaning(&typed, more.mode, meaning, &options)?))
}

fn rows(Found { hits, corrected }: Found) -> TableRows {
    let corrected = match corrected.is_empty() {
        true => SqlValue::Null,
        false => {
            let words = corrected.into_iter().map(|word| (word.typed, word.taken.into()));
            SqlValue::Text(Value::Object(words.collect()).to_string())
        }
    };
    let rows = hits.into_iter().map(|hit| {
        let snippet = hit.snippet.map_or(SqlValue::Null, SqlValue::Text);
        let (id, kind) = (SqlValue::Text(hit.node.id), SqlValue::Text(hit.node.kind));
        vec![id, kind, SqlValue::Real(hit.score), snippet, corrected.clone()]
    });
    rows.collect()
}

/// What the JSON object of options says.
struct More {
    mode: SearchMode,
    /// Which model made the vectors that are compared.
    model: Option<String>,
    typos: bool,
    fields: Vec<String>,
    snippet: bool,
    marks: Marks,
}

impl Default for More {
    fn default() -> Self {
        let marks = Marks { fields: false, ..Marks::default() };
        Self {
            mode: SearchMode::Words,
            model: None,
            typos: true,
            fields: Vec::new(),
            snippet: true,
            marks,
        }
    }
}

impl More {
    fn read(json: &str) -> Result<Self, Error> {
        let options: Map<String, Value> = serde_json::from_str(json)
            .map_err(|error| bad("options", &format!("no JSON object: {error}")))?;
        let mut more = Self::default();
        for (option, value) in options {
            match (option.as_str(), value) {
                ("mode", Value::String(mode)) => more.mode = mode.parse()?,
                ("model", Value::String(model)) => more.model = Some(model),
                ("typos", Value::Bool(typos)) => more.typos = typos,
                ("fields", value) => {
                    more.fields = serde_json::from_value(value)
                        .map_err(|_| bad(&option, "give an array of names of fields"))?;
                }
                ("snippet", Value::Bool(wanted)) => more.snippet = wanted,
                ("open", Value::String(open)) => more.marks.open = open,
                ("close", Value::String(close)) => more.marks.close = close,
                ("words", Value::Number(words)) => {
                    let words = words.as_u64().and_then(|words| u8::try_from(words).ok());
                    more.marks.words =
                        words.ok_or_else(|| bad("words", "a snippet has 1 to 64 words"))?;
                }
                ("typos" | "snippet", _) => return Err(bad(&option, "give true or false")),
                ("mode" | "model" | "open" | "close", _) => {
                    return Err(bad(&option, "give a text"));
                }
                ("words", _) => return Err(bad(&option, "give a number from 1 to 64")),
                _ => {
                    let message = format!("there is no such option; there are {OPTIONS}");
                    return Err(bad(&option, &message));
                }
            }
        }
        Ok(more)
    }

    /// The model that made a vector which is given.
    fn model(&self, db: Reader<'_>) -> Result<String, Error> {
        let own = || db.embedder().map(|embedder| embedder.model().to_owned());
        self.model.clone().or_else(own).ok_or_else(|| {
            bad("model", "name the model that made the vector: it is compared with no others")
        })
    }

    /// The vector that the model of the database makes of a text, and that model.
    fn vector_of_text(&self, db: Reader<'_>, text: &str) -> Result<(String, Vec<f32>), Error> {
        let embedder = db.embedder().ok_or(Error::NoEmbedder { function: SEARCH.signature })?;
        let own = embedder.model();
        if let Some(model) = self.model.as_ref().filter(|model| *model != own) {
            let message = format!(
                "vectors of {model:?} are asked for, and this database makes its own with {own:?}: \
                 give the vector of the text as well"
            );
            return Err(bad("model", &message));
        }
        let vector = embedder.embed(&[text])?.pop().flatten().unwrap_or_default();
        Ok((own.to_owned(), vector))
    }
}

fn text(name: &str, argument: Option<&SqlValue>) -> Result<Option<String>, Error> {
    match argument {
        None | Some(SqlValue::Null) => Ok(None),
        Some(SqlValue::Text(text)) => Ok(Some(text.clone())),
        Some(_) => Err(bad(name, "give a text, or NULL")),
    }
}

fn bad(option: &str, message: &str) -> Error {
    Error::Option { option: option.into(), message: message.into() }
}
