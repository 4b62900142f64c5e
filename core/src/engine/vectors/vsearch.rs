//! Search by nearness in SQL: `SELECT d.title, v.score FROM vsearch('Doc', 'embedding', ?1, 10) AS v JOIN
//! Doc AS d ON d.id = v.id ORDER BY v.score DESC`.
//!
//! What the nodes found must meet is an argument: a condition beside the call would be asked of the
//! nearest only, and lose the others.

use super::argument::vector_of;
use super::nearest::{Near, Sieve};
use crate::engine::error::Error;
use crate::engine::query::meaning::Meaning;
use crate::engine::query::reader::Reader;
use crate::engine::query::sql::SqlValue;
use crate::engine::query::statement::Statement;
use crate::engine::query::table_functions::{TableFunction, TableRows};

/// `vsearch(type, field, vector, limit, filter)`.
pub(in crate::engine) static VSEARCH: TableFunction = TableFunction {
    name: "vsearch",
    signature: "vsearch(type, field, vector, limit, filter)",
    columns: &["id", "score"],
    arguments: 3..=5,
    rows: vsearch,
};

/// How many are found where no limit is given.
const LIMIT: usize = 10;

fn vsearch(db: Reader<'_>, arguments: &[SqlValue]) -> Result<TableRows, Error> {
    let argument = |place: usize| arguments.get(place).unwrap_or(&SqlValue::Null);
    let (SqlValue::Text(kind), SqlValue::Text(field)) = (argument(0), argument(1)) else {
        return Err(bad(
            "type and field",
            "give the names of a type and of a vector field as texts",
        ));
    };
    let limit = match argument(3) {
        SqlValue::Null => LIMIT,
        SqlValue::Int(limit) => usize::try_from(*limit)
            .map_err(|_| bad("limit", "give a number that is not negative"))?,
        _ => return Err(bad("limit", "give a whole number, or NULL for 10")),
    };
    let (made, vector);
    let near = match argument(2) {
        SqlValue::Text(text) if !text.starts_with('[') => {
            made = vector_of_text(db, text)?;
            match &made {
                (model, Some(vector)) => Near::Meaning(Meaning { model, vector }),
                (_, None) => return Ok(Vec::new()),
            }
        }
        SqlValue::Null => return Ok(Vec::new()),
        value => {
            vector = vector_of(value).map_err(|message| bad("vector", &message))?;
            Near::Vector(&vector)
        }
    };
    let condition;
    let mut sieve = Sieve::default();
    match argument(4) {
        SqlValue::Null => {}
        SqlValue::Text(filter) => match ids(filter) {
            Some(ids) => sieve.within = Some(db.numbers(ids.iter().map(String::as_str))?),
            None => {
                condition = Statement::new(filter);
                sieve.condition = Some(&condition);
            }
        },
        _ => return Err(bad("filter", "give a condition of SQL, or a JSON array of ids, as text")),
    }
    let found = db.near(kind, field, near, limit, sieve)?;
    let row = |found: super::Found| vec![SqlValue::Text(found.id), SqlValue::Real(found.score)];
    Ok(found.into_iter().map(row).collect())
}

/// The ids of a JSON array of texts; `None` where it is none, and so a condition.
fn ids(filter: &str) -> Option<Vec<String>> {
    filter.starts_with('[').then(|| serde_json::from_str(filter).ok())?
}

/// The name of the model and what it makes of a text; nothing where it finds nothing in it.
fn vector_of_text(db: Reader<'_>, text: &str) -> Result<(String, Option<Vec<f32>>), Error> {
    let Some(embedder) = db.embedder() else {
        let message = "a text takes an embedding model, which this database was not given; give \
                       the vector of the text";
        return Err(bad("vector", message));
    };
    let vector = embedder.embed(&[text])?.into_iter().next().flatten();
    Ok((embedder.model().to_owned(), vector))
}

fn bad(option: &str, message: &str) -> Error {
    Error::Option { option: option.into(), message: format!("{message}, in {}", VSEARCH.signature) }
}
