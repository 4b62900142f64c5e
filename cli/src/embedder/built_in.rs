//! The model inside this program. It is read when it is first asked, so that what may need it costs nothing
//! where it does not.

use pluresdb::embed::{EmbedError, Embedder, ModelError, STATIC_EN_256, StaticModel, Vectors};
use std::cell::OnceCell;

const WEIGHTS: &[u8] = include_bytes!("../../../models/static-en-256/model.safetensors");
const VOCABULARY: &str = include_str!("../../../models/static-en-256/vocab.txt");
/// How many numbers its vectors have.
const DIMENSION: usize = 256;

/// The model in this program.
#[derive(Debug, Default)]
pub(crate) struct BuiltIn(OnceCell<StaticModel>);

impl BuiltIn {
    fn read() -> Result<StaticModel, ModelError> {
        StaticModel::read(STATIC_EN_256, WEIGHTS, VOCABULARY)
    }
}

impl Embedder for BuiltIn {
    fn model(&self) -> &str {
        STATIC_EN_256
    }

    fn dimension(&self) -> usize {
        DIMENSION
    }

    fn embed(&self, texts: &[&str]) -> Result<Vectors, EmbedError> {
        if self.0.get().is_none() {
            let model = Self::read().map_err(|error| {
                let message = format!("{error}; this program is damaged: install it again");
                EmbedError::Refused(message)
            })?;
            // Nothing was there.
            let _ = self.0.set(model);
        }
        self.0.get().map_or_else(|| Ok(Vec::new()), |model| model.embed(texts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_model_is_what_is_said_of_it_before_it_is_read() {
        let model = BuiltIn::read().expect("the model in this program");
        let built_in = BuiltIn::default();
        assert_eq!(model.dimension(), built_in.dimension());
        assert_eq!(model.model(), built_in.model());
        let texts = ["a hotel to sleep in", " "];
        assert_eq!(built_in.embed(&texts), model.embed(&texts));
    }
}
