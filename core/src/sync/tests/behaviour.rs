//! What sync does, one behaviour for each test.

use super::device::{Device, Log, Wire, actor, hash, record};
use super::relay::Store;
use super::world::World;
use crate::model::{Frontier, RecordHash};
use crate::sync::{
    Appended, ClientInput, Message, Refusal, RefusalReason, RefusedCode, RelayId, ServerInput,
    State, SyncError, WINDOW_BYTES, Welcome,
};

fn device(number: u8, records: u64) -> Device {
    let mut log = Log::default();
    log.write(actor(number), records, 0);
    Device::new(log)
}

fn pair(one: u64, other: u64) -> World {
    let mut world = World::new(vec![device(1, one), device(2, other)]);
    world.start();
    world.settle();
    world
}

#[test]
fn two_devices_get_what_the_other_wrote() {
    let world = pair(3, 5);
    assert!(world.is_settled());
    assert_eq!(world.devices[0].log.records, world.devices[1].log.records);
    assert_eq!(world.devices[0].status.state, State::Live);
    assert_eq!(world.devices[0].status.received, 5);
    assert_eq!(world.devices[0].status.sent, 3);
}

#[test]
fn a_write_reaches_the_other_device_live_and_does_not_come_back() {
    let mut world = pair(0, 0);
    let now = world.now;
    world.devices[0].write(now, actor(1), 2);
    world.settle();
    assert!(world.is_settled());
    assert_eq!(world.devices[1].log.frontier().get(&actor(1)), 2);
    assert_eq!(world.devices[0].ingests, [] as [usize; 0]);
    assert_eq!(world.devices[0].client.cursor().position, 2);
}

#[test]
fn a_reconnect_with_nothing_new_takes_one_round_trip_and_few_bytes() {
    let mut world = pair(300, 300);
    world.cut(0);
    world.delivered = (0, 0);
    world.pass(1_000);
    assert!(world.is_settled());
    let (frames, bytes) = world.delivered;
    assert_eq!(frames, 1);
    assert!(bytes < 60, "{bytes} bytes");
}

#[test]
fn a_long_history_comes_in_bounded_pieces() {
    let mut world = World::new(vec![device(1, 30_000), Device::new(Log::default())]);
    world.start();
    world.settle();
    assert!(world.is_settled());
    assert_eq!(world.devices[0].log.records, world.devices[1].log.records);
    let most = world.devices[1].ingests.iter().max().unwrap();
    assert!(most * 100 < 2 * WINDOW_BYTES as usize, "{most} at once");
    assert!(world.devices[1].ingests.len() > 2);
}

#[test]
fn a_slow_device_holds_one_window_at_the_relay_and_then_catches_up() {
    let mut world = pair(0, 0);
    world.devices[1].slow = true;
    for _ in 0..30 {
        let now = world.now;
        world.devices[0].write(now, actor(1), 1_500);
        world.settle();
    }
    let link = world.link(1);
    assert!(link.connection.server.is_lagging());
    assert!(link.connection.server.bytes_under_way() <= 2 * WINDOW_BYTES as usize);
    assert_eq!(world.devices[1].status.state, State::CatchingUp);
    world.devices[1].slow = false;
    world.settle();
    assert!(world.is_settled());
    assert_eq!(world.devices[1].log.frontier().get(&actor(1)), 45_000);
}

#[test]
fn a_lost_connection_is_tried_again_and_nothing_is_lost() {
    let mut world = pair(10, 10);
    world.dark = true;
    world.cut(0);
    let now = world.now;
    world.devices[0].write(now, actor(1), 5);
    world.devices[1].write(now, actor(2), 5);
    world.pass(5_000);
    assert!(matches!(world.devices[0].status.state, State::Waiting { .. }));
    assert_eq!(world.devices[0].status.ahead, 5);
    assert!(matches!(world.devices[0].status.error, Some(SyncError::Connection { .. })));
    world.dark = false;
    world.pass(31_000);
    assert!(world.is_settled());
    assert_eq!(world.devices[0].status.error, None);
    assert_eq!(world.devices[0].log.records, world.devices[1].log.records);
}

#[test]
fn start_while_waiting_connects_at_once() {
    let mut world = pair(1, 0);
    world.dark = true;
    world.cut(0);
    world.pass(60_000);
    world.dark = false;
    let now = world.now;
    world.devices[0].give(now, ClientInput::Start);
    world.settle();
    assert_eq!(world.devices[0].status.state, State::Live);
}

#[test]
fn a_restart_goes_on_from_the_persisted_cursor() {
    let mut world = pair(400, 400);
    let before = world.devices[1].log.cursor.unwrap().position;
    assert!(before >= 400);
    world.restart(1);
    world.settle();
    assert!(world.is_settled());
    let again: usize = world.devices[1].ingests.iter().sum();
    assert!(again as u64 <= 800 - before, "{again} records came again");
}

#[test]
fn a_wiped_relay_is_healed_by_the_devices_with_the_records_of_others_too() {
    let mut world = pair(20, 30);
    world.cut(0);
    world.cut(1);
    world.store = Store::new(2);
    // Only the first device comes back; it holds the second's records.
    world.devices[1].give(world.now, ClientInput::Stop);
    world.pass(5_000);
    assert_eq!(world.store.log.len(), 50);
    world.devices[1].give(world.now, ClientInput::Start);
    world.pass(5_000);
    assert!(world.is_settled());
}

#[test]
fn a_relay_set_back_to_a_backup_is_noticed_although_it_has_grown_past_the_cursor() {
    let mut world = pair(5, 0);
    let backup = world.store.clone();
    let now = world.now;
    world.devices[0].write(now, actor(1), 3);
    world.settle();
    assert_eq!(world.devices[1].client.cursor().position, 8);
    world.cut(0);
    world.cut(1);
    world.store = backup;
    // A third device fills the positions with other records before the others return.
    let mut log = Log::default();
    log.write(actor(3), 3, 0);
    world.devices.push(Device::new(log));
    world.links.push(None);
    world.devices[2].give(world.now, ClientInput::Start);
    world.pass(1_000);
    world.pass(30_000);
    assert!(world.is_settled());
    assert_eq!(world.store.log.len(), 11);
    for device in &world.devices {
        assert_eq!(device.log.frontier(), world.store.heads);
    }
}

#[test]
fn appends_that_arrive_twice_are_stored_once() {
    let mut world = World::new(vec![device(1, 50), device(2, 0)]);
    world.doubled = true;
    world.start();
    // The answer to the repetition answers nothing that waits: the device reconnects.
    world.pass(120_000);
    assert_eq!(world.store.log.len(), 50);
    world.doubled = false;
    world.pass(120_000);
    assert!(world.is_settled());
    assert_eq!(world.store.log.len(), 50);
}

#[test]
fn a_relay_that_lost_records_since_its_welcome_is_asked_again() {
    let mut world = World::new(vec![device(1, 6)]);
    world.start();
    let mut liar = world.store.clone();
    liar.heads.advance(actor(1), 3);
    let honest = core::mem::replace(&mut world.store, liar);
    while world.devices[0].loads == 0 {
        world.step();
    }
    world.store = honest;
    world.settle();
    let error = world.devices[0].status.error.clone().unwrap();
    assert_eq!(error.code(), "sync_protocol");
    world.pass(60_000);
    assert!(world.is_settled());
    assert_eq!(world.store.log.len(), 6);
}

#[test]
fn a_gap_makes_the_device_send_again_from_what_is_expected() {
    let mut device = device(1, 6);
    let mut sent = vec![];
    let mut answer = |device: &mut Device, accepted: u64, refused: &[Refusal]| {
        while device.answer(0) {}
        let Some(Wire::Message(bytes)) = device.out.pop_back() else { panic!("an append") };
        let Ok(Message::Append(append)) = Message::decode(&bytes) else { panic!("an append") };
        sent.push(append.records.len());
        let appended = Message::Appended(Appended {
            id: append.id,
            accepted: vec![(actor(1), accepted)],
            refused: refused.to_vec(),
        });
        device.give(0, ClientInput::Received(appended.encode()));
    };
    let welcome = Message::Welcome(Welcome {
        relay: RelayId([1; 16]),
        head: 0,
        cursor_valid: false,
        frontier: Some(Frontier::new()),
    });
    device.give(0, ClientInput::Start);
    device.give(0, ClientInput::Connected);
    device.give(0, ClientInput::Received(welcome.encode()));
    let reason = RefusalReason::Gap { expected: 3 };
    answer(&mut device, 2, &[Refusal { index: 3, actor: actor(1), seq: 4, reason }]);
    answer(&mut device, 6, &[]);
    assert_eq!(sent, [6, 4]);
    assert_eq!(device.status.ahead, 0);
}

#[test]
fn a_full_relay_is_an_error_that_goes_away_with_room() {
    let mut world = pair(1, 1);
    world.store.full = true;
    let now = world.now;
    world.devices[0].write(now, actor(1), 2);
    world.settle();
    assert!(matches!(
        world.devices[0].status.error,
        Some(SyncError::NotTaken { reason: RefusalReason::Quota, seq: 2, .. })
    ));
    assert_eq!(world.devices[0].status.ahead, 2);
    let loads = world.devices[0].loads;
    world.pass(30_000);
    assert_eq!(world.devices[0].loads, loads, "it does not hammer");
    world.store.full = false;
    world.pass(60_000);
    assert!(world.is_settled());
    assert_eq!(world.devices[0].status.error, None);
}

#[test]
fn a_full_disk_keeps_the_cursor_and_is_shown() {
    let mut world = pair(0, 0);
    world.devices[1].disk_full = true;
    let now = world.now;
    world.devices[0].write(now, actor(1), 4);
    world.pass(100);
    assert_eq!(world.devices[1].client.cursor().position, 0);
    let error = world.devices[1].status.error.clone().unwrap();
    assert_eq!(error.code(), "sync_local");
    world.devices[1].disk_full = false;
    world.pass(60_000);
    assert!(world.is_settled());
    assert_eq!(world.devices[1].log.frontier().get(&actor(1)), 4);
}

#[test]
fn a_late_answer_to_a_failed_request_does_not_move_the_cursor() {
    let mut world = pair(0, 0);
    world.devices[1].slow = true;
    let now = world.now;
    world.devices[0].write(now, actor(1), 4);
    world.settle();
    let Some(ClientInput::Ingested { ticket, frontier }) = world.devices[1].held.pop_front() else {
        panic!("an ingest is under way");
    };
    let message = "no".into();
    world.devices[1].give(now, ClientInput::Failed { ticket, message });
    world.devices[1].give(now, ClientInput::Ingested { ticket, frontier });
    assert_eq!(world.devices[1].client.cursor().position, 0);
}

#[test]
fn no_record_is_asked_for_before_the_last_ones_are_durable() {
    let mut world = pair(0, 0);
    world.devices[1].slow = true;
    let now = world.now;
    world.devices[0].write(now, actor(1), 3);
    world.settle();
    assert_eq!(world.devices[1].client.cursor().position, 0);
    assert_eq!(world.link(1).connection.server.bytes_under_way() / 100, 3);
    world.devices[0].write(now, actor(1), 2);
    world.settle();
    assert_eq!(world.devices[1].ingests, [3], "one batch at a time");
    world.devices[1].slow = false;
    world.settle();
    assert_eq!(world.devices[1].client.cursor().position, 5);
    assert_eq!(world.link(1).connection.server.bytes_under_way(), 0);
}

#[test]
fn it_connects_again_only_when_what_came_before_is_durable() {
    let mut world = pair(0, 0);
    world.devices[1].slow = true;
    let now = world.now;
    world.devices[0].write(now, actor(1), 3);
    world.settle();
    world.cut(1);
    world.pass(60_000);
    assert!(world.links[1].is_none());
    world.devices[1].slow = false;
    world.pass(1);
    assert!(world.is_settled());
    assert_eq!(world.devices[1].ingests, [3], "nothing came twice");
}

#[test]
fn waits_grow_while_connections_do_not_hold_and_start_over_when_one_did() {
    let mut world = pair(0, 0);
    let wait = |world: &mut World| {
        world.cut(0);
        let State::Waiting { until } = world.devices[0].status.state else { panic!("it waits") };
        let wait = until - world.now;
        world.pass(wait);
        wait
    };
    for expected in [100, 200, 400, 800, 1_600] {
        let wait = wait(&mut world);
        assert!(wait.abs_diff(expected) * 10 <= expected, "{wait} for {expected}");
    }
    world.pass(10_000);
    assert!(wait(&mut world) <= 110);
}

#[test]
fn a_silent_relay_is_pinged_and_then_left() {
    let mut world = pair(1, 1);
    // The line goes dead without a word: frames to the device vanish.
    let now = world.now;
    world.links[0] = None;
    world.pass(31_000);
    assert_eq!(world.devices[0].status.state, State::Live);
    world.pass(20_000);
    assert!(world.now > now + 45_000);
    world.pass(10_000);
    assert!(world.links[0].is_some(), "it has connected again");
    assert!(world.is_settled());
}

#[test]
fn a_timer_that_rings_early_is_set_once_more() {
    let mut world = pair(1, 1);
    world.cut(0);
    let device = &mut world.devices[0];
    let State::Waiting { until } = device.status.state else { panic!("it waits") };
    assert_eq!(device.wake.take(), Some(until));
    device.give(until - 1, ClientInput::Wake);
    assert_eq!(device.wake, Some(until));
    device.give(until, ClientInput::Wake);
    assert_eq!(device.status.state, State::Connecting);
}

#[test]
fn a_timer_of_the_relay_that_rings_early_is_set_once_more() {
    let mut store = Store::new(1);
    let mut connection = super::relay::Connection::new(0);
    connection.give(0, &mut store, ServerInput::Heard);
    assert_eq!(connection.wake.take(), Some(5_000));
    connection.give(4_999, &mut store, ServerInput::Wake);
    assert_eq!(connection.wake, Some(5_000));
}

#[test]
fn a_relay_of_another_version_is_named() {
    let mut device = device(1, 1);
    device.give(0, ClientInput::Start);
    device.give(0, ClientInput::Connected);
    device.give(0, ClientInput::Received(vec![9, 2, 0, 0]));
    let error = device.status.error.clone().unwrap();
    assert_eq!(error, SyncError::Version { found: 9, known: 1 });
    assert!(error.to_string().contains("version 9"));
    let State::Waiting { until } = device.status.state else {
        panic!("it waits");
    };
    assert!(until >= 27_000, "it is not asked again and again: {until}");
}

#[test]
fn garbage_is_refused_by_the_relay_with_a_code() {
    for (bytes, code) in [
        (vec![7, 1], RefusedCode::UnsupportedVersion),
        (vec![1, 200], RefusedCode::MalformedFrame),
        (vec![], RefusedCode::MalformedFrame),
        (Message::Pong(1).encode()[..5].to_vec(), RefusedCode::MalformedFrame),
        (
            Message::Pull(crate::sync::Pull { after: 0, window: 9 }).encode(),
            RefusedCode::UnexpectedFrame,
        ),
    ] {
        let mut store = Store::new(1);
        let mut connection = super::relay::Connection::new(0);
        connection.give(0, &mut store, ServerInput::Received(bytes));
        let Ok(Message::Refused(refused)) = Message::decode(&connection.out[0]) else {
            panic!("a refusal");
        };
        assert_eq!(refused.code, code);
        assert_eq!(connection.closed.as_deref(), Some(code.as_str()));
    }
}

#[test]
fn a_connection_without_a_hello_is_closed_after_five_seconds() {
    let mut store = Store::new(1);
    let mut connection = super::relay::Connection::new(0);
    connection.give(4_999, &mut store, ServerInput::Wake);
    assert_eq!(connection.closed, None);
    connection.give(5_000, &mut store, ServerInput::Wake);
    assert_eq!(connection.closed.as_deref(), Some("handshake_timeout"));
}

#[test]
fn a_silent_client_is_pinged_and_then_closed() {
    let mut world = pair(0, 0);
    let start = world.now;
    let link = world.link(0);
    link.connection.give(start + 30_000, &mut Store::new(1), ServerInput::Wake);
    assert_eq!(link.connection.pings, 1);
    link.connection.give(start + 74_000, &mut Store::new(1), ServerInput::Wake);
    assert_eq!(link.connection.closed, None);
    link.connection.give(start + 75_000, &mut Store::new(1), ServerInput::Wake);
    assert_eq!(link.connection.closed.as_deref(), Some("idle_timeout"));
}

#[test]
fn stop_closes_the_socket_and_start_goes_on() {
    let mut world = pair(2, 2);
    let now = world.now;
    world.devices[0].give(now, ClientInput::Stop);
    assert!(matches!(world.devices[0].out.back(), Some(Wire::Close)));
    world.devices[1].write(now, actor(2), 3);
    world.pass(100_000);
    assert_eq!(world.devices[0].status.state, State::Stopped);
    assert_eq!(world.devices[0].log.frontier().get(&actor(2)), 2);
    world.devices[0].give(world.now, ClientInput::Start);
    world.settle();
    assert!(world.is_settled());
}

#[test]
fn a_record_of_another_space_from_a_relay_is_not_taken_in() {
    let mut world = pair(0, 0);
    let mut bytes = record(actor(9), 1, RecordHash::ZERO, 0);
    bytes[4] ^= 1;
    let mark = crate::sync::Mark::ZERO.after(&hash(&bytes));
    world.store.log.push((mark, bytes));
    let link = world.links[0].as_mut().unwrap();
    link.connection.give(world.now, &mut world.store, ServerInput::Head(1));
    world.settle();
    assert_eq!(world.devices[0].ingests, [] as [usize; 0]);
    let error = world.devices[0].status.error.clone().unwrap();
    assert_eq!(error.code(), "sync_protocol");
}
