//! The native file: every state that a crash can leave of the database and its WAL.
//!
//! Each transaction first writes frames to the WAL, which are synced before it is acknowledged;
//! any part of them may come through. Now and then the WAL's pages are copied into the database;
//! any part of that may come through, while the WAL is whole. The states are made of the real
//! files between two transactions, and put where the files were.

use crate::disk::torn;
use crate::draw::Draw;
use crate::points;
use crate::workload::{Expected, OPTIONS, TRANSACTIONS, is_chain, is_whole, log, transact};
use pluresdb::{Database, Error, Leases};
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

const WAL_HEADER: usize = 32;
const FRAME_HEADER: usize = 24;
const SALTS: std::ops::Range<usize> = 16..24;
const FRAME_SALTS: std::ops::Range<usize> = 8..16;

/// The files after one transaction.
#[derive(Debug, Clone)]
struct Snapshot {
    db: Rc<Vec<u8>>,
    /// Which WAL: it begins anew after its pages were copied into the database.
    era: usize,
    /// Bytes of it that are of this era.
    length: usize,
}

/// A run of the workload on a real file.
#[derive(Debug)]
pub(crate) struct Run {
    _folder: tempfile::TempDir,
    pub(crate) path: PathBuf,
    pub(crate) expected: Expected,
    /// After none, one, two transactions.
    snapshots: Vec<Snapshot>,
    /// The bytes of each WAL at its end; what is behind its own are those of the one before.
    eras: Vec<Vec<u8>>,
}

/// The actors of a database are kept beside it.
fn leases(path: &Path) -> Leases {
    Leases::at(path.with_extension("leases"))
}

impl Run {
    /// Opens the files as they are now.
    pub(crate) fn open(&self) -> Result<Database, Error> {
        Database::open_with(&self.path, &leases(&self.path))
    }

    pub(crate) fn new() -> Self {
        let folder = crate::folder();
        let path = folder.path().join("a.pluresdb");
        let mut db = Database::create_with(&path, OPTIONS, &leases(&path)).unwrap();
        let mut expected = Expected::default();
        let mut run = Self {
            _folder: folder,
            path,
            expected: Expected::default(),
            snapshots: vec![],
            eras: vec![],
        };
        run.look();
        expected.note(&db);
        for n in 0..TRANSACTIONS {
            transact(&mut db, n);
            run.look();
            expected.note(&db);
        }
        is_chain(&expected.log, "the workload");
        run.expected = expected;
        run
    }

    fn look(&mut self) {
        let db = fs::read(&self.path).unwrap();
        let db = match self.snapshots.last() {
            Some(before) if *before.db == db => before.db.clone(),
            _ => Rc::new(db),
        };
        let wal = fs::read(wal_of(&self.path)).unwrap();
        match self.eras.last_mut() {
            Some(last) if last[SALTS] == wal[SALTS] => *last = wal.clone(),
            _ => self.eras.push(wal.clone()),
        }
        let length = length_of(&wal);
        self.snapshots.push(Snapshot { db, era: self.eras.len() - 1, length });
    }

    /// The database and its WAL after `n` transactions.
    pub(crate) fn files_after(&self, n: usize) -> (Vec<u8>, Vec<u8>) {
        let Snapshot { db, era, length } = &self.snapshots[n];
        let own = &self.eras[*era][..*length];
        let mut wal = match era.checked_sub(1) {
            Some(before) => self.eras[before].clone(),
            None => Vec::new(),
        };
        wal.splice(..own.len().min(wal.len()), own.iter().copied());
        (db.to_vec(), wal)
    }

    /// Puts files where the run had its own: in place, so that the file is the same one.
    pub(crate) fn put(&self, db: &[u8], wal: &[u8]) {
        let _ = fs::remove_file(self.path.with_extension("pluresdb-shm"));
        fs::write(&self.path, db).unwrap();
        fs::write(wal_of(&self.path), wal).unwrap();
    }

    pub(crate) fn wal(&self) -> PathBuf {
        wal_of(&self.path)
    }

    fn frame(&self) -> usize {
        FRAME_HEADER + page_size(&self.eras[0])
    }
}

fn wal_of(path: &Path) -> PathBuf {
    path.with_extension("pluresdb-wal")
}

fn page_size(wal: &[u8]) -> usize {
    u32::from_be_bytes(wal[8..12].try_into().unwrap()) as usize
}

/// Bytes of the WAL that carry its own salts; behind them are frames of the one before.
fn length_of(wal: &[u8]) -> usize {
    let frame = FRAME_HEADER + page_size(wal);
    let own = wal[WAL_HEADER..]
        .chunks_exact(frame)
        .take_while(|bytes| bytes[FRAME_SALTS] == wal[SALTS])
        .count();
    WAL_HEADER + own * frame
}

/// A crash in the transaction behind the n-th.
#[derive(Debug, Clone, Copy)]
enum Crash {
    /// The WAL ends there: at a frame's end, or inside of one.
    Cut(usize),
    /// The same, and then bytes of no meaning.
    Garbage(usize),
    /// Any sectors of the new frames.
    Sectors(u64),
    /// The WAL is whole, the pages on their way into the database are not.
    Checkpoint(u64),
}

/// Every crash of one kind.
fn crashes(run: &Run, of_one: impl Fn(&Snapshot, &Snapshot) -> Vec<Crash>) -> Vec<(usize, Crash)> {
    let pairs = run.snapshots.windows(2).enumerate();
    pairs
        .flat_map(|(n, pair)| of_one(&pair[0], &pair[1]).into_iter().map(move |one| (n, one)))
        .collect()
}

fn new_frames(run: &Run, before: &Snapshot, after: &Snapshot) -> impl Iterator<Item = usize> {
    let from = if before.era == after.era { before.length } else { WAL_HEADER };
    (from..after.length).step_by(run.frame())
}

/// The files as the crash leaves them, and whether the transaction must be there.
fn files(run: &Run, n: usize, crash: Crash) -> (Vec<u8>, Vec<u8>, bool) {
    let ((db, old), (new_db, new)) = (run.files_after(n), run.files_after(n + 1));
    // A cut leaves what was behind it in the file, where a WAL before was longer.
    let cut = |at: usize| {
        let mut wal = new[..at].to_vec();
        wal.extend(old.iter().skip(at));
        wal
    };
    let mut draw = Draw::new(n as u64 * 1000 + (crate::seed() << 32));
    match crash {
        Crash::Cut(at) => (db, cut(at), false),
        Crash::Garbage(at) => {
            let mut wal = new[..at].to_vec();
            wal.extend((0..5000 + at % 5000).map(|_| draw.below(256) as u8));
            (db, wal, false)
        }
        Crash::Sectors(seed) => {
            let mut draw = Draw::new(n as u64 * 1000 + seed + (crate::seed() << 32));
            (db, torn(&old, &new, &mut draw, &mut Draw::coin), false)
        }
        Crash::Checkpoint(seed) => {
            let mut draw = Draw::new(n as u64 * 1000 + seed + (crate::seed() << 32));
            (torn(&db, &new_db, &mut draw, &mut Draw::coin), new, true)
        }
    }
}

/// Crashes, opens, looks at everything, writes on. Gives how often the last transaction was there.
fn survives(run: &Run, crashes: &[(usize, Crash)], sample: usize) -> (usize, usize) {
    let (mut tried, mut kept) = (0, 0);
    for point in points(crashes.len(), sample) {
        let (n, crash) = crashes[point];
        let (db, wal, must) = files(run, n, crash);
        run.put(&db, &wal);
        let what = format!("{crash:?} in the transaction behind {n}, seed {}", crate::seed());
        let whole = run.files_after(n + 1).1;
        if is_one_bit_off(&wal, &whole[..run.snapshots[n + 1].length]) {
            let refused = run.open().map_err(|error| error.code());
            assert_eq!(refused.err(), Some("damaged"), "{what}");
            continue;
        }
        let mut db = run.open().unwrap_or_else(|error| panic!("{what}: {error}"));
        let count = is_whole(&db, &run.expected, n + usize::from(must), n + 1, &what);
        tried += 1;
        kept += count - n;
        transact(&mut db, count);
        let records = log(&db);
        assert_eq!(records.len(), count + 1, "{what}");
        is_chain(&records, &what);
        drop(db);
        let again = run.open().unwrap();
        assert!(log(&again) == records, "{what}: what was written after the crash is not there");
    }
    assert!(tried > 0);
    (tried, kept)
}

/// By chance the bytes that a cut leaves may be those of the whole transaction but for one bit, which
/// nobody can tell from a flipped one. What is left of earlier transactions behind it does not count.
fn is_one_bit_off(wal: &[u8], whole: &[u8]) -> bool {
    let pairs = wal.iter().zip(whole);
    let bits: u32 = pairs.map(|(one, other)| (one ^ other).count_ones()).sum();
    wal.len() >= whole.len() && bits == 1
}

#[test]
fn a_file_crashed_at_any_write_loses_nothing_acknowledged() {
    let run = Run::new();
    assert!(run.eras.len() > 2, "the WAL never began anew: make the workload larger");

    let whole = crashes(&run, |_, after| vec![Crash::Cut(after.length)]);
    let (tried, kept) = survives(&run, &whole, 12);
    assert_eq!(kept, tried, "a transaction whose WAL is whole is there");

    let cut = crashes(&run, |before, after| {
        let inside = [0, FRAME_HEADER + 7, run.frame() - 1];
        let cuts = |start| inside.map(|behind| Crash::Cut(start + behind));
        new_frames(&run, before, after).flat_map(cuts).collect()
    });
    assert_eq!(survives(&run, &cut, 50).1, 0, "a transaction whose commit is cut off is not there");

    let garbage = crashes(&run, |before, after| {
        new_frames(&run, before, after).map(Crash::Garbage).collect()
    });
    assert_eq!(survives(&run, &garbage, 25).1, 0);

    survives(&run, &crashes(&run, |_, _| (0..4).map(Crash::Sectors).collect()), 40);

    let checkpoints = crashes(&run, |before, after| {
        let seeds = if before.db == after.db { 0..0 } else { 0..40 };
        seeds.map(Crash::Checkpoint).collect()
    });
    let (tried, kept) = survives(&run, &checkpoints, 40);
    assert_eq!(kept, tried, "while pages are copied, the WAL has them");
}
