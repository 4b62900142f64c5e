//! Embedding models: the one in this program, and those that a server runs.

mod api;
mod http;

use crate::args::Model;
use crate::failure::{Failure, Outcome};
use http::HttpEmbedder;
use pluresdb::embed::{Embedder, STATIC_EN_256, StaticModel};
use std::time::Duration;

const WEIGHTS: &[u8] = include_bytes!("../../../models/static-en-256/model.safetensors");
const VOCABULARY: &str = include_str!("../../../models/static-en-256/vocab.txt");

/// The variable with the key that a server is given.
const KEY: &str = "PLURESDB_EMBED_KEY";

/// The model in this program.
pub(crate) fn built_in() -> Outcome<impl Embedder + 'static> {
    StaticModel::read(STATIC_EN_256, WEIGHTS, VOCABULARY).map_err(|error| Failure::Other {
        code: error.code(),
        message: error.to_string(),
        hint: Some("this program is damaged; install it again".into()),
    })
}

/// The model that the words ask for; a server is asked once, for how many numbers it gives.
pub(crate) fn open(model: &Model) -> Outcome<Box<dyn Embedder>> {
    let (Some(endpoint), Some(name)) = (&model.endpoint, &model.model) else {
        return Ok(Box::new(built_in()?));
    };
    if model.batch == 0 || model.timeout == 0 {
        return Err(Failure::usage("--batch and --timeout must be at least 1"));
    }
    let settings = http::Settings {
        endpoint: endpoint.clone(),
        model: name.clone(),
        dimension: model.dimension,
        key: std::env::var(KEY).ok(),
        batch: model.batch.into(),
        timeout: Duration::from_secs(model.timeout.into()),
    };
    Ok(Box::new(HttpEmbedder::connect(settings)?))
}
