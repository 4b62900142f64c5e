//! What a relay is told.

use crate::store::StoreLimits;
use std::path::PathBuf;

/// Bytes of records that one space may take: 1 GiB.
pub const DEFAULT_MAX_SPACE_BYTES: u64 = 1024 * 1024 * 1024;

/// How a relay runs.
#[derive(Debug, Clone)]
pub struct Config {
    /// The SQLite file; made when it is not there.
    pub store: PathBuf,
    /// What may be stored.
    pub limits: StoreLimits,
    /// Most connections at once; more are answered with HTTP 503.
    pub max_connections: usize,
    /// Origins of web pages that may connect beside those of the relay's own host, such as
    /// `https://app.example.org`; a scheme alone, such as `vscode-webview://*`, allows all of it;
    /// `*` allows every page.
    pub allow_origins: Vec<String>,
    /// The relay serves this machine only. Then pages of every localhost port may connect, and a
    /// page of another host may not, even where its name leads here (DNS rebinding).
    pub local: bool,
}

impl Config {
    /// A relay for this machine, with the usual limits.
    #[must_use]
    pub fn new(store: impl Into<PathBuf>) -> Self {
        Self {
            store: store.into(),
            limits: StoreLimits::default(),
            max_connections: 10_000,
            allow_origins: Vec::new(),
            local: true,
        }
    }
}
