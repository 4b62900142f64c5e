//! One flipped bit anywhere: it is noticed, or all content is as it was.

use crate::disk::Disk;
use crate::draw::Draw;
use crate::memory::{Noted, Place};
use crate::recover::{Told, open, run};
use crate::sqlite::Run;
use crate::workload::{Expected, TRANSACTIONS};
use pluresdb::journal::DirectoryJournal;
use pluresdb::types::{FieldDef, TypeDef, ValueType};
use pluresdb::{Database, Direction, Error, Export, Leases};
use std::collections::BTreeMap;

/// Everything that readers see, in an order that does not depend on the replica.
#[derive(Debug, PartialEq, Eq)]
struct Content {
    log: Vec<Vec<u8>>,
    visible: Vec<String>,
}

fn read(db: &mut Database) -> Result<Content, Error> {
    let status = db.status()?;
    let mut visible =
        vec![db.state_hash()?, format!("{} {} {}", status.nodes, status.edges, status.records)];
    let mut export = Export::default();
    while let Some(piece) = export.next_piece(db)? {
        visible.push(piece.text);
    }
    for kind in ["Note", "Task"] {
        for node in db.list(Some(kind), None, usize::MAX >> 1)? {
            let edges = db.edges(&node.id, Direction::In, None, usize::MAX >> 1)?;
            visible.push(format!("{kind} {:?} {edges:?}", db.get(&node.id)?));
        }
        visible.push(format!("{:?}", db.query(&format!("SELECT * FROM {kind} ORDER BY id"), &[])?));
    }
    for word in ["workload", "text 7", "no such word"] {
        let mut found: Vec<String> =
            db.search(word, None, 1000)?.into_iter().map(|hit| hit.node.id).collect();
        found.sort();
        visible.push(found.concat());
    }
    visible.push(format!("{:?} {:?}", db.types()?, db.violations(None, usize::MAX >> 1)?));
    let log = db.records_after(0, usize::MAX)?.records;
    Ok(Content { log, visible })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    /// Opening or reading says so.
    Told,
    /// A check of the database says so.
    Checked,
    Harmless,
    /// Whole transactions at the end are gone, and nothing tells.
    LostTail,
    /// Other content, and nothing tells.
    Unnoticed,
}

/// Whether whole records at the end are missing, and the state is that of the records left.
fn lost_its_tail(found: &Content, expected: &Expected) -> bool {
    let count = found.log.len();
    expected.log.starts_with(&found.log) && found.visible[0] == expected.states[count]
}

fn outcome(opened: Result<Database, Told>, original: &Content, expected: &Expected) -> Outcome {
    let Ok(mut db) = opened else {
        return Outcome::Told;
    };
    match read(&mut db) {
        Err(_) => Outcome::Told,
        Ok(found) if found == *original => Outcome::Harmless,
        Ok(found) if found.log.len() < original.log.len() && lost_its_tail(&found, expected) => {
            Outcome::LostTail
        }
        Ok(_) => match db.check() {
            Ok(faults) if faults.is_empty() => Outcome::Unnoticed,
            _ => Outcome::Checked,
        },
    }
}

#[derive(Debug, Default)]
struct Tally(BTreeMap<Outcome, usize>);

impl Tally {
    fn count(&mut self, outcome: Outcome) {
        *self.0.entry(outcome).or_default() += 1;
    }

    fn of(&self, outcome: Outcome) -> usize {
        self.0.get(&outcome).copied().unwrap_or_default()
    }
}

/// How many bits to flip in each storage.
fn flips() -> u64 {
    if std::env::var_os("PLURESDB_EVERY_CRASH").is_some() { 10_000 } else { 250 }
}

#[test]
fn a_flipped_bit_in_a_directory_is_told_or_harmless() {
    let disk = Disk::default();
    let journal = DirectoryJournal::open(disk.clone()).unwrap();
    let expected = run(&journal, || {});
    let original = read(&mut open(&journal).unwrap().0).unwrap();
    let files = disk.files();
    let mut tally = Tally::default();
    for seed in 0..flips() {
        let mut draw = Draw::new(seed);
        // Each file as often as the others: the chunks would have nearly all of them otherwise.
        let (file, length) = &files[draw.below(files.len())];
        let bit = draw.below(length * 8);
        let journal = DirectoryJournal::open(disk.flipped(file, bit));
        let opened = journal
            .map_err(|error| error.to_string())
            .and_then(|journal| open(&journal).map(|(db, _)| db));
        let found = outcome(opened, &original, &expected);
        assert!(
            matches!(found, Outcome::Told | Outcome::Harmless),
            "bit {bit} of {file}: {found:?}"
        );
        tally.count(found);
    }
    println!("directory: {tally:?}");
    assert!(tally.of(Outcome::Told) > 0 && tally.of(Outcome::Harmless) > 0, "{tally:?}");
}

/// The chain holds every record but the last one of an actor, which no later one names.
#[test]
fn a_flipped_bit_in_a_journal_in_memory_is_told_or_harmless_but_in_the_last_record() {
    let journal = Noted::default();
    let expected = run(&journal, || {});
    let original = read(&mut open(&journal).unwrap().0).unwrap();
    let places = journal.places();
    let mut tally = Tally::default();
    for seed in 0..flips() {
        let mut draw = Draw::new(seed);
        let (place, length) = places[draw.below(places.len())];
        let bit = draw.below(length * 8);
        journal.flip.set(Some((place, bit)));
        let found = outcome(open(&journal).map(|(db, _)| db), &original, &expected);
        let last = matches!(place, Place::Record(position) if position == TRANSACTIONS as u64);
        assert!(
            last || matches!(found, Outcome::Told | Outcome::Harmless),
            "bit {bit} of {place:?}: {found:?}"
        );
        tally.count(found);
    }
    println!("memory: {tally:?}");
    assert!(tally.of(Outcome::Told) > 0 && tally.of(Outcome::Harmless) > 0, "{tally:?}");
}

/// Flips bits of the file, or of its WAL, as they are after the workload.
fn flip_file(run: &Run, (db, wal): (Vec<u8>, Vec<u8>), in_wal: bool) -> Tally {
    run.put(&db, &wal);
    let original = read(&mut run.open().unwrap()).unwrap();
    assert!(original.log == run.expected.log, "the files are not those after the workload");
    let mut tally = Tally::default();
    for seed in 0..flips() {
        let mut draw = Draw::new(seed);
        let (mut db, mut wal) = (db.clone(), wal.clone());
        let bytes = if in_wal { &mut wal } else { &mut db };
        let bit = draw.below(bytes.len() * 8);
        bytes[bit / 8] ^= 1 << (bit % 8);
        run.put(&db, &wal);
        let opened = run.open().map_err(|error| error.to_string());
        let found = outcome(opened, &original, &run.expected);
        tally.count(found);
    }
    tally
}

/// Tasks get a default, a field that was renamed and an index; notes a rule that many break.
fn define(db: &mut Database, expected: &mut Expected) {
    let integer = || FieldDef::of(ValueType::Integer);
    let about = FieldDef::of(ValueType::String).renamed_from("text");
    let task = TypeDef::new("Task").with("n", integer().indexed().default_to(-1));
    let few = integer().shaped_by(|shape| shape.maximum = Some(250.into()));
    for def in [task.with("about", about), TypeDef::new("Note").with("n", few)] {
        db.define_type(&def).unwrap();
        expected.note(db);
    }
    assert!(db.violations(None, 100).unwrap().len() > 5);
}

#[test]
fn a_flipped_bit_in_a_file_is_noticed_or_harmless() {
    let mut run = Run::new();
    let (db, wal) = run.files_after(TRANSACTIONS);
    run.put(&db, &wal);
    // Closing takes everything out of the WAL.
    let mut db = run.open().unwrap();
    define(&mut db, &mut run.expected);
    drop(db);
    let files = (std::fs::read(&run.path).unwrap(), Vec::new());
    let tally = flip_file(&run, files, false);
    println!("file: {tally:?}");
    assert_eq!(tally.of(Outcome::Unnoticed) + tally.of(Outcome::LostTail), 0, "{tally:?}");
    assert!(tally.of(Outcome::Told) + tally.of(Outcome::Checked) > 0, "{tally:?}");
}

/// SQLite takes a frame whose checksum is wrong for the end of the WAL, and a commit behind it for
/// one that never was. Opening tells it before SQLite does so.
#[test]
fn a_flipped_bit_in_a_wal_is_told_or_harmless() {
    let run = Run::new();
    let tally = flip_file(&run, run.files_after(TRANSACTIONS), true);
    println!("WAL: {tally:?}");
    let fine = tally.of(Outcome::Told) + tally.of(Outcome::Harmless);
    assert_eq!(fine as u64, flips(), "{tally:?}");
    assert!(tally.of(Outcome::Told) > 0 && tally.of(Outcome::Harmless) > 0, "{tally:?}");
}

/// Where the frames of a WAL end that count: what lies behind has the salts of a former round.
fn live(wal: &[u8]) -> usize {
    const HEADER: usize = 32;
    const FRAME: usize = 24 + 4096;
    let frames = wal[HEADER..].chunks_exact(FRAME);
    HEADER + frames.take_while(|frame| frame[8..16] == wal[16..24]).count() * FRAME
}

#[test]
fn a_damaged_wal_is_kept_and_all_before_the_damage_is_opened() {
    let run = Run::new();
    let (db, mut wal) = run.files_after(TRANSACTIONS);
    let middle = live(&wal) / 2;
    wal[middle] ^= 1;
    run.put(&db, &wal);
    let error = run.open().unwrap_err();
    assert_eq!(error.code(), "damaged");
    assert!(error.to_string().contains("a.pluresdb-wal is damaged: frame "), "{error}");
    let told = (std::fs::read(&run.path).unwrap(), std::fs::read(run.wal()).unwrap());
    assert!(told == (db, wal.clone()), "what is damaged was changed");

    let leases = Leases::at(run.path.with_extension("leases"));
    let (mut db, aside) = Database::open_to_repair(&run.path, &leases).unwrap();
    assert!(std::fs::read(aside.unwrap()).unwrap() == wal, "the damaged file was not kept");
    assert!(lost_its_tail(&read(&mut db).unwrap(), &run.expected));
    drop(db);
    let (mut db, aside) = Database::open_to_repair(&run.path, &leases).unwrap();
    assert_eq!(aside, None);
    assert!(lost_its_tail(&read(&mut db).unwrap(), &run.expected));
}
