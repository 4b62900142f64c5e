//! The relay: its real store and a real server machine for each connection.

use crate::clock;
use crate::failure::{Checked, broken};
use crate::ledger::{Ids, Ledger};
use crate::net::ConnId;
use crate::rng::Rng;
use pluresdb::model::SpaceId;
use pluresdb::sync::{Cursor, MAX_FRAME_BYTES, Server, ServerInput, ServerOutput, WINDOW_BYTES};
use pluresdb_relay::{AppendRequest, RelayStore, SqliteStore, StoreLimits};
use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// What the relay asks of the world.
#[derive(Debug)]
pub(crate) enum Effect {
    Send(ConnId, Vec<u8>),
    Ping(ConnId),
    Close(ConnId),
    Wake(ConnId, u64),
    Later(Question),
}

/// What the store is asked.
#[derive(Debug, Clone)]
pub(crate) enum Question {
    Open {
        conn: ConnId,
        cursor: Cursor,
    },
    Read {
        conn: ConnId,
        after: u64,
        max_bytes: usize,
    },
    /// The oldest append that waits.
    Append,
}

#[derive(Debug)]
struct Connection {
    server: Server,
    listens: bool,
}

/// The store's files as they were once, and what they hold.
#[derive(Debug)]
struct Backup {
    files: Vec<(PathBuf, Vec<u8>)>,
    contents: Ids,
}

/// A relay process with its file.
#[derive(Debug)]
pub(crate) struct Relay {
    folder: TempDir,
    store: Option<SqliteStore>,
    contents: Ids,
    backup: Option<Backup>,
    connections: BTreeMap<ConnId, Connection>,
    /// Taken by the writer and not stored yet.
    appends: VecDeque<(ConnId, u32, Vec<Vec<u8>>)>,
    /// The store does not answer until then.
    fails_until: u64,
    space: SpaceId,
    pub(crate) effects: VecDeque<Effect>,
}

impl Relay {
    pub(crate) fn new(space: SpaceId) -> Self {
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() };
        let mut relay = Self {
            folder: folder.expect("a folder for the relay"),
            store: None,
            contents: Ids::new(),
            backup: None,
            connections: BTreeMap::new(),
            appends: VecDeque::new(),
            fails_until: 0,
            space,
            effects: VecDeque::new(),
        };
        relay.start();
        relay
    }

    pub(crate) const fn is_up(&self) -> bool {
        self.store.is_some()
    }

    pub(crate) const fn contents(&self) -> &Ids {
        &self.contents
    }

    /// All that it holds.
    pub(crate) fn records(&self) -> Checked<Vec<Vec<u8>>> {
        let Some(store) = &self.store else { return Ok(Vec::new()) };
        let mut all = Vec::new();
        let mut after = 0;
        loop {
            let range = store.range(&self.space, after, usize::MAX);
            let range = range.or_else(|error| broken("the relay's store works", error))?;
            if range.records.is_empty() {
                return Ok(all);
            }
            after = range.last;
            all.extend(range.records.into_iter().map(|stored| stored.record.to_vec()));
        }
    }

    pub(crate) fn start(&mut self) {
        if self.store.is_none() {
            let store = SqliteStore::open(self.file(), StoreLimits::default());
            self.store = Some(store.expect("the relay's store opens"));
        }
    }

    /// The process ends at once. Of the records that were about to be stored, some are.
    pub(crate) fn crash(&mut self, rng: &mut Rng, ledger: &Ledger) -> Checked {
        while rng.percent(50) && !self.appends.is_empty() {
            self.append_next(ledger)?;
        }
        self.appends.clear();
        self.connections.clear();
        self.effects.clear();
        self.store = None;
        Ok(())
    }

    pub(crate) const fn fail_until(&mut self, until: u64) {
        self.fails_until = until;
    }

    /// The files are deleted, while the process is down.
    pub(crate) fn wipe(&mut self) {
        self.store = None;
        for file in self.files() {
            fs::remove_file(file).expect("the relay's files can be deleted");
        }
        self.contents.clear();
    }

    pub(crate) fn back_up(&mut self) {
        let read = |file: PathBuf| {
            let bytes = fs::read(&file).expect("the relay's files can be read");
            (file, bytes)
        };
        let was_up = self.store.take().is_some();
        let files = self.files().into_iter().map(read).collect();
        self.backup = Some(Backup { files, contents: self.contents.clone() });
        if was_up {
            self.start();
        }
    }

    /// The files become those of the backup, while the process is down. False without a backup.
    pub(crate) fn roll_back(&mut self) -> bool {
        let Some(backup) = self.backup.take() else {
            return false;
        };
        self.wipe();
        for (file, bytes) in &backup.files {
            fs::write(file, bytes).expect("the relay's files can be written");
        }
        self.contents.clone_from(&backup.contents);
        self.backup = Some(backup);
        true
    }

    pub(crate) fn accept(&mut self, conn: ConnId, now: u64) -> Checked {
        self.connections.insert(conn, Connection { server: Server::new(now), listens: false });
        self.drain(conn, now)
    }

    pub(crate) fn hang_up(&mut self, conn: ConnId) {
        self.connections.remove(&conn);
    }

    pub(crate) fn give(&mut self, conn: ConnId, now: u64, input: ServerInput) -> Checked {
        if let Some(connection) = self.connections.get_mut(&conn) {
            connection.server.handle(now, input);
            let under_way = connection.server.bytes_under_way();
            if under_way > WINDOW_BYTES as usize + MAX_FRAME_BYTES {
                return broken("memory is bounded", format!("{under_way} bytes under way"));
            }
        }
        self.drain(conn, now)
    }

    /// The store answers.
    pub(crate) fn answer(&mut self, question: Question, now: u64, ledger: &Ledger) -> Checked {
        let Some(store) = &self.store else {
            return Ok(());
        };
        let failing = now < self.fails_until;
        let failed = |error| broken("the relay's store works", format!("{error}"));
        match question {
            Question::Open { conn, cursor } => {
                let input = if failing {
                    ServerInput::Failed
                } else {
                    store
                        .open(&self.space, cursor.position)
                        .map(ServerInput::Opened)
                        .or_else(failed)?
                };
                self.give(conn, now, input)
            }
            Question::Read { conn, after, max_bytes } => {
                let input = if failing {
                    ServerInput::Failed
                } else {
                    let range = store.range(&self.space, after, max_bytes);
                    let range = range.or_else(|error| broken("the relay's store works", error))?;
                    let pluresdb_relay::Range { last, mark, records } = range;
                    ServerInput::Range { last, mark, records }
                };
                self.give(conn, now, input)
            }
            Question::Append if failing => {
                let Some((conn, ..)) = self.appends.pop_front() else {
                    return Ok(());
                };
                self.give(conn, now, ServerInput::Failed)
            }
            Question::Append => {
                let Some((conn, input, head)) = self.append_next(ledger)? else {
                    return Ok(());
                };
                self.give(conn, now, input)?;
                let Some(head) = head else {
                    return Ok(());
                };
                let listeners = self.connections.iter().filter(|(_, held)| held.listens);
                for conn in listeners.map(|(conn, _)| *conn).collect::<Vec<_>>() {
                    self.give(conn, now, ServerInput::Head(head))?;
                }
                Ok(())
            }
        }
    }

    fn append_next(
        &mut self,
        ledger: &Ledger,
    ) -> Checked<Option<(ConnId, ServerInput, Option<u64>)>> {
        let (Some(store), Some((conn, id, records))) = (&self.store, self.appends.pop_front())
        else {
            return Ok(None);
        };
        let request = AppendRequest { space: self.space, id, records };
        let placements = store.append(vec![request]);
        let mut placements =
            placements.or_else(|error| broken("the relay's store works", error))?;
        let placement = placements.pop().expect("one answer for one request");
        for placed in &placement.records {
            self.contents.insert(ledger.id(&placed.stored.record)?);
        }
        let head = placement.placed.positions.map(|(_, last)| last);
        Ok(Some((conn, ServerInput::Stored(placement.placed), head)))
    }

    fn drain(&mut self, conn: ConnId, now: u64) -> Checked {
        let Some(connection) = self.connections.get_mut(&conn) else {
            return Ok(());
        };
        let mut closed = false;
        while let Some(output) = connection.server.poll() {
            self.effects.push_back(match output {
                ServerOutput::Send(bytes) => Effect::Send(conn, bytes),
                ServerOutput::Ping => Effect::Ping(conn),
                ServerOutput::Open { cursor, .. } => {
                    connection.listens = true;
                    Effect::Later(Question::Open { conn, cursor })
                }
                ServerOutput::Append { id, records } => {
                    self.appends.push_back((conn, id, records));
                    Effect::Later(Question::Append)
                }
                ServerOutput::Read { after, max_bytes } => {
                    Effect::Later(Question::Read { conn, after, max_bytes })
                }
                ServerOutput::WakeAt(at) if at <= now => {
                    return broken("a machine never spins", "a server wakes in the past");
                }
                ServerOutput::WakeAt(at) => Effect::Wake(conn, clock::ring(now, at)),
                ServerOutput::Close { .. } => {
                    closed = true;
                    Effect::Close(conn)
                }
            });
        }
        if closed {
            self.connections.remove(&conn);
        }
        Ok(())
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("relay")
    }

    /// What there is of the store: SQLite may keep a log beside its file.
    fn files(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.folder.path()).expect("the relay's folder can be read");
        entries.flatten().map(|entry| entry.path()).collect()
    }
}
