//! The words of the commands that look after a database file.

use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(crate) struct Status {
    /// The database
    pub(crate) file: PathBuf,
    /// Compute the hash of the merged state: equal on replicas that hold the same
    #[arg(long)]
    pub(crate) hash: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Check {
    /// The database
    pub(crate) file: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Repair {
    /// The database
    pub(crate) file: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Compact {
    /// The database
    pub(crate) file: PathBuf,
    /// Keep the history of so many days, now and from now on; without it, of as many as were set
    /// before
    #[arg(long, value_name = "DAYS")]
    pub(crate) keep: Option<u32>,
    /// Forget also what no relay is known to hold, now and from now on
    #[arg(long, requires = "keep")]
    pub(crate) unsynced: bool,
}
