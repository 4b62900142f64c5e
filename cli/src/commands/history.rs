//! `history`: the changes of a node.

use crate::args::History;
use crate::failure::{Failure, Outcome};
use crate::output::{JsonArray, Output, printable};
use crate::time;
use pluresdb::model::{Op, SharedChange};
use pluresdb::{Path, Revision, Value};
use serde::Serialize;

/// One transaction's change of the node.
#[derive(Serialize)]
struct RevisionJson<'a> {
    /// Milliseconds since 1970.
    at: u64,
    actor: String,
    seq: u64,
    deleted: bool,
    put: bool,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<&'a str>,
    writes: Vec<WriteJson<'a>>,
}

/// A field that it changed: `op` says how.
#[derive(Serialize)]
struct WriteJson<'a> {
    #[serde(skip)]
    path: &'a Path,
    field: Vec<&'a str>,
    op: &'static str,
    /// What it was set to, what a counter grew by, what came into a set.
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Value>,
    /// What went out of a set.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    removed: Vec<&'a Value>,
}

pub(crate) fn run(args: &History, output: &mut Output) -> Outcome {
    let database = super::open(&args.file)?;
    let revisions = database.history(&args.id)?;
    if revisions.is_empty() && database.get(&args.id)?.is_none() {
        return Err(Failure::no_node(&args.id));
    }
    let revisions: Vec<RevisionJson<'_>> = revisions.iter().map(RevisionJson::from).collect();
    if output.is_json() {
        return JsonArray::write(output.writer(), revisions);
    }
    if revisions.is_empty() {
        return output.remark(format_args!("its history was forgotten by a compaction"));
    }
    for revision in &revisions {
        let at = time::words(&database, i64::try_from(revision.at).unwrap_or(i64::MAX))?;
        output.line(format_args!("{at}  {}.{}", revision.actor, revision.seq))?;
        if revision.deleted {
            output.line(format_args!("  deleted"))?;
        }
        if revision.put || revision.kind.is_some() {
            output
                .line(format_args!("  put as {}", printable(revision.kind.unwrap_or_default())))?;
        }
        for write in &revision.writes {
            output.line(format_args!("  {}", printable(&write.words())))?;
        }
    }
    Ok(())
}

impl WriteJson<'_> {
    fn words(&self) -> String {
        let mut words = format!("{} {}", self.op, self.path);
        let parts = self.value.iter().chain(self.removed.iter().copied());
        for (part, sign) in parts.zip([" ", " less "]) {
            words.push_str(sign);
            words.push_str(&serde_json::to_string(part).unwrap_or_default());
        }
        words
    }
}

impl<'a> From<&'a Revision> for RevisionJson<'a> {
    fn from(revision: &'a Revision) -> Self {
        let writes = revision.writes.iter().map(|write| {
            let (op, value, removed) = change(&write.op);
            let path = &write.path;
            WriteJson { path, field: path.keys().collect(), op, value, removed }
        });
        Self {
            at: revision.stamp.hlc.ms(),
            actor: revision.stamp.actor.to_string(),
            seq: revision.seq,
            deleted: revision.deleted,
            put: revision.put,
            kind: revision.kind.as_deref(),
            writes: writes.collect(),
        }
    }
}

fn change(op: &Op) -> (&'static str, Option<Value>, Vec<&Value>) {
    match op {
        Op::Set(value) => ("set", Some(value.clone()), Vec::new()),
        Op::Remove => ("remove", None, Vec::new()),
        Op::Shared(shared) => match &shared.change {
            SharedChange::Counter { add } => ("increment", Some(Value::Int(*add)), Vec::new()),
            SharedChange::Set { add, remove } => {
                let removed = remove.iter().map(|(value, _)| value).collect();
                ("change-set", Some(Value::Array(add.clone())), removed)
            }
            SharedChange::List(_) => ("edit-list", None, Vec::new()),
            SharedChange::Text(_) => ("edit-text", None, Vec::new()),
        },
    }
}
