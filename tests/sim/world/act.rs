//! Doing what a plan says.

use super::{Event, World};
use crate::device::TabKey;
use crate::failure::Checked;
use crate::plan::Action;

impl World<'_> {
    pub(super) fn act(&mut self, action: &Action) -> Checked {
        match action {
            Action::Write { device, tab, work } => {
                let Some(key) = self.key(*device, *tab) else { return Ok(()) };
                self.with_tab(key, |tab, mut env| tab.commit(&mut env, work))
            }
            Action::Break { device, tab, half_open } => {
                let Some(key) = self.key(*device, *tab) else { return Ok(()) };
                if let Some(conn) = self.devices[key.device].tabs[&key.number].socket {
                    self.cut(conn, true, !*half_open);
                }
                Ok(())
            }
            Action::Block { device, up, down } => {
                self.block(*device, (*up, *down));
                Ok(())
            }
            Action::Crash { device, off_ms } => {
                self.crash(*device)?;
                self.devices[*device].off_until = self.now + off_ms;
                self.at(self.now + off_ms, Event::Open(*device));
                Ok(())
            }
            Action::Kill { device, tab } => {
                let Some(key) = self.key(*device, *tab) else { return Ok(()) };
                self.kill(key)?;
                self.at(self.now + 500, Event::Open(*device));
                Ok(())
            }
            Action::Close { device, tab } => {
                let Some(key) = self.key(*device, *tab) else { return Ok(()) };
                self.close(key)
            }
            Action::Open { device } => self.open(*device),
            Action::Twin { device, of } => {
                let opened = self.devices[*device].open_twin(*of, self.now, &mut self.ledger)?;
                if let Some(number) = opened {
                    self.tab_effects(TabKey { device: *device, number })?;
                }
                Ok(())
            }
            Action::Checkpoint { device, tab } => {
                let Some(key) = self.key(*device, *tab) else { return Ok(()) };
                self.with_tab(key, |tab, _| tab.begin_checkpoint())
            }
            Action::Compact { device, tab, keep_ms } => {
                let Some(key) = self.key(*device, *tab) else { return Ok(()) };
                self.with_tab(key, |tab, mut env| tab.compact(&mut env, *keep_ms))
            }
            Action::DiskFails { device, times } => {
                self.devices[*device].disk_fails = *times;
                Ok(())
            }
            Action::Damage { device } => {
                // While it is off, so that the next open finds it: a chunk that is damaged unseen
                // and that a later checkpoint shares is in no checkpoint whole.
                self.crash(*device)?;
                self.devices[*device].disk.damage(&mut self.rng);
                self.at(self.now + 1_000, Event::Open(*device));
                Ok(())
            }
            Action::ClockWrong { device, ms } => {
                self.devices[*device].clock.set_wrong(*ms);
                Ok(())
            }
            Action::Gossip { from, to } => self.gossip(*from, *to),
            Action::RelayCrash { off_ms } => self.relay_down(*off_ms),
            Action::RelayFails { ms } => {
                self.relay.fail_until(self.now + ms);
                Ok(())
            }
            Action::RelayWipe => {
                self.relay_down(1_000)?;
                self.relay.wipe();
                self.storage_lost();
                Ok(())
            }
            Action::RelayBackup => {
                self.relay.back_up();
                Ok(())
            }
            Action::RelayRollback => {
                self.relay_down(1_000)?;
                if self.relay.roll_back() {
                    self.storage_lost();
                }
                Ok(())
            }
            Action::Backup { device } => {
                self.devices[*device].backup = Some(self.devices[*device].disk.clone());
                Ok(())
            }
            Action::Restore { device } => {
                self.crash(*device)?;
                if let Some(backup) = self.devices[*device].backup.clone() {
                    self.devices[*device].disk = backup;
                    self.storage_lost();
                }
                self.at(self.now + 1_000, Event::Open(*device));
                Ok(())
            }
            Action::Copy { from, to } => {
                if from == to {
                    return Ok(());
                }
                self.crash(*to)?;
                self.devices[*to].disk = self.devices[*from].disk.clone();
                self.storage_lost();
                self.at(self.now + 1_000, Event::Open(*to));
                Ok(())
            }
        }
    }
}
