//! The network and the clock between devices and a relay.

use super::device::{Device, Wire};
use super::relay::{Connection, Store};
use crate::sync::{ClientInput, Message, ServerInput};
use std::collections::VecDeque;

/// Steps after which a run counts as one that never ends.
const MAX_STEPS: usize = 200_000;

#[derive(Debug)]
pub(super) struct Link {
    pub(super) connection: Connection,
    up: VecDeque<Vec<u8>>,
    /// Frames that were under way to the device, oldest first.
    down: VecDeque<Vec<u8>>,
}

#[derive(Debug)]
pub(super) struct World {
    pub(super) now: u64,
    pub(super) store: Store,
    pub(super) devices: Vec<Device>,
    pub(super) links: Vec<Option<Link>>,
    /// Frames that reached devices, and their bytes.
    pub(super) delivered: (usize, usize),
    /// Sockets are refused while this is set.
    pub(super) dark: bool,
    /// Frames travel twice in this direction while set: a relay that repeats appends.
    pub(super) doubled: bool,
}

impl World {
    pub(super) fn new(devices: Vec<Device>) -> Self {
        Self {
            now: 1_000,
            store: Store::new(1),
            links: devices.iter().map(|_| None).collect(),
            devices,
            delivered: (0, 0),
            dark: false,
            doubled: false,
        }
    }

    pub(super) fn start(&mut self) {
        for index in 0..self.devices.len() {
            self.devices[index].give(self.now, ClientInput::Start);
        }
    }

    /// Does everything that can be done at this moment.
    pub(super) fn settle(&mut self) {
        for _ in 0..MAX_STEPS {
            if !self.step() {
                return;
            }
        }
        panic!("it never comes to rest: {:?}", self.devices[0].status);
    }

    /// Moves the clock on, stopping wherever a machine asked to be woken.
    pub(super) fn pass(&mut self, ms: u64) {
        let until = self.now + ms;
        self.settle();
        loop {
            let links = self.links.iter().flatten();
            let wakes = self
                .devices
                .iter()
                .map(|device| device.wake)
                .chain(links.map(|link| link.connection.wake));
            let next = wakes.flatten().min().filter(|at| *at <= until);
            let Some(next) = next else {
                self.now = until;
                return;
            };
            self.now = self.now.max(next);
            self.wake();
            self.settle();
        }
    }

    /// One piece of work of each device and link.
    pub(super) fn step(&mut self) -> bool {
        let mut busy = false;
        for index in 0..self.devices.len() {
            busy |= self.step_device(index);
            busy |= self.carry(index);
        }
        busy
    }

    /// The connection of a device breaks; what was under way is lost.
    pub(super) fn cut(&mut self, index: usize) {
        if self.links[index].take().is_some() {
            let reason = "cut".into();
            self.devices[index].give(self.now, ClientInput::Disconnected { reason });
        }
    }

    /// The process of a device ends and starts over with what its log holds.
    pub(super) fn restart(&mut self, index: usize) {
        self.links[index] = None;
        self.devices[index] = Device::new(self.devices[index].log.clone());
        self.devices[index].give(self.now, ClientInput::Start);
    }

    pub(super) fn is_settled(&self) -> bool {
        self.devices.iter().all(|device| device.status.settled)
    }

    pub(super) fn link(&mut self, index: usize) -> &mut Link {
        self.links[index].as_mut().unwrap()
    }

    fn wake(&mut self) {
        let now = self.now;
        for device in &mut self.devices {
            if device.wake.take_if(|at| *at <= now).is_some() {
                device.give(now, ClientInput::Wake);
            }
        }
        for link in self.links.iter_mut().flatten() {
            if link.connection.wake.take_if(|at| *at <= now).is_some() {
                let input = ServerInput::Wake;
                link.connection.give(now, &mut self.store, input);
            }
        }
    }

    fn step_device(&mut self, index: usize) -> bool {
        let device = &mut self.devices[index];
        let busy = !device.slow && device.answer(self.now);
        let Some(wire) = device.out.pop_front() else {
            return busy;
        };
        match wire {
            Wire::Connect if self.dark => {
                let reason = "no network".into();
                device.give(self.now, ClientInput::Disconnected { reason });
            }
            Wire::Connect => {
                self.links[index] = Some(Link {
                    connection: Connection::new(self.now),
                    up: VecDeque::new(),
                    down: VecDeque::new(),
                });
                device.give(self.now, ClientInput::Connected);
            }
            Wire::Message(bytes) => {
                if let Some(link) = &mut self.links[index] {
                    let twice = matches!(Message::decode(&bytes), Ok(Message::Append(_)));
                    if twice && self.doubled {
                        link.up.push_back(bytes.clone());
                    }
                    link.up.push_back(bytes);
                }
            }
            Wire::Close => self.links[index] = None,
        }
        true
    }

    fn carry(&mut self, index: usize) -> bool {
        let now = self.now;
        let Some(link) = &mut self.links[index] else {
            return false;
        };
        let mut busy = false;
        if let Some(bytes) = link.up.pop_front() {
            busy = true;
            let before = self.store.log.len();
            let input = ServerInput::Received(bytes);
            link.connection.give(now, &mut self.store, input);
            if self.store.log.len() > before {
                self.announce();
            }
        }
        let Some(link) = &mut self.links[index] else {
            return busy;
        };
        link.down.extend(link.connection.out.drain(..));
        if let Some(bytes) = link.down.pop_front() {
            self.delivered.0 += 1;
            self.delivered.1 += bytes.len();
            self.devices[index].give(now, ClientInput::Received(bytes));
            return true;
        }
        if link.connection.closed.is_some() {
            self.cut(index);
            return true;
        }
        busy
    }

    fn announce(&mut self) {
        let head = self.store.log.len() as u64;
        for link in self.links.iter_mut().flatten() {
            let input = ServerInput::Head(head);
            link.connection.give(self.now, &mut self.store, input);
        }
    }
}
