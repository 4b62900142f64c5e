//! Runs the program in a folder of its own.

use serde_json::Value;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long anything may take before a test gives up on it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A folder with a database `db` in it.
pub(crate) struct Room {
    folder: TempDir,
}

/// What a run gave.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Room {
    /// An empty folder.
    pub(crate) fn empty() -> Self {
        Self { folder: TempDir::new().expect("a temporary folder") }
    }

    /// A folder with an empty database.
    pub(crate) fn new() -> Self {
        let room = Self::empty();
        room.ok(&["init", "db"]);
        room
    }

    /// A folder with a database of two notes, one linked to the other.
    pub(crate) fn with_notes() -> Self {
        let room = Self::new();
        room.ok(&["put", "db", "milk", "--type", "Note", r#"{"title":"Buy milk","done":false}"#]);
        room.ok(&["put", "db", "cat", "--type", "Note", r#"{"title":"Feed the cat","done":true}"#]);
        room.ok(&["link", "db", "milk", "before", "cat", r#"{"minutes":5}"#]);
        room
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), text).expect("a file that can be written");
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).expect("a file that can be read")
    }

    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pluresdb"));
        command.args(words).current_dir(self.folder.path()).stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.env("PLURESDB_STATE_DIR", self.path("state"));
        command
    }

    pub(crate) fn run(&self, words: &[&str]) -> Ran {
        self.command(words).output().expect("the program runs").into()
    }

    pub(crate) fn run_with_input(&self, words: &[&str], input: &[u8]) -> Ran {
        let mut child = self.start(words);
        let mut stdin = child.stdin.take().expect("a pipe");
        // A program that stops early closes its end.
        let _ = stdin.write_all(input);
        drop(stdin);
        child.wait_with_output().expect("the program ends").into()
    }

    /// Starts the program with a pipe to its input.
    pub(crate) fn start(&self, words: &[&str]) -> Child {
        self.command(words).stdin(Stdio::piped()).spawn().expect("the program runs")
    }

    /// Runs what must succeed; gives what it printed.
    #[track_caller]
    pub(crate) fn ok(&self, words: &[&str]) -> String {
        let ran = self.run(words);
        assert_eq!(ran.code, Some(0), "{words:?}: {ran:?}");
        ran.out
    }

    /// Runs what must succeed, with `--json`; gives the value that it printed.
    #[track_caller]
    pub(crate) fn json(&self, words: &[&str]) -> Value {
        let words = [words, &["--json"]].concat();
        let out = self.ok(&words);
        serde_json::from_str(&out).unwrap_or_else(|error| panic!("{words:?}: {error}: {out}"))
    }

    /// Runs what must fail with this exit code; gives the error's code.
    #[track_caller]
    pub(crate) fn fails(&self, words: &[&str], exit: i32) -> String {
        let ran = self.run(&[words, &["--json"]].concat());
        assert_eq!(ran.code, Some(exit), "{words:?}: {ran:?}");
        assert_eq!(ran.out, "", "{words:?} printed something before it failed");
        ran.error()["code"].as_str().expect("a code").to_owned()
    }

    /// The number of nodes.
    #[track_caller]
    pub(crate) fn nodes(&self, database: &str) -> u64 {
        self.json(&["status", database])["nodes"].as_u64().expect("a number")
    }
}

impl Ran {
    /// The error that `--json` printed.
    #[track_caller]
    pub(crate) fn error(&self) -> Value {
        let value: Value = serde_json::from_str(&self.err)
            .unwrap_or_else(|error| panic!("{error}: {:?}", self.err));
        value["error"].clone()
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).expect("UTF-8"),
            err: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }
}

/// Asks until the answer is yes.
#[track_caller]
pub(crate) fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let started = Instant::now();
    while !holds() {
        assert!(started.elapsed() < PATIENCE, "{what} did not come");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Waits for a process that is to end by itself. One that does not is killed, and the test fails.
#[track_caller]
pub(crate) fn end(mut child: Child) -> Ran {
    let started = Instant::now();
    while child.try_wait().expect("a process").is_none() {
        if started.elapsed() > PATIENCE {
            child.kill().expect("it can be killed");
            panic!("it did not end by itself");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    child.wait_with_output().expect("its output").into()
}

/// Sends a signal to a process that a test started.
#[cfg(unix)]
pub(crate) fn signal(child: &Child, name: &str) {
    let status = Command::new("kill").args(["-s", name, &child.id().to_string()]).status();
    assert!(status.expect("kill runs").success());
}
