//! Import of JSON Lines: what was taken in comes out again and means the same.

use crate::memory::Bound;
use crate::seeds::{database, empty, must};
use pluresdb::{Database, Export};

/// Beside the lines, compiled statements and the drafts of a transaction.
const BOUND: Bound = Bound { fixed: 4 * 1024 * 1024, per_byte: 512 };

pub(crate) fn run(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return false;
    };
    let mut db = empty(1, false);
    if BOUND.check(bytes, || db.import_jsonl(text, 1)).is_err() {
        assert_eq!(must(db.status()).records, 0, "a faulty import wrote a record");
        return false;
    }
    comes_out_again(&db);
    true
}

/// What is exported can be imported elsewhere, and is exported there as the same bytes.
pub(crate) fn comes_out_again(db: &Database) {
    let text = export(db);
    let mut other = empty(2, false);
    must(other.import_jsonl(&text, 1));
    assert_eq!(export(&other), text);
}

pub(crate) fn export(db: &Database) -> String {
    let (mut export, mut text) = (Export::default(), String::new());
    while let Some(piece) = must(export.next_piece(db)) {
        text += &piece.text;
    }
    text
}

pub(crate) fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let lines = |text: &str| text.as_bytes().to_vec();
    vec![
        ("exported", export(&database()).into_bytes()),
        (
            "node",
            lines(r#"{"id":"n","type":"T","data":{"a":{"b":1.5e3,"c":[]},"d":"\ud834\udd1e"}}"#),
        ),
        ("bytes", lines(r#"{"id":"n","type":"T","data":{"b":{"$bytes":"AAECAw=="}}}"#)),
        ("edge", lines("\n{\"source\":\"a\",\"label\":\"l\",\"target\":\"b\",\"key\":\"k\"}\r\n")),
    ]
}
