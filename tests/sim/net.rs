//! Sockets: in each direction messages arrive in order, late, or not at all.

use crate::device::TabKey;
use std::collections::{BTreeMap, VecDeque};

pub(crate) type ConnId = u64;

/// Which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Way {
    /// To the relay.
    Up,
    /// To the device.
    Down,
}

#[derive(Debug, Clone)]
pub(crate) enum Packet {
    Message(Vec<u8>),
    Ping,
    Pong,
    Close,
}

/// One direction of a connection.
#[derive(Debug, Default)]
pub(crate) struct Lane {
    packets: VecDeque<(u64, Packet)>,
    /// When the last packet arrives.
    last: u64,
    /// Nothing more is carried.
    cut: bool,
}

/// A connection between a tab and the relay.
#[derive(Debug)]
pub(crate) struct Conn {
    pub(crate) tab: TabKey,
    up: Lane,
    down: Lane,
}

#[derive(Debug, Default)]
pub(crate) struct Net {
    pub(crate) conns: BTreeMap<ConnId, Conn>,
    last: ConnId,
}

impl Net {
    pub(crate) fn connect(&mut self, tab: TabKey) -> ConnId {
        self.last += 1;
        self.conns.insert(self.last, Conn { tab, up: Lane::default(), down: Lane::default() });
        self.last
    }

    /// Sends; gives when it arrives, `None` where it never does.
    pub(crate) fn push(&mut self, id: ConnId, way: Way, at: u64, packet: Packet) -> Option<u64> {
        self.lane(id, way)?.push(at, packet)
    }

    /// What has arrived by now.
    pub(crate) fn take(&mut self, id: ConnId, way: Way, now: u64) -> Option<Packet> {
        let lane = self.lane(id, way)?;
        lane.packets.pop_front_if(|(at, _)| *at <= now).map(|(_, packet)| packet)
    }

    /// The connection ends: only the first packets under way arrive, and then the end, if that end
    /// hears of it at all.
    pub(crate) fn cut(
        &mut self,
        id: ConnId,
        way: Way,
        kept: usize,
        told: Option<u64>,
    ) -> Option<u64> {
        let lane = self.lane(id, way)?;
        if lane.cut {
            return None;
        }
        lane.packets.truncate(kept);
        let arrives = told.and_then(|at| lane.push(at, Packet::Close));
        lane.cut = true;
        arrives
    }

    pub(crate) fn under_way(&self, id: ConnId, way: Way) -> usize {
        self.conns.get(&id).map_or(0, |conn| match way {
            Way::Up => conn.up.packets.len(),
            Way::Down => conn.down.packets.len(),
        })
    }

    pub(crate) fn of_device(&self, device: usize) -> Vec<ConnId> {
        let conns = self.conns.iter().filter(|(_, conn)| conn.tab.device == device);
        conns.map(|(id, _)| *id).collect()
    }

    fn lane(&mut self, id: ConnId, way: Way) -> Option<&mut Lane> {
        let conn = self.conns.get_mut(&id)?;
        Some(match way {
            Way::Up => &mut conn.up,
            Way::Down => &mut conn.down,
        })
    }
}

impl Lane {
    fn push(&mut self, at: u64, packet: Packet) -> Option<u64> {
        if self.cut {
            return None;
        }
        self.last = self.last.max(at);
        self.packets.push_back((self.last, packet));
        Some(self.last)
    }
}
