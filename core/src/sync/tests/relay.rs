//! A relay: server machines over a store that is a list.

use super::device::{SPACE, hash};
use crate::codec::Frame;
use crate::model::{ActorId, Frontier, Head, RecordHash};
use crate::sync::{
    Admission, Appended, Cursor, Mark, Opening, Placed, Refusal, RefusalReason, RelayId, Server,
    ServerInput, ServerOutput, StoredRecord, admit,
};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

#[derive(Debug, Clone)]
pub(super) struct Store {
    pub(super) id: RelayId,
    pub(super) log: Vec<(Mark, Vec<u8>)>,
    pub(super) heads: Frontier,
    pub(super) hashes: BTreeMap<(ActorId, u64), RecordHash>,
    pub(super) full: bool,
}

impl Store {
    pub(super) fn new(id: u8) -> Self {
        Self {
            id: RelayId([id; 16]),
            log: vec![],
            heads: Frontier::new(),
            hashes: BTreeMap::new(),
            full: false,
        }
    }

    fn mark(&self, position: u64) -> Option<Mark> {
        match position {
            0 => Some(Mark::ZERO),
            _ => self.log.get(position as usize - 1).map(|(mark, _)| *mark),
        }
    }

    fn opening(&self, cursor: &Cursor) -> Opening {
        Opening {
            relay: self.id,
            head: self.log.len() as u64,
            mark: self.mark(cursor.position),
            frontier: self.heads.clone(),
        }
    }

    fn append(&mut self, id: u32, records: Vec<Vec<u8>>) -> Placed {
        let before = self.log.len() as u64;
        let mut appended = Appended { id, accepted: vec![], refused: vec![] };
        let mut actors = BTreeSet::new();
        let mut given_up = BTreeSet::new();
        for (index, record) in records.into_iter().enumerate() {
            let header = Frame::read(&record).unwrap().header;
            let (actor, seq) = (header.actor, header.seq);
            if given_up.contains(&actor) {
                continue;
            }
            let known = self.heads.get(&actor);
            let head = Head {
                seq: known,
                hash: self.hashes.get(&(actor, known)).copied().unwrap_or(RecordHash::ZERO),
            };
            let reason = match admit(&SPACE, &head, &header) {
                Admission::Refuse(reason) => Some(reason),
                Admission::Known if self.hashes.get(&(actor, seq)) != Some(&hash(&record)) => {
                    Some(RefusalReason::Fork)
                }
                Admission::Known => None,
                Admission::Next if self.full => Some(RefusalReason::Quota),
                Admission::Next => {
                    let mark = self.mark(self.log.len() as u64).unwrap();
                    self.log.push((mark.after(&hash(&record)), record.clone()));
                    self.hashes.insert((actor, seq), hash(&record));
                    self.heads.advance(actor, seq);
                    None
                }
            };
            actors.insert(actor);
            if let Some(reason) = reason {
                given_up.insert(actor);
                let index = index as u32;
                appended.refused.push(Refusal { index, actor, seq, reason });
            }
        }
        appended.accepted = actors
            .into_iter()
            .map(|actor| (actor, self.heads.get(&actor)))
            .filter(|(_, seq)| *seq > 0)
            .collect();
        let after = self.log.len() as u64;
        Placed { appended, positions: (after > before).then_some((before + 1, after)) }
    }

    fn range(&self, after: u64, max_bytes: usize) -> ServerInput {
        let mut bytes = 0;
        let rest = self.log.iter().enumerate().skip(after as usize);
        let records: Vec<StoredRecord> = rest
            .take_while(|(_, (_, record))| {
                bytes += record.len();
                bytes <= max_bytes || bytes == record.len()
            })
            .map(|(index, (_, record))| StoredRecord {
                position: index as u64 + 1,
                record: record.as_slice().into(),
            })
            .collect();
        let last = after + records.len() as u64;
        let mark = self.mark(last).unwrap();
        ServerInput::Range { last, mark, records }
    }
}

/// One connection, from the relay's side.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) server: Server,
    pub(super) wake: Option<u64>,
    pub(super) pings: usize,
    pub(super) out: VecDeque<Vec<u8>>,
    pub(super) closed: Option<String>,
}

impl Connection {
    pub(super) fn new(now: u64) -> Self {
        Self { server: Server::new(now), wake: None, pings: 0, out: VecDeque::new(), closed: None }
    }

    pub(super) fn give(&mut self, now: u64, store: &mut Store, input: ServerInput) {
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            self.server.handle(now, input);
            while let Some(output) = self.server.poll() {
                match output {
                    ServerOutput::Send(bytes) => self.out.push_back(bytes),
                    ServerOutput::Ping => self.pings += 1,
                    ServerOutput::Open { cursor, .. } => {
                        inputs.push_back(ServerInput::Opened(store.opening(&cursor)));
                    }
                    ServerOutput::Append { id, records } => {
                        inputs.push_back(ServerInput::Stored(store.append(id, records)));
                    }
                    ServerOutput::Read { after, max_bytes } => {
                        inputs.push_back(store.range(after, max_bytes));
                    }
                    ServerOutput::WakeAt(at) => {
                        assert!(at > now, "a wake in the past would spin");
                        self.wake = Some(at);
                    }
                    ServerOutput::Close { reason, .. } => self.closed = Some(reason),
                }
            }
        }
    }
}
