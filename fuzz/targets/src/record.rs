//! Records: the frame that relays read, the whole, and the body alone.

use crate::memory::Bound;
use crate::seeds::{database, log, must};
use pluresdb::codec::{Draft, Frame, decode_header, decode_record};
use pluresdb::model::{ActorId, Header, Hlc, Record, RecordHash, SpaceId};

/// A compressed body unpacks to 256 KiB, and its names to 16 MiB more, whatever its length.
const PACKED: Bound = Bound { fixed: 96 * 1024 * 1024, per_byte: 256 };
/// Names may repeat by reference up to 16 MiB.
const BODY: Bound = Bound { fixed: 17 * 1024 * 1024, per_byte: 512 };

/// The body's length, twice, its one byte, and the length of the padding.
const EMPTY_BODY: usize = 4 + 4 + 1 + 2;

pub(crate) fn run_header(bytes: &[u8]) -> bool {
    let Ok(frame) = Bound::SMALL.check(bytes, || Frame::read(bytes)) else {
        return false;
    };
    assert_eq!(decode_header(bytes).as_ref(), Ok(&frame.header));
    assert!(bytes.starts_with(frame.hashed), "what is hashed is the start of the record");
    let signature = frame.signature.map_or(0, <[u8]>::len);
    assert_eq!(frame.hashed.len() + signature, bytes.len());
    true
}

pub(crate) fn run(bytes: &[u8]) -> bool {
    match PACKED.check(bytes, || decode_record(bytes)) {
        Ok(record) => {
            reads_back(&record);
            true
        }
        Err(_) => false,
    }
}

pub(crate) fn run_parts(body: &[u8]) -> bool {
    let record = with_body(body, 1);
    match BODY.check(body, || decode_record(&record)) {
        Ok(record) => {
            reads_back(&record);
            true
        }
        Err(_) => false,
    }
}

/// The first record of an actor, with this body.
pub(crate) fn with_body(body: &[u8], actor: u8) -> Vec<u8> {
    let header = Header {
        space: SpaceId([7; 16]),
        actor: ActorId([actor; 16]),
        seq: 1,
        prev: RecordHash::ZERO,
        hlc: Hlc::at(1_700_000_000_000),
        epoch: 0,
        deps: Vec::new(),
    };
    let mut record = must(Draft { header: &header, parts: &[] }.encode());
    record.truncate(record.len() - EMPTY_BODY);
    for _ in 0..2 {
        record.extend((body.len() as u32).to_le_bytes());
    }
    record.extend(body);
    record.extend([0; 2]);
    record
}

/// Our own encoding of what was read is no longer than what was read, so it fits a record.
fn reads_back(record: &Record) {
    let encode =
        |record: &Record| must(Draft { header: &record.header, parts: &record.parts }.encode());
    let bytes = encode(record);
    let again = must(decode_record(&bytes));
    assert_eq!(&again, record);
    assert_eq!(encode(&again), bytes);
}

pub(crate) fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let names = [
        "every-value",
        "node",
        "unicode",
        "edges",
        "change",
        "delete",
        "packed",
        "same-again",
        "before-shared",
        "shared",
        "shared-change",
    ];
    names.into_iter().zip(log(&database())).collect()
}

pub(crate) fn parts_seeds() -> Vec<(&'static str, Vec<u8>)> {
    seeds()
        .into_iter()
        .map(|(name, record)| {
            let frame = must(Frame::read(&record));
            (name, must(frame.body()).into_owned())
        })
        .collect()
}
