//! The world of a run: devices, a relay, a network, and the queue of what happens when.

mod act;

use crate::clock::Time;
use crate::device::{Device, TabKey};
use crate::failure::{Checked, broken, engine};
use crate::ledger::{Ids, Ledger};
use crate::net::{ConnId, Net, Packet, Way};
use crate::plan::{Plan, TWO_DAYS_MS};
use crate::relay::{self, Question, Relay};
use crate::rng::Rng;
use crate::tab::{self, TabEvent};
use pluresdb::Database;
use pluresdb::model::SpaceId;
use pluresdb::sync::{ClientInput, ServerInput};
use std::collections::BTreeMap;

pub(crate) const SPACE: SpaceId = SpaceId([0x5a; 16]);

/// Steps after which a run counts as one that never ends.
const MOST_STEPS: u64 = 400_000;
/// Virtual time for all to become equal, once every fault is over.
const HEAL_MS: u64 = 20 * 60 * 1000;
/// How often it is looked whether they are.
const LOOK_MS: u64 = 5_000;

#[derive(Debug)]
enum Event {
    Act(usize),
    Tab(TabKey, TabEvent),
    /// A socket that was asked for opens.
    Opened(ConnId),
    /// Something may have arrived at an end.
    Arrive(ConnId, Way),
    RelayWake(ConnId),
    RelayAnswer(Question),
    RelayStart,
    Open(usize),
}

/// A run under way.
#[derive(Debug)]
pub(crate) struct World<'p> {
    plan: &'p Plan,
    devices: Vec<Device>,
    pub(crate) relay: Relay,
    pub(crate) ledger: Ledger,
    net: Net,
    queue: BTreeMap<(u64, u64), Event>,
    serial: u64,
    steps: u64,
    /// Two runs of a plan have the same.
    trace: u64,
    now: u64,
    time: Time,
    rng: Rng,
    /// When the store answers the append asked last.
    last_append: u64,
    /// The action that was done last.
    pub(crate) action: usize,
}

impl<'p> World<'p> {
    pub(crate) fn new(plan: &'p Plan) -> Self {
        let time = Time::default();
        let devices = (0..plan.config.devices)
            .map(|number| {
                Device::new(&plan.config, &time, Rng::of(plan.seed, &[1, number as u64]).next())
            })
            .collect();
        Self {
            plan,
            devices,
            relay: Relay::new(SPACE),
            ledger: Ledger::new(plan.config.faults.forks()),
            net: Net::default(),
            queue: BTreeMap::new(),
            serial: 0,
            steps: 0,
            trace: 0,
            now: 0,
            time,
            rng: Rng::of(plan.seed, &[2]),
            last_append: 0,
            action: 0,
        }
    }

    /// Does all that the plan says, then ends every fault and waits until all are equal.
    pub(crate) fn run(&mut self) -> Checked {
        for device in 0..self.devices.len() {
            let at = self.rng.below(1_000);
            self.at(at, Event::Open(device));
        }
        for (index, (at, _)) in self.plan.actions.iter().enumerate() {
            self.at(*at, Event::Act(index));
        }
        let end = self.plan.actions.last().map_or(0, |(at, _)| *at) + 1_000;
        self.pass(end)?;
        self.heal()?;
        let limit = self.now + HEAL_MS;
        while !self.is_settled()? {
            if self.now > limit {
                return broken("what is healed becomes equal", self.unsettled());
            }
            self.pass(self.now + LOOK_MS)?;
        }
        Ok(())
    }

    pub(crate) const fn steps(&self) -> u64 {
        self.steps
    }

    pub(crate) const fn trace(&self) -> u64 {
        self.trace
    }

    /// Whether a transaction may get two records: a relay that lost its log may be filled with
    /// another branch of a forked one than before, whose records others hold as moved ones.
    pub(crate) const fn may_repeat(&self) -> bool {
        let faults = &self.plan.config.faults;
        faults.relay_lost && faults.forks()
    }

    pub(crate) const fn time(&self) -> &Time {
        &self.time
    }

    pub(crate) fn databases(&mut self) -> impl Iterator<Item = &mut Database> {
        self.devices.iter_mut().flat_map(|device| device.tabs.values_mut()).map(|tab| &mut tab.db)
    }

    fn at(&mut self, at: u64, event: Event) {
        self.serial += 1;
        self.queue.insert((at.max(self.now), self.serial), event);
    }

    fn pass(&mut self, until: u64) -> Checked {
        while let Some(next) = self.queue.first_entry()
            && next.key().0 <= until
        {
            let ((at, _), event) = next.remove_entry();
            self.now = at;
            self.time.set(at);
            self.steps += 1;
            self.trace = Rng::of(self.trace, &[at, self.serial]).next();
            if self.steps > MOST_STEPS {
                return broken("it comes to rest", format!("{event:?} at {at} ms"));
            }
            self.happen(event)?;
        }
        self.now = until;
        self.time.set(until);
        Ok(())
    }

    fn happen(&mut self, event: Event) -> Checked {
        match event {
            Event::Act(index) => {
                self.action = index;
                let plan = self.plan;
                self.act(&plan.actions[index].1)
            }
            Event::Tab(key, event) => self.with_tab(key, |tab, mut env| tab.event(&mut env, event)),
            Event::Opened(conn) => self.opened(conn),
            Event::Arrive(conn, way) => self.arrive(conn, way),
            Event::RelayWake(conn) => {
                self.relay.give(conn, self.now, ServerInput::Wake)?;
                self.relay_effects();
                Ok(())
            }
            Event::RelayAnswer(question) => {
                self.relay.answer(question, self.now, &self.ledger)?;
                self.relay_effects();
                Ok(())
            }
            Event::RelayStart => {
                self.relay.start();
                Ok(())
            }
            Event::Open(device) => self.open(device),
        }
    }

    /// Ends every fault.
    fn heal(&mut self) -> Checked {
        if self.plan.config.faults.jumps {
            // What was written as of the day after tomorrow counts from then on.
            self.time.sleep(TWO_DAYS_MS as u64);
        }
        self.relay.fail_until(0);
        self.relay.start();
        for device in 0..self.devices.len() {
            self.block(device, (false, false));
            self.devices[device].disk_fails = 0;
            self.devices[device].off_until = 0;
            self.devices[device].clock.set_wrong(0);
            if self.devices[device].tabs.is_empty() {
                self.open(device)?;
            }
        }
        Ok(())
    }

    fn is_settled(&mut self) -> Checked<bool> {
        let held = self.relay.contents().clone();
        let mut first = None;
        for device in &mut self.devices {
            if *device.disk.contents() != held {
                return Ok(false);
            }
            for tab in device.tabs.values_mut() {
                // What was held for its time comes in with the next timer, which may be some way off.
                let waits = engine(tab.db.waiting())?.records > 0;
                if waits || !tab.status().settled || !tab.is_saved()? {
                    return Ok(false);
                }
                // A tab may not have heard yet of what another tab of its device has stored.
                let frontier = engine(tab.db.frontier())?;
                if *first.get_or_insert_with(|| frontier.clone()) != frontier {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    fn unsettled(&self) -> String {
        let tabs = self.devices.iter().enumerate().flat_map(|(number, device)| {
            let stored = device.disk.contents().len();
            device
                .tabs
                .values()
                .map(move |tab| format!("device {number}, {stored} stored: {:?}", tab.status()))
        });
        let tabs: Vec<_> = tabs.collect();
        format!("relay {} stored\n    {}", self.relay.contents().len(), tabs.join("\n    "))
    }

    fn key(&self, device: usize, any: u64) -> Option<TabKey> {
        Some(TabKey { device, number: self.devices[device].tab(any)? })
    }

    fn with_tab(
        &mut self,
        key: TabKey,
        body: impl FnOnce(&mut tab::Tab, tab::Env<'_>) -> Checked,
    ) -> Checked {
        let device = &mut self.devices[key.device];
        let Some((tab, env)) = device.with(key.number, self.now, &mut self.ledger) else {
            return Ok(());
        };
        body(tab, env)?;
        self.tab_effects(key)
    }

    fn open(&mut self, device: usize) -> Checked {
        if let Some(number) = self.devices[device].open(self.now, &mut self.ledger)? {
            self.tab_effects(TabKey { device, number })?;
        }
        Ok(())
    }

    fn crash(&mut self, device: usize) -> Checked {
        let numbers: Vec<u64> = self.devices[device].tabs.keys().copied().collect();
        numbers.into_iter().try_for_each(|number| self.kill(TabKey { device, number }))
    }

    fn kill(&mut self, key: TabKey) -> Checked {
        let device = &mut self.devices[key.device];
        let Some((tab, mut env)) = device.take(key.number, self.now, &mut self.ledger) else {
            return Ok(());
        };
        let socket = tab.socket;
        tab.crash(&mut env)?;
        if let Some(conn) = socket {
            let told = self.rng.percent(50);
            self.cut(conn, false, told);
        }
        self.wake_others(key);
        Ok(())
    }

    fn close(&mut self, key: TabKey) -> Checked {
        let device = &mut self.devices[key.device];
        let Some((tab, mut env)) = device.take(key.number, self.now, &mut self.ledger) else {
            return Ok(());
        };
        let socket = tab.socket;
        tab.close(&mut env)?;
        if let Some(conn) = socket {
            self.cut(conn, false, true);
        }
        self.wake_others(key);
        Ok(())
    }

    /// Other tabs read what this one stored.
    fn wake_others(&mut self, key: TabKey) {
        let others: Vec<u64> = self.devices[key.device].tabs.keys().copied().collect();
        for number in others.into_iter().filter(|number| *number != key.number) {
            let at = self.now + self.rng.between(1, 30);
            self.at(at, Event::Tab(TabKey { number, ..key }, TabEvent::CatchUp));
        }
    }

    /// Storage was lost: what only it held may be missing from now on.
    fn storage_lost(&mut self) {
        let mut durable: Ids = self.relay.contents().clone();
        for device in &self.devices {
            durable.extend(device.disk.contents());
        }
        self.ledger.forgive_all_but(&durable);
    }

    fn gossip(&mut self, from: usize, to: usize) -> Checked {
        let contents: Vec<_> = self.devices[from].disk.contents().iter().copied().collect();
        let Some(key) = self.key(to, self.rng.clone().next()) else { return Ok(()) };
        if contents.is_empty() {
            return Ok(());
        }
        let count = self.rng.between(1, contents.len() as u64);
        let ids = (0..count).map(|_| *self.rng.pick(&contents));
        let ids: Vec<_> = ids.collect();
        let records: Vec<Vec<u8>> =
            ids.into_iter().map(|id| self.ledger.entry(id).bytes.clone()).collect();
        self.with_tab(key, |tab, mut env| tab.gossip(&mut env, &records))
    }

    fn relay_down(&mut self, off_ms: u64) -> Checked {
        self.relay.crash(&mut self.rng, &self.ledger)?;
        let conns: Vec<ConnId> = self.net.conns.keys().copied().collect();
        for conn in conns {
            let told = self.rng.percent(70);
            self.cut(conn, told, false);
        }
        self.at(self.now + off_ms, Event::RelayStart);
        Ok(())
    }

    fn block(&mut self, device: usize, blocked: (bool, bool)) {
        self.devices[device].blocked = blocked;
        for conn in self.net.of_device(device) {
            self.at(self.now, Event::Arrive(conn, Way::Up));
            self.at(self.now, Event::Arrive(conn, Way::Down));
        }
    }

    /// A connection breaks. The ends hear of it or not.
    fn cut(&mut self, conn: ConnId, tell_device: bool, tell_relay: bool) {
        for (way, tell) in [(Way::Up, tell_relay), (Way::Down, tell_device)] {
            let kept = self.rng.place(self.net.under_way(conn, way) + 1);
            let at = self.now + self.latency();
            if let Some(at) = self.net.cut(conn, way, kept, tell.then_some(at)) {
                self.at(at, Event::Arrive(conn, way));
            }
        }
    }

    const fn latency(&mut self) -> u64 {
        let slowest = self.plan.config.slowest_ms;
        if self.rng.percent(90) {
            self.rng.between(1, slowest / 4)
        } else {
            self.rng.between(1, slowest)
        }
    }

    fn push(&mut self, conn: ConnId, way: Way, packet: Packet) {
        let at = self.now + self.latency();
        if let Some(at) = self.net.push(conn, way, at, packet) {
            self.at(at, Event::Arrive(conn, way));
        }
    }

    fn opened(&mut self, conn: ConnId) -> Checked {
        let Some(key) = self.net.conns.get(&conn).map(|held| held.tab) else { return Ok(()) };
        let device = &self.devices[key.device];
        let wanted = device.tabs.get(&key.number).is_some_and(|tab| tab.socket == Some(conn));
        if !wanted || device.blocked != (false, false) {
            // Nobody answers; the machine gives up by itself.
            return Ok(());
        }
        if !self.relay.is_up() {
            self.cut(conn, true, false);
            return Ok(());
        }
        self.relay.accept(conn, self.now)?;
        self.relay_effects();
        self.with_tab(key, |tab, mut env| tab.give(&mut env, ClientInput::Connected))
    }

    fn arrive(&mut self, conn: ConnId, way: Way) -> Checked {
        loop {
            let Some(key) = self.net.conns.get(&conn).map(|held| held.tab) else { return Ok(()) };
            let (up, down) = self.devices[key.device].blocked;
            if if way == Way::Up { up } else { down } {
                return Ok(());
            }
            let Some(packet) = self.net.take(conn, way, self.now) else { return Ok(()) };
            match way {
                Way::Up => self.arrive_up(conn, packet)?,
                Way::Down => self.arrive_down(conn, key, packet)?,
            }
        }
    }

    fn arrive_up(&mut self, conn: ConnId, packet: Packet) -> Checked {
        let input = match packet {
            Packet::Message(bytes) => ServerInput::Received(bytes),
            Packet::Ping | Packet::Pong => ServerInput::Heard,
            Packet::Close => {
                self.relay.hang_up(conn);
                return Ok(());
            }
        };
        self.relay.give(conn, self.now, input)?;
        self.relay_effects();
        Ok(())
    }

    fn arrive_down(&mut self, conn: ConnId, key: TabKey, packet: Packet) -> Checked {
        if let Packet::Ping = packet {
            self.push(conn, Way::Up, Packet::Pong);
            return Ok(());
        }
        self.with_tab(key, |tab, mut env| {
            if tab.socket != Some(conn) {
                return Ok(());
            }
            match packet {
                Packet::Message(bytes) => tab.give(&mut env, ClientInput::Received(bytes)),
                Packet::Ping | Packet::Pong => Ok(()),
                Packet::Close => {
                    tab.socket = None;
                    tab.give(&mut env, ClientInput::Disconnected { reason: "it broke".into() })
                }
            }
        })
    }

    fn tab_effects(&mut self, key: TabKey) -> Checked {
        let device = &mut self.devices[key.device];
        let Some(tab) = device.tabs.get_mut(&key.number) else { return Ok(()) };
        for effect in std::mem::take(&mut tab.effects) {
            match effect {
                tab::Effect::After(delay, event) => {
                    self.at(self.now + delay, Event::Tab(key, event));
                }
                tab::Effect::Connect => {
                    let conn = self.net.connect(key);
                    self.devices[key.device]
                        .tabs
                        .get_mut(&key.number)
                        .expect("it is open")
                        .socket = Some(conn);
                    let at = self.now + self.latency();
                    self.at(at, Event::Opened(conn));
                }
                tab::Effect::Send(bytes) => {
                    if let Some(conn) = self.devices[key.device].tabs[&key.number].socket {
                        self.push(conn, Way::Up, Packet::Message(bytes));
                    }
                }
                tab::Effect::Close => {
                    let tab = self.devices[key.device].tabs.get_mut(&key.number);
                    if let Some(conn) = tab.expect("it is open").socket.take() {
                        self.push(conn, Way::Up, Packet::Close);
                    }
                }
                tab::Effect::Stored => self.wake_others(key),
            }
        }
        Ok(())
    }

    fn relay_effects(&mut self) {
        while let Some(effect) = self.relay.effects.pop_front() {
            match effect {
                relay::Effect::Send(conn, bytes) => {
                    self.push(conn, Way::Down, Packet::Message(bytes));
                }
                relay::Effect::Ping(conn) => self.push(conn, Way::Down, Packet::Ping),
                relay::Effect::Close(conn) => self.push(conn, Way::Down, Packet::Close),
                relay::Effect::Wake(conn, at) => self.at(at, Event::RelayWake(conn)),
                relay::Effect::Later(Question::Append) => {
                    // One writer, one after another.
                    let takes = self.rng.between(1, self.plan.config.slowest_store_ms);
                    self.last_append = self.last_append.max(self.now + takes);
                    self.at(self.last_append, Event::RelayAnswer(Question::Append));
                }
                relay::Effect::Later(question) => {
                    let at = self.now + self.rng.between(1, 30);
                    self.at(at, Event::RelayAnswer(question));
                }
            }
        }
    }
}
