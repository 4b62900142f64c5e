//! Frames of the sync protocol, and the cursor that a shell persists.

use crate::memory::Bound;
use crate::seeds::{SPACE, database, log, must};
use pluresdb::model::ActorId;
use pluresdb::sync::{
    Append, Appended, Cursor, FrontierDigest, Hello, Mark, Message, Pull, Records, Refusal,
    RefusalReason, Refused, RefusedCode, RelayId, Welcome,
};

pub(crate) fn run(bytes: &[u8]) -> bool {
    let Ok(message) = Bound::SMALL.check(bytes, || Message::decode(bytes)) else {
        return false;
    };
    let encoded = message.encode();
    let again = must(Message::decode(&encoded));
    assert_eq!(again, message);
    assert_eq!(again.encode(), encoded);
    true
}

pub(crate) fn run_cursor(bytes: &[u8]) -> bool {
    match Bound::SMALL.check(bytes, || Cursor::from_bytes(bytes)) {
        Ok(cursor) => {
            assert_eq!(cursor.to_bytes(), bytes);
            true
        }
        Err(_) => false,
    }
}

pub(crate) fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let mut db = database();
    let records = log(&db);
    let frontier = must(db.frontier());
    let actor = ActorId([1; 16]);
    let reasons = (0..10).map(|number| RefusalReason::from_number(number, 3));
    let refused = reasons.map(|reason| Refusal { index: 0, actor, seq: 4, reason }).collect();
    let known = FrontierDigest::of(&frontier);
    let (relay, mark) = (RelayId([3; 16]), Mark([9; 16]));
    let message = String::from("the store is full");
    let welcome =
        |frontier| Message::Welcome(Welcome { relay, head: 9, cursor_valid: true, frontier });
    [
        ("hello", Message::Hello(Hello { space: SPACE, cursor: cursor(), known })),
        ("welcome", welcome(Some(frontier))),
        ("welcome-known", welcome(None)),
        ("pull", Message::Pull(Pull { after: 7, window: 1 << 20 })),
        (
            "records",
            Message::Records(Records {
                after: 1,
                last: 8,
                mark,
                head: 9,
                records: records.clone(),
            }),
        ),
        ("append", Message::Append(Append { id: 1, records })),
        ("appended", Message::Appended(Appended { id: 1, accepted: vec![(actor, 7)], refused })),
        ("refused", Message::Refused(Refused { code: RefusedCode::from_number(1), message })),
        ("ping", Message::Ping(1)),
        ("pong", Message::Pong(u64::MAX)),
    ]
    .into_iter()
    .map(|(name, message)| (name, message.encode()))
    .collect()
}

pub(crate) fn cursor_seeds() -> Vec<(&'static str, Vec<u8>)> {
    vec![("cursor", cursor().to_bytes())]
}

fn cursor() -> Cursor {
    Cursor { relay: RelayId([3; 16]), position: 7, mark: Mark([9; 16]) }
}
