//! The journal in a directory, crashed at every step; and the real one, on the system's files.

use crate::disk::{Disk, Platter, Step};
use crate::draw::Draw;
use crate::points;
use crate::recover::{now, open, run, survives};
use crate::workload::{Expected, TRANSACTIONS, is_whole};
use pluresdb::journal::{DirectoryJournal, FileDirectory, Journal, Read};

const SAMPLE: usize = 250;

/// The workload's steps, and for each transaction the step after which it was acknowledged.
struct Run {
    expected: Expected,
    steps: Vec<Step>,
    acked_at: Vec<usize>,
}

impl Run {
    fn new() -> Self {
        let disk = Disk::default();
        let journal = DirectoryJournal::open(disk.clone()).unwrap();
        let mut acked_at = Vec::new();
        let expected = run(&journal, || acked_at.push(disk.step_count()));
        Self { expected, steps: disk.steps(), acked_at }
    }
}

#[test]
fn a_directory_crashed_at_any_step_loses_nothing_acknowledged() {
    let Run { expected, steps, acked_at } = Run::new();
    let mut platter = Platter::default();
    let mut taken = 0;
    for point in points(steps.len() + 1, SAMPLE) {
        steps[taken..point].iter().for_each(|step| platter.take(step));
        taken = point;
        let acked = acked_at.iter().filter(|at| **at <= point).count();
        let begun = (acked + 1).min(TRANSACTIONS);
        for seed in 0..2 {
            let disk = platter.crash(&mut Draw::new((point * 2 + seed) as u64));
            let what = format!("crash after step {point}, seed {seed}");
            let open = || DirectoryJournal::open(disk.clone()).unwrap();
            survives(open, &expected, acked, begun, &what);
        }
    }
}

/// A second crash while the first is being recovered from, which cuts the torn tail.
#[test]
fn a_crash_while_opening_after_a_crash_loses_nothing_acknowledged() {
    let Run { expected, steps, acked_at } = Run::new();
    let mut platter = Platter::default();
    let mut taken = 0;
    for point in points(steps.len() + 1, SAMPLE / 4) {
        steps[taken..point].iter().for_each(|step| platter.take(step));
        taken = point;
        let acked = acked_at.iter().filter(|at| **at <= point).count();
        let mut draw = Draw::new(point as u64);
        let once = platter.crash(&mut draw);
        let reopened = DirectoryJournal::open(once.clone()).unwrap();
        drop(reopened);
        let cut = draw.below(once.step_count() + 1);
        let disk = once.crash_again(cut, &mut draw);
        let what = format!("crash after step {point} and again after step {cut} of opening");
        let begun = (acked + 1).min(TRANSACTIONS);
        survives(|| DirectoryJournal::open(disk.clone()).unwrap(), &expected, acked, begun, &what);
    }
}

#[test]
fn a_folder_of_real_files_keeps_what_was_appended() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let journal = DirectoryJournal::open(FileDirectory::open(&path).unwrap()).unwrap();
    let expected = run(&journal, || {});
    assert!(FileDirectory::open(&path).is_err(), "a second one may not write at the same time");
    drop(journal);
    let journal = DirectoryJournal::open(FileDirectory::open(&path).unwrap()).unwrap();
    let (db, _) = open(&journal).unwrap();
    is_whole(&db, &expected, TRANSACTIONS, TRANSACTIONS, "reopened");
    drop(journal);

    let segment = std::fs::read_dir(&path)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().contains("records-"))
        .max()
        .unwrap();
    let whole = std::fs::read(&segment).unwrap();
    std::fs::write(&segment, [&whole[..], b"PDBGROUP and then the power went"].concat()).unwrap();
    let journal = DirectoryJournal::open(FileDirectory::open(&path).unwrap()).unwrap();
    assert_eq!(std::fs::read(&segment).unwrap(), whole, "the torn tail is cut");
    let (db, _) = open(&journal).unwrap();
    is_whole(&db, &expected, TRANSACTIONS, TRANSACTIONS, "reopened with a torn tail");
}

#[test]
fn records_that_were_covered_twice_go_with_their_files() {
    let disk = Disk::default();
    let journal = DirectoryJournal::open(disk.clone()).unwrap();
    run(&journal, || {});
    assert_eq!(now(journal.read(0, 1)).unwrap(), Read::Gone);
    let segments = disk.files().iter().filter(|(name, _)| name.starts_with("records-")).count();
    assert!(segments <= 3, "{segments} segments are left");
}
