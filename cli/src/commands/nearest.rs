//! `nearest`: nodes by the nearness of their vectors.

use crate::args::Nearest;
use crate::embedder;
use crate::failure::{Failure, Outcome};
use crate::output::{HitJson, JsonArray, Output, Table};
use pluresdb::{Database, Hit, Meaning, Near, SqlValue, Statement};

pub(crate) fn run(args: &Nearest, output: &mut Output) -> Outcome {
    let hits = hits(args)?;
    if output.is_json() {
        let hits = hits.iter().map(|hit| HitJson::new(hit, &[]));
        return JsonArray::write(output.writer(), hits);
    }
    let mut table = Table::new(output, ["score", "id", "data"]);
    for hit in &hits {
        // The vector itself tells a reader nothing, and hides all else.
        let mut data = hit.node.data.clone();
        data.remove(&args.field);
        // Six places behind the point, without zeros at the end.
        let score = (hit.score * 1e6).round() / 1e6;
        let score = Table::value(&SqlValue::Real(score));
        table.push(output, vec![score, Table::text(&hit.node.id), Table::object(&data)])?;
    }
    table.end(output)
}

fn hits(args: &Nearest) -> Outcome<Vec<Hit>> {
    let database = super::open(&args.file)?;
    let words = &args.near;
    match (&words.vector, &words.like, &words.text) {
        (Some(vector), ..) => {
            let vector: Vec<f32> = serde_json::from_str(vector).map_err(|error| {
                Failure::usage(format!("--vector takes a JSON array of numbers: {error}"))
            })?;
            search(&database, args, Near::Vector(&vector))
        }
        (_, Some(id), _) => search(&database, args, Near::Node(id)),
        (_, _, text) => {
            let text = text.as_deref().unwrap_or_default();
            let embedder = embedder::open(&args.model)?;
            let vector = embedder.embed(&[text]).map_err(pluresdb::Error::from)?;
            let Some(vector) = vector.into_iter().next().flatten() else {
                return Ok(Vec::new());
            };
            search(
                &database,
                args,
                Near::Meaning(Meaning { model: embedder.model(), vector: &vector }),
            )
        }
    }
}

fn search(database: &Database, args: &Nearest, near: Near<'_>) -> Outcome<Vec<Hit>> {
    let filter = args.filter.as_deref().map(Statement::new);
    Ok(database.nearest(&args.kind, &args.field, near, args.limit, filter.as_ref())?)
}
