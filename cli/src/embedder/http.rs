//! An embedding model behind HTTP: batches, timeouts, and another try where that may help.

use super::api::{Api, complaint};
use crate::failure::{Failure, Outcome};
use pluresdb::embed::{EmbedError, Embedder, Vectors};
use std::sync::Arc;
use std::time::Duration;
use ureq::http::header::{AUTHORIZATION, RETRY_AFTER};
use ureq::http::{HeaderMap, StatusCode};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, Error};

/// How often a request is made before it is given up.
const TRIES: u32 = 4;
/// The pause before the second try; it doubles from try to try.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// The longest pause that a server may ask for.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// Most bytes of an answer that are read.
const LARGEST_ANSWER: u64 = 256 * 1024 * 1024;
/// What is asked for first.
const FIRST_TEXT: &str = "How many numbers has a vector?";

/// How to ask a server.
pub(super) struct Settings {
    pub(super) endpoint: String,
    pub(super) model: String,
    /// Asked of the server, where given.
    pub(super) dimension: Option<u32>,
    pub(super) key: Option<String>,
    /// Texts in a request.
    pub(super) batch: usize,
    /// For each request.
    pub(super) timeout: Duration,
}

/// A model that a server runs.
pub(super) struct HttpEmbedder {
    settings: Settings,
    api: Api,
    agent: Agent,
    dimension: usize,
}

/// A request that gave no answer, and whether another may.
struct Fault {
    error: EmbedError,
    again: bool,
    /// What the server asked to wait.
    pause: Option<Duration>,
}

impl HttpEmbedder {
    /// Asks the server for a vector, to learn its dimension.
    pub(super) fn connect(settings: Settings) -> Outcome<Self> {
        let Some(api) = Api::of(&settings.endpoint) else {
            return Err(Failure::usage(format!(
                "--endpoint {}: the path must end in /embeddings (as of OpenAI, for example \
                 http://127.0.0.1:8080/v1/embeddings) or in /api/embed (of Ollama, for example \
                 http://127.0.0.1:11434/api/embed)",
                settings.endpoint
            )));
        };
        let agent = agent(&settings);
        let mut embedder = Self { settings, api, agent, dimension: 0 };
        let first = embedder.ask(&[FIRST_TEXT]).map_err(pluresdb::Error::from)?;
        embedder.dimension = first.first().map_or(0, Vec::len);
        Ok(embedder)
    }

    fn ask(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, EmbedError> {
        let Settings { model, dimension, .. } = &self.settings;
        let body = self.api.request(model, texts, *dimension);
        let mut pause = FIRST_PAUSE;
        for _ in 1..TRIES {
            match self.try_once(&body) {
                Ok(answer) => return self.api.vectors(&answer, texts.len()),
                Err(Fault { error, again: false, .. }) => return Err(error),
                Err(fault) => std::thread::sleep(fault.pause.unwrap_or(pause).min(LONGEST_PAUSE)),
            }
            pause *= 2;
        }
        let answer = self.try_once(&body).map_err(|fault| fault.error)?;
        self.api.vectors(&answer, texts.len())
    }

    fn try_once(&self, body: &serde_json::Value) -> Result<Vec<u8>, Fault> {
        let mut request = self.agent.post(&self.settings.endpoint);
        if let Some(key) = &self.settings.key {
            request = request.header(AUTHORIZATION, format!("Bearer {key}"));
        }
        let mut answer = request.send_json(body).map_err(|error| self.unreached(&error))?;
        let bytes = answer.body_mut().with_config().limit(LARGEST_ANSWER).read_to_vec();
        let bytes = bytes.map_err(|error| self.unreached(&error))?;
        if answer.status().is_success() {
            return Ok(bytes);
        }
        Err(self.refused(answer.status(), answer.headers(), &bytes))
    }

    fn unreached(&self, error: &Error) -> Fault {
        let endpoint = &self.settings.endpoint;
        let (again, error) = match error {
            Error::Timeout(_) => {
                let seconds = self.settings.timeout.as_secs();
                let what = format!("{endpoint} did not answer within {seconds} s (--timeout)");
                (true, EmbedError::Unreachable(what))
            }
            Error::Io(_) | Error::HostNotFound | Error::ConnectionFailed | Error::Protocol(_) => {
                (true, EmbedError::Unreachable(format!("{endpoint}: {error}")))
            }
            _ => (false, EmbedError::Refused(format!("{endpoint}: {error}"))),
        };
        Fault { error, again, pause: None }
    }

    fn refused(&self, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Fault {
        let what = format!("{} says {status}: {}", self.settings.endpoint, complaint(body));
        let again = status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error();
        let error = if again { EmbedError::Unreachable(what) } else { EmbedError::Refused(what) };
        let seconds = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
        Fault { error, again, pause: seconds.map(Duration::from_secs) }
    }
}

impl Embedder for HttpEmbedder {
    fn model(&self) -> &str {
        &self.settings.model
    }

    fn dimension(&self) -> usize {
        self.dimension
    }

    fn embed(&self, texts: &[&str]) -> Result<Vectors, EmbedError> {
        let mut vectors = Vec::with_capacity(texts.len());
        for batch in texts.chunks(self.settings.batch) {
            vectors.extend(self.ask(batch)?.into_iter().map(Some));
        }
        Ok(vectors)
    }
}

fn agent(settings: &Settings) -> Agent {
    let mut tls = TlsConfig::builder()
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()));
    if settings.endpoint.starts_with("https:") {
        let roots = rustls_native_certs::load_native_certs().certs;
        let roots = roots.iter().map(|root| Certificate::from_der(root).to_owned());
        tls = tls.root_certs(RootCerts::Specific(Arc::new(roots.collect())));
    }
    Agent::config_builder()
        .timeout_global(Some(settings.timeout))
        // The body of an error says what is wrong.
        .http_status_as_error(false)
        .tls_config(tls.build())
        .build()
        .new_agent()
}
