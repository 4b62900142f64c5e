//! What the figures were measured on.

use pluresdb_bench_common::{median, timed};
use serde::Serialize;
use std::fs::File;
use std::io::Write;
use std::path::Path;

/// A machine.
#[derive(Debug, Serialize)]
pub(crate) struct Machine {
    pub(crate) processor: String,
    pub(crate) processors: usize,
    pub(crate) system: String,
    /// Microseconds that the disk takes to make 4 KiB durable: the floor of every durable put.
    pub(crate) sync_us: f64,
    /// Processes that wanted a processor in the last minute, on the average.
    pub(crate) load: Option<f64>,
}

pub(crate) fn describe(folder: &Path) -> Machine {
    let processor = first_value("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown".into());
    let load = std::fs::read_to_string("/proc/loadavg").ok();
    let load = load.and_then(|text| text.split(' ').next()?.parse().ok());
    Machine {
        processor,
        processors: std::thread::available_parallelism().map_or(0, usize::from),
        system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        sync_us: sync(folder).unwrap_or_default() * 1e6,
        load,
    }
}

fn sync(folder: &Path) -> std::io::Result<f64> {
    let mut file = File::create(folder.join("sync"))?;
    let mut seconds = Vec::new();
    for _ in 0..50 {
        let (time, result) = timed(|| file.write_all(&[1; 4096]).and_then(|()| file.sync_data()));
        result?;
        seconds.push(time);
    }
    Ok(median(&seconds))
}

fn first_value(path: &str, name: &str) -> Option<String> {
    let text = std::fs::read_to_string(path).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    line.split_once(':').map(|(_, value)| value.trim().to_owned())
}
