//! What a relay does not take.

use crate::support::{Event, Peer, Raw, SPACE, Served, actor, chain, hash, record, record_in};
use pluresdb::model::{MAX_RECORD_BYTES, RecordHash, SpaceId};
use pluresdb::sync::{
    Append, MAX_FRAME_BYTES, Message, RefusalReason, RefusedCode, SyncError, close_code,
};

#[tokio::test]
async fn a_repeated_append_is_stored_once() {
    let served = Served::start().await;
    let (mut raw, _) = Raw::open(&served.url).await;
    let records = chain(actor(1), 10, 20);
    for id in 1..4 {
        let appended = raw.append(id, records.clone()).await;
        assert_eq!(appended.id, id);
        assert_eq!(appended.accepted, [(actor(1), 10)]);
        assert_eq!(appended.refused, []);
    }
    let (_, welcome) = Raw::open(&served.url).await;
    assert_eq!(welcome.head, 10);
}

#[tokio::test]
async fn a_gap_is_refused_with_what_is_expected() {
    let served = Served::start().await;
    let (mut raw, _) = Raw::open(&served.url).await;
    let records = chain(actor(1), 5, 0);
    raw.append(1, records[..2].to_vec()).await;
    let appended = raw.append(2, records[3..].to_vec()).await;
    assert_eq!(appended.accepted, [(actor(1), 2)]);
    let [refusal] = appended.refused[..] else { panic!("one refusal for an actor") };
    assert_eq!(refusal.reason, RefusalReason::Gap { expected: 3 });
    assert_eq!((refusal.index, refusal.seq), (0, 4));
}

#[tokio::test]
async fn forks_are_refused_whether_at_the_head_or_before_it() {
    let served = Served::start().await;
    let (mut raw, _) = Raw::open(&served.url).await;
    let records = chain(actor(1), 3, 0);
    raw.append(1, records).await;
    let other_second = record(actor(1), 2, RecordHash([9; 32]), 0);
    let other_fourth = record(actor(1), 4, RecordHash([9; 32]), 0);
    for (id, fork) in [(2, other_second), (3, other_fourth)] {
        let appended = raw.append(id, vec![fork]).await;
        assert_eq!(appended.refused[0].reason, RefusalReason::Fork);
        assert_eq!(appended.accepted, [(actor(1), 3)]);
    }
}

#[tokio::test]
async fn a_device_restored_from_a_backup_learns_of_the_fork() {
    let served = Served::start().await;
    let mut original = Peer::with_records(&served.url, 1, 5, 10);
    original.start().await;
    original.settle().await;
    let mut copy = Peer::with_log(&served.url, [(actor(1), chain(actor(1), 3, 10))].into());
    copy.write(1, 4, 99).await;
    copy.start().await;
    // This device does not move its branch away, so the fork lasts once the relay's log was taken
    // in again from the start.
    copy.run(|peer| matches!(peer.status.error, Some(SyncError::Fork { .. }))).await;
    assert_eq!(copy.forks.first(), Some(&(actor(1), 6)));
}

#[tokio::test]
async fn records_that_are_none_of_this_space_are_refused_one_by_one() {
    let served = Served::start().await;
    let (mut raw, _) = Raw::open(&served.url).await;
    let good = record(actor(1), 1, RecordHash::ZERO, 0);
    let foreign = record_in(SpaceId([1; 16]), actor(2), 1, RecordHash::ZERO, 0);
    let mut later = record(actor(3), 1, RecordHash::ZERO, 0);
    later[0] = 2;
    let large = vec![1; MAX_RECORD_BYTES + 1];
    let appended = raw.append(1, vec![foreign, vec![1, 2, 3], later, large, good]).await;
    let reasons: Vec<_> =
        appended.refused.iter().map(|refusal| (refusal.index, refusal.reason)).collect();
    let expected = [
        (0, RefusalReason::OtherSpace),
        (1, RefusalReason::Malformed),
        (2, RefusalReason::Version),
        (3, RefusalReason::TooLarge),
    ];
    assert_eq!(reasons, expected);
    assert_eq!(appended.accepted, [(actor(1), 1)]);
}

#[tokio::test]
async fn a_full_space_is_refused_by_quota_and_nothing_is_stored_in_part() {
    let served = Served::start_with(|config| config.limits.space_bytes = 1_000).await;
    let (mut raw, _) = Raw::open(&served.url).await;
    let records = chain(actor(1), 4, 300);
    let appended = raw.append(1, records).await;
    assert_eq!(appended.accepted, [(actor(1), 2)]);
    assert_eq!(appended.refused[0].reason, RefusalReason::Quota);
    assert_eq!(appended.refused[0].seq, 3);
    let (_, welcome) = Raw::open(&served.url).await;
    assert_eq!(welcome.head, 2);
}

#[tokio::test]
async fn more_actors_or_spaces_than_allowed_are_refused_by_quota() {
    let served = Served::start_with(|config| {
        config.limits.space_actors = 2;
        config.limits.spaces = 1;
    })
    .await;
    let (mut raw, _) = Raw::open(&served.url).await;
    let records = (1..=3).map(|number| record(actor(number), 1, RecordHash::ZERO, 0)).collect();
    let appended = raw.append(1, records).await;
    assert_eq!(appended.accepted.len(), 2);
    assert_eq!(appended.refused[0].reason, RefusalReason::Quota);
    let mut other = Raw::connect(&served.url).await;
    let space = SpaceId([1; 16]);
    other.send(&hello(space)).await;
    other.next().await;
    let records = vec![record_in(space, actor(1), 1, RecordHash::ZERO, 0)];
    let appended = other.append(1, records).await;
    assert_eq!(appended.refused[0].reason, RefusalReason::Quota);
}

#[tokio::test]
async fn garbage_is_answered_with_a_code_and_closed() {
    let served = Served::start().await;
    for (bytes, code) in [
        (vec![0xff; 40], RefusedCode::UnsupportedVersion),
        (vec![1, 99], RefusedCode::MalformedFrame),
        (Message::Ping(7).encode()[..4].to_vec(), RefusedCode::MalformedFrame),
        (append(1).encode(), RefusedCode::UnexpectedFrame),
    ] {
        let mut raw = Raw::connect(&served.url).await;
        raw.send_bytes(bytes).await;
        let (refused, close) = raw.refusal().await;
        assert_eq!(refused.code, code);
        assert_eq!(close, Some(close_code::PROTOCOL));
        assert!(!refused.message.is_empty());
    }
    let mut raw = Raw::connect(&served.url).await;
    raw.send_text("hello").await;
    assert_eq!(raw.refusal().await.0.code, RefusedCode::MalformedFrame);
}

#[tokio::test]
async fn a_message_over_a_mebibyte_closes_the_connection() {
    let served = Served::start().await;
    let (mut raw, _) = Raw::open(&served.url).await;
    raw.send_bytes(vec![1; MAX_FRAME_BYTES + 1]).await;
    let Event::Closed(_) = raw.next().await else { panic!("it closes") };
    let (mut raw, _) = Raw::open(&served.url).await;
    raw.send_bytes(vec![9; MAX_FRAME_BYTES]).await;
    assert_eq!(raw.refusal().await.0.code, RefusedCode::UnsupportedVersion);
}

#[tokio::test]
async fn a_connection_without_a_hello_is_closed() {
    let served = Served::start().await;
    let mut raw = Raw::connect(&served.url).await;
    let (refused, close) = raw.refusal().await;
    assert_eq!(refused.code, RefusedCode::HandshakeTimeout);
    assert_eq!(close, Some(close_code::POLICY));
}

#[tokio::test]
async fn pages_of_foreign_origins_are_refused_and_those_of_this_machine_or_listed_are_not() {
    let served =
        Served::start_with(|config| config.allow_origins = vec!["https://app.example".into()])
            .await;
    for origin in ["https://evil.example", "null", "http://localhost.evil.example"] {
        assert_eq!(Raw::connect_from(&served.url, origin).await.err(), Some(403), "{origin}");
    }
    for origin in ["http://localhost:3000", "https://app.example"] {
        assert!(Raw::connect_from(&served.url, origin).await.is_ok(), "{origin}");
    }
}

#[tokio::test]
async fn connections_beyond_the_limit_are_turned_away_until_one_leaves() {
    let served = Served::start_with(|config| config.max_connections = 1).await;
    let first = Raw::open(&served.url).await;
    assert_eq!(Raw::connect_from(&served.url, "http://localhost").await.err(), Some(503));
    drop(first);
    while served.relay.connections() > 0 {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    assert!(Raw::connect_from(&served.url, "http://localhost").await.is_ok());
}

#[tokio::test]
async fn a_record_is_passed_on_byte_for_byte_with_its_hash() {
    let served = Served::start().await;
    let (mut writer, _) = Raw::open(&served.url).await;
    let sent = record(actor(1), 1, RecordHash::ZERO, 5_000);
    writer.append(1, vec![sent.clone()]).await;
    let (mut reader, _) = Raw::open(&served.url).await;
    reader.pull(0).await;
    let Event::Frame(Message::Records(batch)) = reader.next().await else { panic!("records") };
    assert_eq!(batch.records, std::slice::from_ref(&sent));
    assert_eq!(batch.mark, pluresdb::sync::Mark::ZERO.after(&hash(&sent)));
}

fn append(id: u32) -> Message {
    Message::Append(Append { id, records: vec![] })
}

fn hello(space: SpaceId) -> Message {
    assert_ne!(space, SPACE);
    Message::Hello(pluresdb::sync::Hello {
        space,
        cursor: pluresdb::sync::Cursor::default(),
        known: pluresdb::sync::FrontierDigest::ZERO,
    })
}
