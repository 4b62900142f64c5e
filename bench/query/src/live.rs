//! Live queries: many subscriptions of the form `owner = ?` over many tasks, one commit at a time.

use crate::figure::{Figures, Goal, OURS, ms};
use crate::{Outcome, Setting};
use pluresdb::types::{FieldDef, TypeDef, ValueType};
use pluresdb::{Database, Options, Path, SqlValue, Subscription, Value};
use pluresdb_bench_common::Random;
use std::fmt::Write;

/// What half of all commits may take to be told, in milliseconds.
const GOAL: f64 = 1.0;

const PLAIN: &str = "SELECT id, title FROM Task WHERE owner = ?1";
const ORDERED: &str = "SELECT id, title FROM Task WHERE owner = ?1 ORDER BY title";

pub(crate) fn measure(setting: &Setting, figures: &Figures) -> Outcome<()> {
    let folder = tempfile::tempdir_in(&setting.folder)?;
    let size = Size {
        tasks: setting.size(100_000, 2_000),
        subscriptions: setting.size(1_000, 50),
        commits: setting.size(1_000, 20),
    };
    let mut db = filled(&folder.path().join("live.pluresdb"), size)?;
    let plain = tell(&mut db, size, 0, PLAIN)?;
    for (sql, count, name) in [
        (PLAIN, size.subscriptions, "rows of an owner"),
        (ORDERED, size.subscriptions, "the same in order"),
        (PLAIN, size.subscriptions * 10, "rows of an owner, ten times the subscriptions"),
    ] {
        let before = resident();
        let told = tell(&mut db, size, count, sql)?;
        let title = format!("commit to callback, {count} subscriptions, {name}");
        figures.tell(&title, "ms", Some(Goal::Middle(GOAL)), vec![(OURS, told.callback)])?;
        let title = format!("the commit itself, {count} subscriptions, {name}");
        let commits = vec![(OURS, told.commit), ("without any", plain.commit.clone())];
        figures.tell(&title, "ms", None, commits)?;
        // Where there are few, they fit into what the load has left behind.
        if let (Some(before), Some(after)) = (before, told.resident)
            && count > size.subscriptions
        {
            let each = after.saturating_sub(before) as f64 / count as f64;
            let title = format!("memory of a subscription of {} rows", size.tasks / size.owners());
            figures.tell(&title, "bytes", None, vec![(OURS, vec![each])])?;
        }
    }
    Ok(())
}

#[derive(Clone, Copy)]
struct Size {
    tasks: usize,
    subscriptions: usize,
    commits: usize,
}

impl Size {
    /// As many as there are subscriptions, so that each has as many rows whatever the number.
    const fn owners(self) -> usize {
        self.subscriptions
    }
}

/// What was measured of some commits, in milliseconds.
struct Told {
    commit: Vec<f64>,
    callback: Vec<f64>,
    resident: Option<u64>,
}

/// Subscribes, and changes titles and owners; each title is told to one owner, or to those who share it.
fn tell(db: &mut Database, size: Size, subscriptions: usize, sql: &str) -> Outcome<Told> {
    let mut all: Vec<Subscription> = Vec::new();
    for number in 0..subscriptions {
        let owner = SqlValue::Text(owner(number % size.owners()));
        all.push(db.subscribe(sql, &[owner])?.0);
    }
    let resident = resident();
    let mut random = Random::new(11);
    let (mut commit, mut callback) = (Vec::new(), Vec::new());
    for number in 0..size.commits {
        let task = task(random.below(size.tasks as u64) as usize);
        let title = format!("Another title {number} {subscriptions} {}", sql.len());
        let title = Value::from(title.as_str());
        let (time, ()) = ms(|| Ok(db.patch(&task, vec![(Path::field("title")?, Some(title))])?))?;
        commit.push(time);
        let (time, changes) = ms(|| Ok(db.take_changes()?))?;
        if changes.len() != subscriptions / size.owners() {
            return Err(format!("{} were told of a change of {task}", changes.len()).into());
        }
        callback.push(time);
    }
    all.into_iter().for_each(|subscription| _ = db.unsubscribe(subscription));
    Ok(Told { commit, callback, resident })
}

fn filled(path: &std::path::Path, size: Size) -> Outcome<Database> {
    let mut db = Database::create(path, Options { text_index: false, ..Options::default() })?;
    let indexed = FieldDef { indexed: true, ..FieldDef::of(ValueType::String) };
    db.define_type(&TypeDef::new("Task").with("owner", indexed))?;
    let mut lines = String::new();
    for number in 0..size.tasks {
        let (id, owner) = (task(number), owner(number % size.owners()));
        writeln!(
            lines,
            r#"{{"id":"{id}","type":"Task","data":{{"title":"Task number {number}","owner":"{owner}","rank":{number}}}}}"#
        )?;
    }
    db.import_jsonl(&lines, 1)?;
    Ok(db)
}

fn task(number: usize) -> String {
    format!("task-{number}")
}

fn owner(number: usize) -> String {
    format!("owner-{number}")
}

/// Bytes of memory that this process holds, where the system tells.
fn resident() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = text.split(' ').nth(1)?.parse().ok()?;
    Some(pages * 4096)
}
