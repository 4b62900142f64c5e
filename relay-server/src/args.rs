//! The command line, and the environment variables behind it.

use clap::Parser;
use pluresdb_relay::{Config, DEFAULT_MAX_SPACE_BYTES};
use std::path::PathBuf;
use tracing_subscriber::filter::LevelFilter;

/// Store and forward PluresDB records that this program cannot read.
#[derive(Debug, Parser)]
#[command(name = "pluresdb-relay", version)]
pub(crate) struct Args {
    /// Address and port to listen on
    #[arg(long, env = "PLURESDB_RELAY_LISTEN", default_value = "127.0.0.1:7420")]
    pub(crate) listen: String,

    /// File that keeps the records; made when it is not there
    #[arg(long, env = "PLURESDB_RELAY_STORE", default_value = "relay.sqlite", value_name = "FILE")]
    store: PathBuf,

    /// Bytes of records that one space may take
    #[arg(long, env = "PLURESDB_RELAY_MAX_SPACE_BYTES", default_value_t = DEFAULT_MAX_SPACE_BYTES, value_name = "BYTES")]
    max_space_bytes: u64,

    /// Spaces that the relay takes
    #[arg(
        long,
        env = "PLURESDB_RELAY_MAX_SPACES",
        default_value_t = 100_000,
        value_name = "COUNT"
    )]
    max_spaces: u64,

    /// Connections at once
    #[arg(
        long,
        env = "PLURESDB_RELAY_MAX_CONNECTIONS",
        default_value_t = 10_000,
        value_name = "COUNT"
    )]
    max_connections: usize,

    /// Origin of web pages that may connect beside those of the relay's own host, such as
    /// https://app.example.org; a scheme alone, such as vscode-webview://*; or * for all. Can be
    /// given several times; separated by commas in the variable
    #[arg(long, env = "PLURESDB_RELAY_ALLOW_ORIGIN", value_delimiter = ',', value_name = "ORIGIN")]
    allow_origin: Vec<String>,

    /// How much to log: off, error, warn, info, debug
    #[arg(long, env = "PLURESDB_RELAY_LOG", default_value = "info", value_name = "LEVEL")]
    pub(crate) log: LevelFilter,
}

impl Args {
    pub(crate) fn into_config(self, local: bool) -> Config {
        let mut config = Config::new(self.store);
        config.limits.space_bytes = self.max_space_bytes;
        config.limits.spaces = self.max_spaces;
        config.max_connections = self.max_connections;
        config.allow_origins = self.allow_origin;
        config.local = local;
        config
    }
}
