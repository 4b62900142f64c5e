//! Frames: what is written reads back, and no bytes are harmful.

use super::device::{actor, record};
use crate::codec::Fault;
use crate::model::{Frontier, RecordHash, SpaceId};
use crate::sync::*;
use proptest::collection::vec;
use proptest::prelude::*;

fn number() -> impl Strategy<Value = u64> {
    0..=i64::MAX as u64
}

fn frontier() -> impl Strategy<Value = Frontier> {
    vec((0u8..20, 1..=i64::MAX as u64), 0..9)
        .prop_map(|entries| entries.into_iter().map(|(a, seq)| (actor(a), seq)).collect())
}

fn records() -> impl Strategy<Value = Vec<Vec<u8>>> {
    vec(vec(any::<u8>(), 0..40), 0..6)
}

fn message() -> impl Strategy<Value = Message> {
    let id = any::<[u8; 16]>();
    prop_oneof![
        (id, id, number(), id, id).prop_map(|(space, relay, position, mark, known)| {
            Message::Hello(Hello {
                space: SpaceId(space),
                cursor: Cursor { relay: RelayId(relay), position, mark: Mark(mark) },
                known: FrontierDigest(known),
            })
        }),
        (id, number(), any::<bool>(), proptest::option::of(frontier())).prop_map(
            |(relay, head, cursor_valid, frontier)| Message::Welcome(Welcome {
                relay: RelayId(relay),
                head,
                cursor_valid,
                frontier,
            })
        ),
        (number(), any::<u32>()).prop_map(|(after, window)| Message::Pull(Pull { after, window })),
        (number(), number(), id, number(), records()).prop_map(
            |(after, last, mark, head, records)| Message::Records(Records {
                after,
                last,
                mark: Mark(mark),
                head,
                records,
            })
        ),
        (any::<u32>(), records()).prop_map(|(id, records)| Message::Append(Append { id, records })),
        (any::<u32>(), frontier(), vec((any::<u32>(), number(), 0u16..9, number()), 0..5))
            .prop_map(|(id, accepted, refused)| Message::Appended(Appended {
                id,
                accepted: accepted.iter().collect(),
                refused: refused.into_iter().map(refusal).collect(),
            })),
        (any::<u16>(), ".{0,60}").prop_map(|(code, message)| Message::Refused(Refused {
            code: RefusedCode::from_number(code),
            message,
        })),
        any::<u64>().prop_map(Message::Ping),
        any::<u64>().prop_map(Message::Pong),
    ]
}

fn refusal((index, seq, reason, argument): (u32, u64, u16, u64)) -> Refusal {
    Refusal { index, actor: actor(3), seq, reason: RefusalReason::from_number(reason, argument) }
}

proptest! {
    #[test]
    fn every_frame_reads_back(message in message()) {
        prop_assert_eq!(Message::decode(&message.encode()), Ok(message));
    }

    #[test]
    fn a_cut_or_longer_frame_is_an_error(message in message(), at: proptest::sample::Index) {
        let mut bytes = message.encode();
        let cut = at.index(bytes.len());
        prop_assert!(Message::decode(&bytes[..cut]).is_err());
        bytes.push(0);
        prop_assert!(Message::decode(&bytes).is_err());
    }

    #[test]
    fn any_bytes_give_a_frame_or_an_error(mut bytes in vec(any::<u8>(), 0..200), kind in 0u8..11) {
        let _ = Message::decode(&bytes);
        if let [version, tag, ..] = bytes.as_mut_slice() {
            (*version, *tag) = (PROTOCOL_VERSION, kind);
        }
        let _ = Message::decode(&bytes);
    }

    #[test]
    fn no_frames_of_a_relay_break_a_client(messages in vec(message(), 0..20)) {
        let mut client = Client::new(ClientConfig {
            space: super::device::SPACE,
            cursor: None,
            frontier: [(actor(1), 5)].into_iter().collect(),
            seed: 7,
        });
        for (now, message) in messages.into_iter().enumerate() {
            let now = now as u64 * 40_000;
            client.handle(now, ClientInput::Start);
            client.handle(now, ClientInput::Connected);
            client.handle(now, ClientInput::Received(message.encode()));
            while let Some(output) = client.poll() {
                let records = vec![record(actor(1), 1, RecordHash::ZERO, 0)];
                match output {
                    ClientOutput::Load { ticket, .. } => {
                        client.handle(now, ClientInput::Loaded { ticket, records });
                    }
                    ClientOutput::Ingest { ticket, .. } => {
                        let frontier = Frontier::new();
                        client.handle(now, ClientInput::Ingested { ticket, frontier });
                    }
                    _ => {}
                }
            }
        }
    }

    #[test]
    fn no_frames_of_a_client_break_a_server(messages in vec(message(), 0..20)) {
        let mut server = Server::new(0);
        for message in messages {
            server.handle(0, ServerInput::Received(message.encode()));
            while let Some(output) = server.poll() {
                match output {
                    ServerOutput::Open { .. } => server.handle(0, ServerInput::Opened(Opening {
                        relay: RelayId([1; 16]),
                        head: 100,
                        mark: None,
                        frontier: Frontier::new(),
                    })),
                    ServerOutput::Append { .. } => server.handle(0, ServerInput::Failed),
                    ServerOutput::Read { after, .. } => server.handle(0, ServerInput::Range {
                        last: after,
                        mark: Mark::ZERO,
                        records: vec![],
                    }),
                    _ => {}
                }
            }
        }
    }
}

#[test]
fn a_count_beyond_its_limit_is_refused_before_anything_is_taken() {
    let mut bytes = Message::Append(Append { id: 1, records: vec![] }).encode();
    let count = bytes.len() - 4;
    bytes[count..].copy_from_slice(&u32::MAX.to_le_bytes());
    let error = Message::decode(&bytes).unwrap_err();
    assert!(matches!(error.fault, Fault::Limit { .. }), "{error}");
}

#[test]
fn a_frame_over_a_mebibyte_is_refused() {
    let bytes = vec![PROTOCOL_VERSION; MAX_FRAME_BYTES + 1];
    let error = Message::decode(&bytes).unwrap_err();
    assert!(matches!(error.fault, Fault::Limit { .. }), "{error}");
}

#[test]
fn an_extension_of_a_later_version_is_skipped() {
    let hello = Message::Hello(Hello {
        space: SpaceId([1; 16]),
        cursor: Cursor::default(),
        known: FrontierDigest::ZERO,
    });
    let mut bytes = hello.encode();
    let length = bytes.len() - 2;
    bytes[length..].copy_from_slice(&3u16.to_le_bytes());
    bytes.extend([1, 2, 3]);
    assert_eq!(Message::decode(&bytes), Ok(hello));
}

#[test]
fn the_largest_frontier_fits_into_a_frame() {
    let frontier = (0..MAX_FRONTIER_ACTORS as u128)
        .map(|n| (crate::model::ActorId(n.to_le_bytes()), 1))
        .collect();
    let welcome = Message::Welcome(Welcome {
        relay: RelayId([1; 16]),
        head: 1,
        cursor_valid: false,
        frontier: Some(frontier),
    });
    let bytes = welcome.encode();
    assert!(bytes.len() <= MAX_FRAME_BYTES);
    assert_eq!(Message::decode(&bytes), Ok(welcome));
}
