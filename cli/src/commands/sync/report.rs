//! What a sync says of itself, while it runs and at its end.

use super::database::Findings;
use crate::failure::{Failure, Outcome};
use crate::output::{Output, Progress, grouped};
use pluresdb::sync::{State, Status, SyncError};
use pluresdb::{Fork, Rejected};
use serde::Serialize;
use std::time::Duration;

/// How many refused records are named one by one.
const NAMED: usize = 5;

/// Where a sync stands, as JSON.
#[derive(Debug, Serialize, PartialEq)]
struct StatusJson {
    state: &'static str,
    settled: bool,
    received: u64,
    sent: u64,
    behind: u64,
    ahead: u64,
    relay: Option<String>,
    error: Option<ErrorJson>,
}

#[derive(Debug, Serialize, PartialEq)]
struct ErrorJson {
    code: &'static str,
    message: String,
}

#[derive(Serialize)]
struct EndJson {
    #[serde(flatten)]
    status: StatusJson,
    refused: Vec<RefusedJson>,
    forks: Vec<ForkJson>,
    waiting: usize,
    stalled: Vec<String>,
    seconds: f64,
}

#[derive(Serialize)]
struct RefusedJson {
    actor: Option<String>,
    seq: u64,
    code: &'static str,
    message: String,
}

#[derive(Serialize)]
struct ForkJson {
    actor: String,
    seq: u64,
    moved_to: String,
}

/// Tells the user.
pub(super) struct Report {
    progress: Progress,
    live: bool,
    last: Option<String>,
    frozen: Option<Status>,
}

impl Report {
    pub(super) fn new(output: &Output, live: bool) -> Self {
        Self { progress: Progress::words(output), live, last: None, frozen: None }
    }

    /// A change. With --live it is a line: of JSON on the output, or of words beside it.
    pub(super) fn progress(&mut self, output: &mut Output, status: &Status) -> Outcome {
        if self.frozen.is_some() {
            return Ok(());
        }
        let words = words(status);
        if self.live && output.is_json() {
            output.json(&StatusJson::from(status))?;
            return output.flush();
        }
        if self.live && !output.shows_progress() && self.last.as_ref() != Some(&words) {
            output.remark(format_args!("{words}"))?;
        }
        self.progress.say(words.clone());
        self.last = Some(words);
        Ok(())
    }

    /// What follows belongs to the farewell and is not reported.
    pub(super) fn freeze(&mut self, status: Status) {
        self.frozen = Some(status);
    }

    pub(super) fn end(
        self,
        output: &mut Output,
        status: &Status,
        findings: &Findings,
        elapsed: Duration,
    ) -> Outcome {
        drop(self.progress);
        let status = self.frozen.as_ref().unwrap_or(status);
        let refused = &findings.refused;
        for rejected in refused.iter().take(NAMED) {
            output.remark(format_args!("not taken: {}", rejected.error))?;
        }
        if refused.len() > NAMED {
            output.remark(format_args!("and {} more records not taken", refused.len() - NAMED))?;
        }
        for fork in &findings.forks {
            output.remark(format_args!(
                "two copies wrote as one device: what this one held of {} from record {} on goes \
                 on as {}",
                fork.actor, fork.seq, fork.moved_to
            ))?;
        }
        if findings.waiting > 0 {
            let waiting = grouped(findings.waiting as u64);
            output
                .remark(format_args!("{waiting} records wait; `pluresdb status` says for what"))?;
        }
        for stalled in &findings.stalled {
            output.remark(format_args!(
                "device {} is held back for more than a day: its clock, or the one here, is wrong",
                stalled.actor
            ))?;
        }
        let summary = EndJson {
            status: status.into(),
            refused: refused.iter().map(RefusedJson::from).collect(),
            forks: findings.forks.iter().map(ForkJson::from).collect(),
            waiting: findings.waiting,
            stalled: findings.stalled.iter().map(|stalled| stalled.actor.to_string()).collect(),
            seconds: (elapsed.as_secs_f64() * 1_000.0).round() / 1_000.0,
        };
        let (received, sent) = (grouped(status.received), grouped(status.sent));
        output.done(&summary, format_args!("Synced: {received} records came, {sent} went"))
    }
}

/// A status in words.
pub(super) fn words(status: &Status) -> String {
    let mut words = format!(
        "{}, {} records came, {} went",
        status.state.as_str().replace('-', " "),
        grouped(status.received),
        grouped(status.sent)
    );
    for (number, left) in [(status.behind, "to come"), (status.ahead, "to go")] {
        if number > 0 {
            words.push_str(&format!(", {} {left}", grouped(number)));
        }
    }
    if let Some(error) = &status.error {
        words.push_str(&format!(" ({error})"));
    }
    words
}

/// Whether a sync that is to end should end with this error: time does not heal it, or the relay
/// was not there in the first place.
pub(super) fn is_final(error: &SyncError, status: &Status, met: bool) -> bool {
    match error {
        SyncError::Connection { .. } => !met,
        SyncError::Refused { code, .. } => code.is_lasting(),
        // These stop what goes; what comes is taken in first.
        SyncError::Fork { .. } | SyncError::NotTaken { .. } | SyncError::Missing { .. } => {
            status.state == State::Live
        }
        SyncError::Version { .. }
        | SyncError::Unreadable(_)
        | SyncError::Protocol(_)
        | SyncError::Local(_) => true,
    }
}

/// The error that ends the command.
pub(super) fn failure(error: &SyncError, url: &str) -> Failure {
    let hint = match error {
        SyncError::Connection { .. } => Some(format!("is a relay running at {url}?")),
        SyncError::Local(_) => Some("nothing is lost; sync again once it is mended".into()),
        _ => None,
    };
    Failure::Other { code: error.code(), message: error.to_string(), hint }
}

impl From<&Status> for StatusJson {
    fn from(status: &Status) -> Self {
        Self {
            state: status.state.as_str(),
            settled: status.settled,
            received: status.received,
            sent: status.sent,
            behind: status.behind,
            ahead: status.ahead,
            relay: status.relay.map(|relay| relay.to_string()),
            error: status
                .error
                .as_ref()
                .map(|error| ErrorJson { code: error.code(), message: error.to_string() }),
        }
    }
}

impl From<&Fork> for ForkJson {
    fn from(fork: &Fork) -> Self {
        Self { actor: fork.actor.to_string(), seq: fork.seq, moved_to: fork.moved_to.to_string() }
    }
}

impl From<&Rejected> for RefusedJson {
    fn from(rejected: &Rejected) -> Self {
        Self {
            actor: rejected.actor.map(|actor| actor.to_string()),
            seq: rejected.seq,
            code: rejected.error.code(),
            message: rejected.error.to_string(),
        }
    }
}
