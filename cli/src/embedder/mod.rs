//! Embedding models: the one in this program, and those that a server runs.

mod api;
mod built_in;
mod http;

use crate::args::Model;
use crate::failure::{Failure, Outcome};
pub(crate) use built_in::BuiltIn;
use http::HttpEmbedder;
use pluresdb::embed::Embedder;
use std::time::Duration;

/// The variable with the key that a server is given.
const KEY: &str = "PLURESDB_EMBED_KEY";

/// The model that the words ask for; a server is asked once, for how many numbers it gives.
pub(crate) fn open(model: &Model) -> Outcome<Box<dyn Embedder>> {
    let (Some(endpoint), Some(name)) = (&model.endpoint, &model.model) else {
        return Ok(Box::new(BuiltIn::default()));
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
