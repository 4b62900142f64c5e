//! The pool of a database file's actors, as a small file outside of it.
//!
//! ```text
//! one line for each actor without a writer: actor, sequence number, hash, divided by spaces
//! ```
//!
//! The first write of a session takes an actor out, if its log in the database ends exactly as the
//! line says; closing puts it back with the end it has then. Why no sequence number is used twice:
//!
//! - **A crash, a kill, a power cut**: the line was gone, on the disk, before the first record of the
//!   session was committed. Should a file system bring it back all the same, the log has grown, and
//!   the line no longer matches.
//! - **A backup restored in place**: its log ends earlier than the line says. If it does not, then
//!   nothing was written after the backup, and going on is right.
//! - **A copy**: the pool is found by the file's place (device and inode), which a copy does not
//!   share.
//! - **Two processes**: the pool is changed under a lock, and a line that one took is not there for
//!   the other.
//! - **Another program repairs the file meanwhile**: the log is not as its writer left it, so the writer
//!   goes on as a new actor and puts the former one nowhere.
//! - **A whole machine set back**: file and pool agree, and nothing here can tell. Then the relay does:
//!   it holds records of the actor that are not here, and a fork is resolved if it comes to one.

use crate::crypto::hash_record;
use crate::engine::storage::lease::Pool;
use crate::engine::storage::lease_prune;
use crate::model::{ActorId, Head, RecordHash, SpaceId};
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Most actors in a pool; more were never open at once.
const MAX_ACTORS: usize = 64;

/// Where it is remembered which actors a database file may go on writing as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leases {
    /// `None` for files beside the databases.
    folder: Option<PathBuf>,
}

impl Leases {
    /// Of the user: in `PLURESDB_STATE_DIR`, or else `XDG_STATE_HOME/pluresdb`, or else
    /// `~/.local/state/pluresdb`; beside the database where there is no home.
    #[must_use]
    pub fn of_user() -> Self {
        let from = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let folder = from("PLURESDB_STATE_DIR")
            .map(PathBuf::from)
            .or_else(|| from("XDG_STATE_HOME").map(|home| Path::new(&home).join("pluresdb")))
            .or_else(|| from("HOME").map(|home| Path::new(&home).join(".local/state/pluresdb")));
        Self { folder }
    }

    /// In this folder. It must not be part of what is backed up together with the databases.
    #[must_use]
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self { folder: Some(folder.into()) }
    }

    /// The pool of a file; `None` where its place cannot be told. Then each session writes as a new
    /// actor.
    pub(in crate::engine) fn pool(&self, path: &Path, space: SpaceId) -> Option<Box<dyn Pool>> {
        let place = place(path)?;
        let Some(folder) = &self.folder else {
            let mut name = path.as_os_str().to_owned();
            name.push("-lease");
            return Some(Box::new(FilePool { file: name.into(), among_others: false }));
        };
        let RecordHash(name) = hash_record(&[place.as_bytes(), &space.0].concat());
        let (name, _) = name.split_first_chunk::<16>()?;
        let file = folder.join("leases").join(ActorId(*name).to_string());
        Some(Box::new(FilePool { file, among_others: true }))
    }
}

#[derive(Debug)]
struct FilePool {
    file: PathBuf,
    /// Whether it is in a folder of pools, from which the oldest go.
    among_others: bool,
}

/// When a change is to survive a power cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Safety {
    /// From the moment the call returns.
    OnDisk,
    WhenConvenient,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Line {
    actor: ActorId,
    head: Head,
}

impl Pool for FilePool {
    fn take(&self, heads: &dyn Fn(&ActorId) -> Head) -> Option<ActorId> {
        self.change(Safety::OnDisk, |lines| {
            // What does not match never will: logs only grow.
            lines.retain(|line| heads(&line.actor) == line.head);
            lines.pop().map(|line| line.actor)
        })
        .ok()
        .flatten()
    }

    fn peek(&self, heads: &dyn Fn(&ActorId) -> Head) -> Option<ActorId> {
        let lines = self.read().ok()?;
        let line = lines.iter().rfind(|line| heads(&line.actor) == line.head);
        line.map(|line| line.actor)
    }

    fn give_back(&self, actor: ActorId, head: Head) {
        // An actor that is not put back is given up; the next session draws another. So is one whose
        // line a power cut takes away or tears.
        let _ = self.change(Safety::WhenConvenient, |lines| {
            lines.retain(|line| line.actor != actor);
            lines.push(Line { actor, head });
            lines.drain(..lines.len().saturating_sub(MAX_ACTORS));
        });
    }
}

impl FilePool {
    /// Reads, changes and replaces the file under the lock. Where anything fails, nothing is
    /// changed.
    fn change<R>(&self, safety: Safety, change: impl FnOnce(&mut Vec<Line>) -> R) -> io::Result<R> {
        if let Some(folder) = self.file.parent() {
            fs::create_dir_all(folder)?;
        }
        let lock = lease_prune::lock(&self.file)?;
        let is_new = !self.file.exists();
        let before = self.read()?;
        let mut lines = before.clone();
        let result = change(&mut lines);
        if lines != before {
            self.write(&lines, safety)?;
        }
        drop(lock);
        if is_new
            && self.among_others
            && let Some(folder) = self.file.parent()
        {
            lease_prune::prune(folder);
        }
        Ok(result)
    }

    fn read(&self) -> io::Result<Vec<Line>> {
        match fs::read_to_string(&self.file) {
            Ok(text) => Ok(text.lines().filter_map(Line::read).collect()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    fn write(&self, lines: &[Line], safety: Safety) -> io::Result<()> {
        let new = self.file.with_added_extension("new");
        let mut file = File::create(&new)?;
        for Line { actor, head } in lines {
            writeln!(file, "{actor} {} {}", head.seq, head.hash)?;
        }
        if safety == Safety::OnDisk {
            file.sync_all()?;
        }
        fs::rename(&new, &self.file)?;
        match self.file.parent() {
            Some(folder) if safety == Safety::OnDisk => File::open(folder)?.sync_all(),
            _ => Ok(()),
        }
    }
}

impl Line {
    /// A line that cannot be read is none; its actor is given up.
    fn read(line: &str) -> Option<Self> {
        let mut words = line.split(' ');
        let actor = words.next()?.parse().ok()?;
        let head = Head { seq: words.next()?.parse().ok()?, hash: words.next()?.parse().ok()? };
        words.next().is_none().then_some(Self { actor, head })
    }
}

/// Where a file is: it changes when the file is copied, not when it is renamed.
#[cfg(unix)]
fn place(path: &Path) -> Option<String> {
    use std::os::unix::fs::MetadataExt;
    let meta = fs::metadata(path).ok()?;
    Some(format!("{}:{}", meta.dev(), meta.ino()))
}

/// See above. No system but Unix tells it in safe Rust.
#[cfg(not(unix))]
fn place(_path: &Path) -> Option<String> {
    None
}
