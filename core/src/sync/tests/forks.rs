//! Logs that have forked: the relay's branch comes everywhere, and so does the other one.

use super::device::{Device, Log, actor};
use super::relay::Store;
use super::world::World;
use crate::codec::Frame;
use crate::sync::{ClientInput, SyncError};

/// A device that wrote `counts` records as actor 1, each run with a time of its own.
fn writer(runs: &[(u64, u64)]) -> Device {
    let mut log = Log::default();
    runs.iter().for_each(|(count, hlc)| log.write(actor(1), *count, *hlc));
    Device::new(log)
}

/// The times of all records: what identifies a write wherever it is moved.
fn times(device: &Device) -> Vec<u64> {
    let records = device.log.records.values().flatten();
    let mut times: Vec<_> =
        records.map(|record| Frame::read(record).unwrap().header.hlc.0).collect();
    times.sort_unstable();
    times
}

fn all_equal(world: &World) {
    for device in &world.devices {
        assert!(device.status.settled, "{:?}", device.status);
        assert_eq!(device.log.records, world.devices[0].log.records);
        assert_eq!(device.log.frontier(), world.store.heads);
    }
}

fn start(world: &mut World, index: usize) {
    world.devices[index].give(world.now, ClientInput::Start);
    world.pass(2_000);
}

#[test]
fn the_branch_that_came_second_goes_on_as_another_actor() {
    let (common, one, other) = ((2, 0), (2, 1), (3, 2));
    let mut world = World::new(vec![writer(&[common, one]), writer(&[common, other])]);
    start(&mut world, 0);
    start(&mut world, 1);
    all_equal(&world);
    assert_eq!(world.store.heads.len(), 2);
    assert_eq!(world.store.heads.get(&actor(1)), 4);
    assert_eq!(times(&world.devices[0]), [0, 0, 1, 1, 2, 2, 2]);
    assert_eq!(world.devices[1].status.error, None);
    // That actor is pushed again.
    let now = world.now;
    world.devices[1].write(now, actor(1), 1);
    world.pass(2_000);
    all_equal(&world);
}

#[test]
fn records_under_way_when_the_fork_is_resolved_block_nothing() {
    let mut world = World::new(vec![writer(&[(2, 0)]), writer(&[(2, 0)])]);
    world.start();
    world.settle();
    // Both write at once, and neither has heard of the other.
    let now = world.now;
    world.devices[0].log.write(actor(1), 2, 1);
    world.devices[1].log.write(actor(1), 400, 2);
    for device in &mut world.devices {
        let frontier = device.log.frontier();
        device.give(now, ClientInput::Local { frontier });
    }
    world.settle();
    world.pass(100);
    all_equal(&world);
    assert_eq!(times(&world.devices[0]).len(), 404);
}

#[test]
fn a_refusal_that_came_first_is_forgotten_when_the_branch_is_here() {
    let mut world = World::new(vec![writer(&[(2, 0)]), writer(&[(2, 0)])]);
    world.start();
    world.settle();
    let now = world.now;
    world.devices[1].ingests.clear();
    world.devices[0].log.write(actor(1), 2, 1);
    world.devices[1].log.write(actor(1), 2, 2);
    for device in &mut world.devices {
        let frontier = device.log.frontier();
        device.give(now, ClientInput::Local { frontier });
    }
    while world.devices[1].ingests.is_empty() {
        world.step();
    }
    world.devices[1].slow = true;
    world.settle();
    assert_eq!(world.devices[1].forks, [(actor(1), 3)]);
    world.devices[1].slow = false;
    world.settle();
    all_equal(&world);
    assert_eq!(world.devices[1].ingests, [2], "the log was not taken in once more");
}

#[test]
fn a_relay_that_was_filled_by_the_other_branch_resolves_it_the_other_way() {
    let mut devices = vec![writer(&[(3, 1)]), writer(&[(3, 2)]), writer(&[])];
    devices[2].log = Log::default();
    let mut world = World::new(devices);
    start(&mut world, 0);
    start(&mut world, 2);
    (0..3).for_each(|index| world.cut(index));
    world.devices[0].give(world.now, ClientInput::Stop);
    world.devices[2].give(world.now, ClientInput::Stop);
    world.store = Store::new(2);
    for index in [1, 2, 0] {
        start(&mut world, index);
    }
    all_equal(&world);
    assert_eq!(times(&world.devices[2]), [1, 1, 1, 2, 2, 2]);
}

#[test]
fn a_fork_behind_the_cursor_is_found_by_taking_the_log_in_once_more() {
    let mut world = World::new(vec![writer(&[(3, 1)]), writer(&[(3, 2)])]);
    start(&mut world, 0);
    // The second device has passed the records without taking them, as after a lost write.
    let stranger = Device::new(Log::default());
    world.devices.push(stranger);
    world.links.push(None);
    start(&mut world, 2);
    let cursor = world.devices[2].log.cursor;
    let log = Log { cursor, ..world.devices[1].log.clone() };
    world.devices[1] = Device::new(log);
    start(&mut world, 1);
    assert_eq!(world.devices[1].ingests, [] as [usize; 0]);
    let now = world.now;
    world.devices[0].write(now, actor(1), 1);
    world.pass(5_000);
    all_equal(&world);
    assert_eq!(times(&world.devices[1]), [1, 1, 1, 1, 2, 2, 2]);
    assert_eq!(world.devices[1].status.error, None);
}

#[test]
fn a_refusal_behind_the_cursor_is_resolved_as_well() {
    let mut world = World::new(vec![writer(&[(1, 1)]), writer(&[(3, 2)])]);
    start(&mut world, 0);
    let mut store = Store::new(1);
    core::mem::swap(&mut store, &mut world.store);
    let cursor = world.devices[0].log.cursor.or_else(|| Some(world.devices[0].client.cursor()));
    world.store = store;
    world.devices[1] = Device::new(Log { cursor, ..world.devices[1].log.clone() });
    start(&mut world, 1);
    all_equal(&world);
    assert_eq!(world.devices[1].forks, [(actor(1), 2)]);
}

#[test]
fn a_fork_that_the_log_does_not_resolve_is_shown_and_stops_that_actor_alone() {
    let mut log = Log::default();
    log.write(actor(1), 3, 1);
    log.write(actor(3), 2, 0);
    let mut world = World::new(vec![writer(&[(2, 2)]), Device::new(log)]);
    world.devices[1].stubborn = true;
    start(&mut world, 0);
    start(&mut world, 1);
    let fork = SyncError::Fork { actor: actor(1), seq: 3 };
    assert_eq!(world.devices[1].status.error, Some(fork));
    assert_eq!(world.store.heads.get(&actor(3)), 2);
    let connects = world.devices[1].ingests.len();
    let now = world.now;
    world.devices[1].write(now, actor(3), 2);
    world.pass(300_000);
    assert_eq!(world.store.heads.get(&actor(3)), 4);
    assert_eq!(
        world.devices[1].ingests.len(),
        connects,
        "the log is taken in once more, not for ever"
    );
}
