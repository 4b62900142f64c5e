//! Random faults from a seed; in the end all are equal.

use super::device::{Device, Log, actor};
use super::relay::Store;
use super::world::World;
use proptest::prelude::*;

#[derive(Debug, Clone)]
enum Event {
    Write {
        device: usize,
        count: u64,
    },
    Cut(usize),
    Restart(usize),
    Slow(usize, bool),
    Steps(usize),
    Pass(u64),
    Dark(bool),
    Full(bool),
    WipeRelay,
    Backup,
    RestoreBackup,
    /// The file of a device is copied aside.
    BackupDevice(usize),
    /// It is put back, and the device writes on as the same actor.
    RestoreDevice(usize),
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => (0usize..3, 1u64..400).prop_map(|(device, count)| Event::Write { device, count }),
        3 => (0usize..3).prop_map(Event::Cut),
        1 => (0usize..3).prop_map(Event::Restart),
        1 => (0usize..3, any::<bool>()).prop_map(|(device, slow)| Event::Slow(device, slow)),
        4 => (1usize..12).prop_map(Event::Steps),
        2 => (1u64..40_000).prop_map(Event::Pass),
        1 => any::<bool>().prop_map(Event::Dark),
        1 => any::<bool>().prop_map(Event::Full),
        1 => Just(Event::WipeRelay),
        1 => Just(Event::Backup),
        1 => Just(Event::RestoreBackup),
        1 => (0usize..3).prop_map(Event::BackupDevice),
        1 => (0usize..3).prop_map(Event::RestoreDevice),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn whatever_happens_all_end_equal_and_settled(events in prop::collection::vec(event(), 0..40)) {
        let mut world = World::new((0..3).map(|_| Device::new(Log::default())).collect());
        let mut backup = world.store.clone();
        let mut files: Vec<_> = world.devices.iter().map(|device| device.log.clone()).collect();
        let (mut relays, mut written) = (1, 0);
        world.start();
        for event in events {
            let now = world.now;
            match event {
                Event::Write { device, count } => {
                    written += 1;
                    world.devices[device].log.written = written;
                    world.devices[device].write(now, actor(device as u8 + 1), count);
                }
                Event::Cut(device) => world.cut(device),
                Event::Restart(device) => world.restart(device),
                Event::Slow(device, slow) => world.devices[device].slow = slow,
                Event::Steps(count) => (0..count).for_each(|_| { world.step(); }),
                Event::Pass(ms) => world.pass(ms),
                Event::Dark(dark) => world.dark = dark,
                Event::Full(full) => world.store.full = full,
                Event::WipeRelay => {
                    (0..3).for_each(|device| world.cut(device));
                    relays += 1;
                    world.store = Store::new(relays);
                }
                Event::Backup => backup = world.store.clone(),
                Event::RestoreBackup => {
                    (0..3).for_each(|device| world.cut(device));
                    world.store = backup.clone();
                }
                Event::BackupDevice(device) => files[device] = world.devices[device].log.clone(),
                Event::RestoreDevice(device) => {
                    world.devices[device].log = files[device].clone();
                    world.restart(device);
                }
            }
        }
        world.dark = false;
        world.store.full = false;
        world.devices.iter_mut().for_each(|device| device.slow = false);
        world.pass(200_000);
        for device in &world.devices {
            prop_assert!(device.status.settled, "{:?}", device.status);
            prop_assert_eq!(&device.log.records, &world.devices[0].log.records);
            prop_assert_eq!(&device.log.frontier(), &world.store.heads);
        }
    }
}
