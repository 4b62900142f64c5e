//! Images: a database file whose bytes were changed anywhere.
//!
//! An input is a list of changes to the image of a small database, `u24 offset, u8 length, bytes`
//! each, so that fuzzing spends its time inside the file and seeds stay small. After a first byte
//! of 255, the rest is the image itself.

use crate::lines::export;
use crate::seeds::{FixedHost, database, must};
use pluresdb::{Database, Direction, Export, Options};
use std::sync::OnceLock;

const WHOLE: u8 = 255;
/// Where the header says which change of the file this is.
const CHANGES: u32 = 24;
/// The number that applications may use; ours does not.
const USER_VERSION: u32 = 60;

pub(crate) fn run(bytes: &[u8]) -> bool {
    let image = match bytes.split_first() {
        Some((&WHOLE, image)) => image.to_vec(),
        _ => changed(bytes),
    };
    let Ok(mut db) = Database::from_image(&image, Box::new(FixedHost(3)), Options::default())
    else {
        return false;
    };
    // Any of these may fail on a damaged file; none may panic or run on for ever.
    let read = read_all(&db);
    let written = db.put("new", "Note", Default::default());
    let _ = db.status();
    if image == base() {
        must(read);
        must(written);
    }
    true
}

fn read_all(db: &Database) -> Result<(), pluresdb::Error> {
    db.status()?;
    db.state_hash()?;
    db.records_after(0, usize::MAX)?;
    db.list(Some("Note"), None, 100)?;
    db.edges("a", Direction::Out, None, 100)?;
    db.search("milk", None, 10)?;
    db.query("SELECT * FROM nodes LEFT JOIN edges ON source = id", &[])?;
    db.query("SELECT title FROM Note ORDER BY title", &[])?;
    let mut export = Export::default();
    while export.next_piece(db)?.is_some() {}
    Ok(())
}

fn changed(mut changes: &[u8]) -> Vec<u8> {
    let mut image = base().to_vec();
    while let Some(([a, b, c, length], rest)) = changes.split_first_chunk() {
        let at = u32::from_le_bytes([*a, *b, *c, 0]) as usize % image.len();
        let (bytes, rest) = rest.split_at(usize::from(*length).min(rest.len()));
        for (into, from) in image.iter_mut().skip(at).zip(bytes) {
            *into = *from;
        }
        changes = rest;
    }
    image
}

fn base() -> &'static [u8] {
    static BASE: OnceLock<Vec<u8>> = OnceLock::new();
    BASE.get_or_init(|| {
        let mut db = database();
        assert!(!export(&db).is_empty());
        must(db.with_image(<[u8]>::to_vec))
    })
}

pub(crate) fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let change = |at: u32, bytes: &[u8]| {
        let [a, b, c, _] = at.to_le_bytes();
        let mut change = vec![a, b, c, bytes.len() as u8];
        change.extend(bytes);
        change
    };
    vec![
        ("unchanged", Vec::new()),
        ("other-change-counter", change(CHANGES, &u32::MAX.to_be_bytes())),
        ("user-version", change(USER_VERSION, &9u32.to_be_bytes())),
    ]
}
