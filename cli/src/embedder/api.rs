//! What is sent to an embedding server and what comes back, as OpenAI and as Ollama have it.

use pluresdb::embed::EmbedError;
use serde::Deserialize;
use serde_json::{Value, json};

/// How a server speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Api {
    /// `POST .../embeddings`, as OpenAI has it and llama.cpp, vLLM, LM Studio and others do.
    OpenAi,
    /// `POST .../api/embed`.
    Ollama,
}

#[derive(Deserialize)]
struct OpenAiAnswer {
    data: Vec<OpenAiVector>,
}

#[derive(Deserialize)]
struct OpenAiVector {
    index: usize,
    embedding: Vec<f32>,
}

#[derive(Deserialize)]
struct OllamaAnswer {
    embeddings: Vec<Vec<f32>>,
}

impl Api {
    /// How the server at an address speaks, by the end of its path.
    pub(super) fn of(endpoint: &str) -> Option<Self> {
        let path = endpoint.split(['?', '#']).next()?.trim_end_matches('/');
        if path.ends_with("/embeddings") {
            Some(Self::OpenAi)
        } else if path.ends_with("/api/embed") {
            Some(Self::Ollama)
        } else {
            None
        }
    }

    /// The body of a request.
    pub(super) fn request(self, model: &str, texts: &[&str], dimension: Option<u32>) -> Value {
        let mut body = match self {
            Self::OpenAi => json!({ "model": model, "input": texts, "encoding_format": "float" }),
            Self::Ollama => json!({ "model": model, "input": texts }),
        };
        if let (Some(dimension), Some(body)) = (dimension, body.as_object_mut()) {
            body.insert("dimensions".into(), dimension.into());
        }
        body
    }

    /// The vectors in an answer, in the order of the texts.
    pub(super) fn vectors(self, body: &[u8], texts: usize) -> Result<Vec<Vec<f32>>, EmbedError> {
        let vectors = match self {
            Self::OpenAi => {
                let mut data = read::<OpenAiAnswer>(body)?.data;
                data.sort_by_key(|vector| vector.index);
                if let Some((place, _)) =
                    data.iter().enumerate().find(|(place, vector)| *place != vector.index)
                {
                    return Err(EmbedError::Answer(format!("none for the text number {place}")));
                }
                data.into_iter().map(|vector| vector.embedding).collect()
            }
            Self::Ollama => read::<OllamaAnswer>(body)?.embeddings,
        };
        if vectors.len() == texts {
            Ok(vectors)
        } else {
            let message = format!("{} vectors for {texts} texts", vectors.len());
            Err(EmbedError::Answer(message))
        }
    }
}

fn read<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, EmbedError> {
    serde_json::from_slice(body)
        .map_err(|error| EmbedError::Answer(format!("its answer cannot be read: {error}")))
}

/// What a server says of a fault: `{"error": "..."}`, `{"error": {"message": "..."}}`, or plain text.
pub(super) fn complaint(body: &[u8]) -> String {
    const LONGEST: usize = 300;
    let value: Value = serde_json::from_slice(body).unwrap_or_default();
    let error = value.get("error").unwrap_or(&value);
    let told = error.as_str().or_else(|| error.get("message")?.as_str());
    let text = told.map_or_else(|| String::from_utf8_lossy(body), Into::into);
    text.trim().chars().take(LONGEST).collect()
}
