//! A device: one storage, one clock, and the tabs that share them.

use crate::clock::{Time, WallClock};
use crate::disk::Disk;
use crate::failure::Checked;
use crate::ledger::Ledger;
use crate::plan::Config;
use crate::recover::random_actor;
use crate::rng::Rng;
use crate::tab::{Env, Tab};
use crate::world::SPACE;
use pluresdb::{ActorId, Options};
use std::collections::BTreeMap;

/// Which tab. Numbers are not given twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TabKey {
    pub(crate) device: usize,
    pub(crate) number: u64,
}

#[derive(Debug)]
pub(crate) struct Device {
    pub(crate) tabs: BTreeMap<u64, Tab>,
    pub(crate) disk: Disk,
    pub(crate) clock: WallClock,
    pub(crate) backup: Option<Disk>,
    pub(crate) disk_fails: u32,
    /// Nothing reaches the relay, nothing comes from it.
    pub(crate) blocked: (bool, bool),
    /// It is switched off until then.
    pub(crate) off_until: u64,
    options: Options,
    clocks_are_right: bool,
    seed: u64,
    opened: u64,
}

/// The most tabs at once.
const MOST_TABS: usize = 3;

impl Device {
    pub(crate) fn new(config: &Config, time: &Time, seed: u64) -> Self {
        Self {
            tabs: BTreeMap::new(),
            disk: Disk::default(),
            clock: WallClock::right(time),
            backup: None,
            disk_fails: 0,
            blocked: (false, false),
            off_until: 0,
            options: Options { space: Some(SPACE), text_index: config.text_index },
            clocks_are_right: !config.faults.jumps,
            seed,
            opened: 0,
        }
    }

    /// Opens a tab, unless there are many; gives its number.
    pub(crate) fn open(&mut self, now: u64, ledger: &mut Ledger) -> Checked<Option<u64>> {
        let is_free = |actor: &&_| self.tabs.values().all(|tab| tab.lease != **actor);
        let lease = self.disk.pool.iter().find(is_free).copied();
        self.open_as(lease, now, ledger)
    }

    /// Opens a tab that leases the actor of another one.
    pub(crate) fn open_twin(
        &mut self,
        of: u64,
        now: u64,
        ledger: &mut Ledger,
    ) -> Checked<Option<u64>> {
        let lease = self.tab(of).map(|number| self.tabs[&number].lease);
        self.open_as(lease, now, ledger)
    }

    fn open_as(
        &mut self,
        lease: Option<ActorId>,
        now: u64,
        ledger: &mut Ledger,
    ) -> Checked<Option<u64>> {
        if self.tabs.len() == MOST_TABS || now < self.off_until {
            return Ok(None);
        }
        self.opened += 1;
        let mut rng = Rng::of(self.seed, &[self.opened]);
        let lease = lease.unwrap_or_else(|| {
            let drawn = random_actor(&mut rng);
            self.disk.pool.push(drawn);
            drawn
        });
        let mut env = Env {
            now,
            disk: &mut self.disk,
            ledger,
            disk_fails: &mut self.disk_fails,
            clocks_are_right: self.clocks_are_right,
        };
        let tab = Tab::open(&mut env, lease, self.options, &self.clock, rng)?;
        self.tabs.insert(self.opened, tab);
        Ok(Some(self.opened))
    }

    /// The open tab that any number means.
    pub(crate) fn tab(&self, any: u64) -> Option<u64> {
        let place = any.checked_rem(self.tabs.len() as u64)?;
        self.tabs.keys().nth(place as usize).copied()
    }

    /// A tab with what lies around it.
    pub(crate) fn with<'a>(
        &'a mut self,
        number: u64,
        now: u64,
        ledger: &'a mut Ledger,
    ) -> Option<(&'a mut Tab, Env<'a>)> {
        let tab = self.tabs.get_mut(&number)?;
        let Self { disk, disk_fails, clocks_are_right, .. } = self;
        let clocks_are_right = *clocks_are_right;
        Some((tab, Env { now, disk, ledger, disk_fails, clocks_are_right }))
    }

    /// A tab that ends, with what lies around it.
    pub(crate) fn take<'a>(
        &'a mut self,
        number: u64,
        now: u64,
        ledger: &'a mut Ledger,
    ) -> Option<(Tab, Env<'a>)> {
        let tab = self.tabs.remove(&number)?;
        let Self { disk, disk_fails, clocks_are_right, .. } = self;
        let clocks_are_right = *clocks_are_right;
        Some((tab, Env { now, disk, ledger, disk_fails, clocks_are_right }))
    }
}
