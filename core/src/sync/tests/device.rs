//! A device: the client machine, and a log that is a map.

use crate::codec::{Draft, Frame, readdress};
use crate::crypto::hash_record;
use crate::model::{ActorId, Frontier, Header, Hlc, RecordHash, SpaceId};
use crate::sync::{Client, ClientConfig, ClientInput, ClientOutput, Cursor, Status};
use std::collections::{BTreeMap, VecDeque};

pub(super) const SPACE: SpaceId = SpaceId([0x5a; 16]);

pub(super) fn actor(number: u8) -> ActorId {
    ActorId([number; 16])
}

/// A record without parts; `weight` dependencies make it larger and unlike others.
pub(super) fn record(actor: ActorId, seq: u64, prev: RecordHash, hlc: u64) -> Vec<u8> {
    let header = Header { space: SPACE, actor, seq, prev, hlc: Hlc(hlc), epoch: 0, deps: vec![] };
    let parts = &[];
    let draft = Draft { header: &header, parts };
    draft.encode().unwrap()
}

pub(super) fn hash(record: &[u8]) -> RecordHash {
    hash_record(Frame::read(record).unwrap().hashed)
}

#[derive(Debug, Default, Clone)]
pub(super) struct Log {
    pub(super) records: BTreeMap<ActorId, Vec<Vec<u8>>>,
    pub(super) cursor: Option<Cursor>,
    /// Counts writes, so that no two are alike.
    pub(super) written: u64,
}

impl Log {
    pub(super) fn frontier(&self) -> Frontier {
        let heads = self.records.iter();
        heads.map(|(actor, log)| (*actor, log.len() as u64)).collect()
    }

    pub(super) fn write(&mut self, actor: ActorId, count: u64, hlc: u64) {
        let log = self.records.entry(actor).or_default();
        for _ in 0..count {
            let prev = log.last().map_or(RecordHash::ZERO, |last| hash(last));
            log.push(record(actor, log.len() as u64 + 1, prev, hlc));
        }
    }

    fn after(&self, actor: ActorId, after: u64, max_bytes: usize) -> Vec<Vec<u8>> {
        let mut bytes = 0;
        let log = self.records.get(&actor).map_or(&[][..], Vec::as_slice);
        let rest = log.iter().skip(after as usize);
        rest.take_while(|record| {
            bytes += record.len();
            bytes <= max_bytes || bytes == record.len()
        })
        .cloned()
        .collect()
    }

    /// What a log does: takes the next record, ignores a known one, refuses to leave a hole, and
    /// moves its own branch out of the way of another. Gives what is to be told before the end.
    fn ingest(&mut self, records: &[Vec<u8>], cursor: Cursor) -> Vec<ClientInput> {
        let mut told = vec![];
        for record in records {
            let header = Frame::read(record).unwrap().header;
            let (actor, seq) = (header.actor, header.seq);
            let log = self.records.entry(actor).or_default();
            let next = log.len() as u64 + 1;
            assert!(seq <= next, "the relay left out a record");
            let at = seq as usize - 1;
            if log.get(at) == Some(record) {
                continue;
            }
            let before = at.checked_sub(1).map_or(RecordHash::ZERO, |at| hash(&log[at]));
            if header.prev != before {
                told.push(ClientInput::Astray { actor, seq });
                continue;
            }
            if seq < next {
                let branch = log.split_off(at);
                self.move_away(actor, &branch);
                told.push(ClientInput::Moved { actor, seq });
            }
            self.records.entry(actor).or_default().push(record.clone());
        }
        self.cursor = Some(cursor);
        told
    }

    fn move_away(&mut self, actor: ActorId, branch: &[Vec<u8>]) {
        let name = hash_record(&[&actor.0[..], &hash(&branch[0]).0].concat()).0;
        let derived = ActorId(std::array::from_fn(|i| name[i]));
        let log = self.records.entry(derived).or_default();
        let mut prev = RecordHash::ZERO;
        for (index, record) in branch.iter().enumerate() {
            let hashed = Frame::read(record).unwrap().hashed;
            let moved = readdress(hashed, derived, index as u64 + 1, prev);
            prev = hash(&moved);
            if log.len() == index {
                log.push(moved);
            }
        }
    }
}

#[derive(Debug)]
pub(super) struct Device {
    pub(super) client: Client,
    pub(super) log: Log,
    pub(super) status: Status,
    pub(super) wake: Option<u64>,
    /// Answers of the database are held back while this is set.
    pub(super) slow: bool,
    pub(super) disk_full: bool,
    /// Its log does not resolve forks.
    pub(super) stubborn: bool,
    pub(super) forks: Vec<(ActorId, u64)>,
    pub(super) loads: usize,
    pub(super) ingests: Vec<usize>,
    pub(super) held: VecDeque<ClientInput>,
    pub(super) out: VecDeque<Wire>,
}

/// What a device does with its socket.
#[derive(Debug)]
pub(super) enum Wire {
    Connect,
    Message(Vec<u8>),
    Close,
}

impl Device {
    pub(super) fn new(log: Log) -> Self {
        let client = Client::new(ClientConfig {
            space: SPACE,
            cursor: log.cursor,
            frontier: log.frontier(),
            seed: 1,
        });
        Self {
            status: client.status(),
            client,
            log,
            wake: None,
            slow: false,
            disk_full: false,
            stubborn: false,
            forks: vec![],
            loads: 0,
            ingests: vec![],
            held: VecDeque::new(),
            out: VecDeque::new(),
        }
    }

    pub(super) fn give(&mut self, now: u64, input: ClientInput) {
        self.client.handle(now, input);
        while let Some(output) = self.client.poll() {
            self.act(now, output);
        }
    }

    pub(super) fn write(&mut self, now: u64, actor: ActorId, count: u64) {
        self.log.written += 1;
        self.log.write(actor, count, self.log.written);
        let frontier = self.log.frontier();
        self.give(now, ClientInput::Local { frontier });
    }

    pub(super) fn answer(&mut self, now: u64) -> bool {
        let answer = self.held.pop_front();
        let some = answer.is_some();
        answer.into_iter().for_each(|input| self.give(now, input));
        some
    }

    fn act(&mut self, now: u64, output: ClientOutput) {
        match output {
            ClientOutput::Connect => self.out.push_back(Wire::Connect),
            ClientOutput::Send(bytes) => self.out.push_back(Wire::Message(bytes)),
            ClientOutput::Close { .. } => self.out.push_back(Wire::Close),
            ClientOutput::Load { ticket, actor, after, max_bytes } => {
                self.loads += 1;
                let records = self.log.after(actor, after, max_bytes);
                self.held.push_back(ClientInput::Loaded { ticket, records });
            }
            ClientOutput::Ingest { ticket, .. } if self.disk_full => {
                let message = "the disk is full".into();
                self.held.push_back(ClientInput::Failed { ticket, message });
            }
            ClientOutput::Ingest { ticket, records, cursor } => {
                self.ingests.push(records.len());
                let told = if self.stubborn {
                    self.log.cursor = Some(cursor);
                    vec![]
                } else {
                    self.log.ingest(&records, cursor)
                };
                self.held.extend(told);
                let frontier = self.log.frontier();
                self.held.push_back(ClientInput::Ingested { ticket, frontier });
            }
            ClientOutput::SaveCursor(cursor) => self.log.cursor = Some(cursor),
            ClientOutput::Forked { actor, seq } => self.forks.push((actor, seq)),
            ClientOutput::WakeAt(at) => {
                assert!(at > now, "a wake in the past would spin");
                self.wake = Some(at);
            }
            ClientOutput::Progress(status) => self.status = status,
        }
    }
}
