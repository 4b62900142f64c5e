//! What happens in a run: a configuration and a list of actions, both drawn from the seed.

use crate::rng::Rng;
use crate::workload::{Back, Work};

/// Two days, by which a wrong clock is wrong.
pub(crate) const TWO_DAYS_MS: i64 = 2 * 24 * 60 * 60 * 1000;

/// By how much an ordinary clock is wrong at most. Two of them are less than five minutes apart.
const DRIFT_MS: u64 = 120_000;

/// One thing that happens. A tab is meant by any number, of those that are open then.
#[derive(Debug, Clone)]
pub(crate) enum Action {
    Write {
        device: usize,
        tab: u64,
        work: Work,
    },
    /// A connection ends, and what is under way is lost; the relay may not hear of it.
    Break {
        device: usize,
        tab: u64,
        half_open: bool,
    },
    /// Nothing passes to the relay, or from it, or either way.
    Block {
        device: usize,
        up: bool,
        down: bool,
    },
    /// The power goes.
    Crash {
        device: usize,
        off_ms: u64,
    },
    Kill {
        device: usize,
        tab: u64,
    },
    Close {
        device: usize,
        tab: u64,
    },
    Open {
        device: usize,
    },
    /// A tab opens as the actor of another: its lock does not hold.
    Twin {
        device: usize,
        of: u64,
    },
    Checkpoint {
        device: usize,
        tab: u64,
    },
    /// Forgets the part of the log that is older, where the relay is known to hold it.
    Compact {
        device: usize,
        tab: u64,
        keep_ms: u64,
    },
    /// Storage fails so many times; what it was to store may be there all the same.
    DiskFails {
        device: usize,
        times: u32,
    },
    /// The power goes, and what storage holds of the newest checkpoint changes.
    Damage {
        device: usize,
    },
    ClockWrong {
        device: usize,
        ms: i64,
    },
    /// Some records go from one device to another beside the relay: mixed up and repeated.
    Gossip {
        from: usize,
        to: usize,
    },
    RelayCrash {
        off_ms: u64,
    },
    RelayFails {
        ms: u64,
    },
    RelayWipe,
    RelayBackup,
    RelayRollback,
    Backup {
        device: usize,
    },
    Restore {
        device: usize,
    },
    /// Another device gets a copy of a device's storage and goes on as that one.
    Copy {
        from: usize,
        to: usize,
    },
}

/// Which faults a run has, each on its own, so that a single one can be the only one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Faults {
    pub(crate) network: bool,
    pub(crate) partitions: bool,
    pub(crate) crashes: bool,
    pub(crate) tabs: bool,
    pub(crate) disk: bool,
    /// Checkpoints that storage spoils.
    pub(crate) damage: bool,
    /// Clocks that are a little wrong, as clocks are.
    pub(crate) drifts: bool,
    /// Clocks set two days ahead or back.
    pub(crate) jumps: bool,
    pub(crate) gossip: bool,
    pub(crate) relay_crashes: bool,
    pub(crate) relay_lost: bool,
    /// Devices set back to a backup of theirs.
    pub(crate) restores: bool,
    /// Devices that go on as copies of others.
    pub(crate) copies: bool,
    /// Tabs of a device that write as one actor.
    pub(crate) twins: bool,
    /// Logs of which old records are forgotten.
    pub(crate) compactions: bool,
}

/// The conditions of a run.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    pub(crate) devices: usize,
    pub(crate) text_index: bool,
    /// How long the network takes at most, in milliseconds.
    pub(crate) slowest_ms: u64,
    /// How long the relay's store takes at most.
    pub(crate) slowest_store_ms: u64,
    pub(crate) faults: Faults,
}

/// A run, before it is run.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    pub(crate) config: Config,
    /// At which time what happens, in order.
    pub(crate) actions: Vec<(u64, Action)>,
}

impl Faults {
    fn draw(rng: &mut Rng, allowed: &Self) -> Self {
        let mut draw = |allowed: bool, percent| rng.percent(percent) && allowed;
        Self {
            network: draw(allowed.network, 70),
            partitions: draw(allowed.partitions, 60),
            crashes: draw(allowed.crashes, 60),
            tabs: draw(allowed.tabs, 50),
            disk: draw(allowed.disk, 40),
            damage: draw(allowed.damage, 30),
            drifts: draw(allowed.drifts, 40),
            jumps: draw(allowed.jumps, 25),
            gossip: draw(allowed.gossip, 50),
            relay_crashes: draw(allowed.relay_crashes, 50),
            relay_lost: draw(allowed.relay_lost, 40),
            restores: draw(allowed.restores, 25),
            copies: draw(allowed.copies, 20),
            twins: draw(allowed.twins, 20),
            compactions: draw(allowed.compactions, 30),
        }
        .consistent()
    }

    /// Whether logs may fork.
    pub(crate) const fn forks(&self) -> bool {
        self.restores || self.copies || self.twins
    }

    /// Which branch of a forked log stays is for the relay to say, so records pass no other way.
    /// What a relay holds may be forgotten elsewhere, so it may not lose it then.
    const fn consistent(self) -> Self {
        let gossip = self.gossip && !self.forks();
        Self { gossip, compactions: self.compactions && !self.relay_lost, ..self }
    }
}

impl Plan {
    pub(crate) fn draw(seed: u64, allowed: &Faults) -> Self {
        let mut rng = Rng::of(seed, &[0]);
        let config = Config {
            devices: 3 + (rng.below(5).min(rng.below(5)) as usize),
            text_index: rng.percent(10),
            slowest_ms: *rng.pick(&[20, 200, 3_000]),
            slowest_store_ms: *rng.pick(&[30, 30, 1_500]),
            faults: Faults::draw(&mut rng, allowed),
        };
        let length_ms = rng.between(5_000, 120_000);
        let count = rng.between(20, 120);
        let writes = rng.between(40, 85);
        let at_once = rng.below(60);
        let mut actions: Vec<(u64, Action)> = Vec::new();
        let mut at = 0;
        for _ in 0..count {
            if !rng.percent(at_once) {
                at = rng.below(length_ms);
            }
            let action = Action::draw(&mut rng, &config, writes);
            let taken_back = match &action {
                Action::Write { device, tab, .. } if rng.percent(10) => Some((*device, *tab)),
                _ => None,
            };
            actions.push((at, action));
            // At once, so that nothing comes between.
            if let Some((device, tab)) = taken_back {
                let backs = [Back::Undo, Back::Redo, Back::Undo];
                let many = rng.between(1, 3) as usize;
                actions.extend(
                    backs
                        .into_iter()
                        .take(many)
                        .map(|back| (at, Action::Write { device, tab, work: Work::back(back) })),
                );
            }
        }
        actions.sort_by_key(|(at, _)| *at);
        Self { seed, config, actions }
    }
}

/// Makes an action of the device and tab it is for.
type Maker = fn(&mut Rng, &Config, usize, u64) -> Action;

impl Action {
    fn draw(rng: &mut Rng, config: &Config, writes: u64) -> Self {
        let device = rng.place(config.devices);
        let tab = rng.next();
        let makers = Self::makers(&config.faults);
        if rng.percent(writes) || makers.is_empty() {
            return Self::Write { device, tab, work: Work::draw(rng) };
        }
        let make = *rng.pick(&makers);
        make(rng, config, device, tab)
    }

    /// What may go wrong; the more often something is listed, the more often it does.
    fn makers(faults: &Faults) -> Vec<Maker> {
        let groups: [(bool, &[Maker]); 11] = [
            (true, &[|_, _, device, tab| Self::Checkpoint { device, tab }]),
            (faults.network, &[Self::cut, Self::cut]),
            (faults.partitions, &[Self::block, Self::block, Self::unblock, Self::unblock]),
            (
                faults.crashes,
                &[
                    |rng, _, device, _| Self::Crash { device, off_ms: rng.below(20_000) },
                    |_, _, device, tab| Self::Kill { device, tab },
                ],
            ),
            (
                faults.tabs,
                &[
                    |_, _, device, tab| Self::Close { device, tab },
                    |_, _, device, _| Self::Open { device },
                    |_, _, device, _| Self::Open { device },
                ],
            ),
            (
                faults.disk,
                &[|rng, _, device, _| Self::DiskFails { device, times: rng.between(1, 4) as u32 }],
            ),
            (
                faults.damage,
                &[
                    |_, _, device, _| Self::Damage { device },
                    |_, _, device, tab| Self::Checkpoint { device, tab },
                    |_, _, device, tab| Self::Checkpoint { device, tab },
                    |_, _, device, tab| Self::Checkpoint { device, tab },
                ],
            ),
            (faults.drifts || faults.jumps, &[Self::wrong_clock]),
            (faults.gossip, &[Self::whisper, Self::whisper]),
            (
                faults.relay_crashes,
                &[
                    |rng, _, _, _| Self::RelayCrash { off_ms: rng.below(20_000) },
                    |rng, _, _, _| Self::RelayFails { ms: *rng.pick(&[100, 1_000, 10_000]) },
                ],
            ),
            (
                faults.relay_lost,
                &[
                    |_, _, _, _| Self::RelayBackup,
                    |rng, _, _, _| {
                        if rng.percent(30) { Self::RelayWipe } else { Self::RelayRollback }
                    },
                ],
            ),
        ];
        let restores: [Maker; 2] =
            [|_, _, device, _| Self::Backup { device }, |_, _, device, _| Self::Restore { device }];
        let restores: (bool, &[Maker]) = (faults.restores, &restores);
        let copies: [Maker; 1] =
            [|rng, config, from, _| Self::Copy { from, to: rng.place(config.devices) }];
        let copies: (bool, &[Maker]) = (faults.copies, &copies);
        let twins: [Maker; 1] = [|_, _, device, of| Self::Twin { device, of }];
        let twins: (bool, &[Maker]) = (faults.twins, &twins);
        let compactions: [Maker; 1] = [|rng, _, device, tab| {
            let keep_ms = *rng.pick(&[0, 1_000, 20_000]);
            Self::Compact { device, tab, keep_ms }
        }];
        let compactions: (bool, &[Maker]) = (faults.compactions, &compactions);
        let enabled = groups
            .iter()
            .chain([&restores, &copies, &twins, &compactions])
            .filter(|(enabled, _)| *enabled);
        enabled.flat_map(|(_, makers)| makers.iter().copied()).collect()
    }

    const fn cut(rng: &mut Rng, _: &Config, device: usize, tab: u64) -> Self {
        Self::Break { device, tab, half_open: rng.percent(40) }
    }

    const fn whisper(rng: &mut Rng, config: &Config, from: usize, _: u64) -> Self {
        Self::Gossip { from, to: rng.place(config.devices) }
    }

    const fn block(rng: &mut Rng, _: &Config, device: usize, _: u64) -> Self {
        let both = rng.percent(50);
        let up = rng.percent(50);
        Self::Block { device, up: both || up, down: both || !up }
    }

    const fn unblock(_: &mut Rng, _: &Config, device: usize, _: u64) -> Self {
        Self::Block { device, up: false, down: false }
    }

    fn wrong_clock(rng: &mut Rng, config: &Config, device: usize, _: u64) -> Self {
        let drift = rng.below(2 * DRIFT_MS) as i64 - DRIFT_MS as i64;
        let jump = *rng.pick(&[TWO_DAYS_MS, -TWO_DAYS_MS, 0]);
        Self::ClockWrong { device, ms: if config.faults.jumps { jump } else { drift } }
    }
}
