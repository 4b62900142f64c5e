//! A device: the client machine over a WebSocket, with a log that is a map.

use super::{SPACE, actor, chain, hash, record};
use futures_util::{SinkExt, StreamExt};
use pluresdb::codec::Frame;
use pluresdb::model::{ActorId, Frontier, RecordHash};
use pluresdb::sync::{Client, ClientConfig, ClientInput, ClientOutput, Cursor, Status};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

pub(crate) struct Peer {
    pub(crate) client: Client,
    pub(crate) log: BTreeMap<ActorId, Vec<Vec<u8>>>,
    pub(crate) cursor: Option<Cursor>,
    pub(crate) status: Status,
    /// Records that came from the relay, known ones too.
    pub(crate) came: usize,
    pub(crate) forks: Vec<(ActorId, u64)>,
    /// Answers of the database are held back while this is set.
    pub(crate) stalled: bool,
    held: Vec<ClientInput>,
    url: String,
    socket: Option<Socket>,
    wake: Option<u64>,
    start: Instant,
}

impl Peer {
    pub(crate) fn new(url: &str) -> Self {
        Self::with_log(url, BTreeMap::new())
    }

    pub(crate) fn with_records(url: &str, number: u8, count: u64, weight: usize) -> Self {
        let actor = actor(number);
        Self::with_log(url, [(actor, chain(actor, count, weight))].into())
    }

    pub(crate) fn with_log(url: &str, log: BTreeMap<ActorId, Vec<Vec<u8>>>) -> Self {
        let client = Client::new(ClientConfig {
            space: SPACE,
            cursor: None,
            frontier: frontier(&log),
            seed: 1,
        });
        Self {
            status: client.status(),
            client,
            log,
            cursor: None,
            came: 0,
            forks: vec![],
            stalled: false,
            held: vec![],
            url: url.into(),
            socket: None,
            wake: None,
            start: Instant::now(),
        }
    }

    pub(crate) fn count(&self) -> usize {
        self.log.values().map(Vec::len).sum()
    }

    /// A local write, durable at once.
    pub(crate) async fn write(&mut self, number: u8, count: u64, weight: usize) {
        let log = self.log.entry(actor(number)).or_default();
        for _ in 0..count {
            let prev = log.last().map_or(RecordHash::ZERO, |last| hash(last));
            log.push(record(actor(number), log.len() as u64 + 1, prev, weight));
        }
        let frontier = frontier(&self.log);
        self.give(ClientInput::Local { frontier }).await;
    }

    pub(crate) async fn start(&mut self) {
        self.give(ClientInput::Start).await;
    }

    /// Runs until all is settled on both sides.
    pub(crate) async fn settle(&mut self) {
        self.run(|peer| peer.status.settled).await;
    }

    /// Runs until something holds; fails after a while.
    pub(crate) async fn run(&mut self, until: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while !until(self) {
            assert!(Instant::now() < deadline, "it does not come: {:?}", self.status);
            self.step(Duration::from_millis(20)).await;
        }
    }

    /// Runs for a while.
    pub(crate) async fn run_for(&mut self, time: Duration) {
        let deadline = Instant::now() + time;
        while Instant::now() < deadline {
            self.step(Duration::from_millis(20)).await;
        }
    }

    /// Loses the connection without a word.
    pub(crate) async fn cut(&mut self) {
        self.socket = None;
        let reason = "cut".into();
        self.give(ClientInput::Disconnected { reason }).await;
    }

    async fn step(&mut self, patience: Duration) {
        if !self.stalled && !self.held.is_empty() {
            let input = self.held.remove(0);
            return self.give(input).await;
        }
        let now = self.now();
        if self.wake.take_if(|wake| *wake <= now).is_some() {
            return self.give(ClientInput::Wake).await;
        }
        let Some(socket) = &mut self.socket else {
            return tokio::time::sleep(Duration::from_millis(5)).await;
        };
        let input = match tokio::time::timeout(patience, socket.next()).await {
            Err(_) => return,
            Ok(Some(Ok(Message::Binary(bytes)))) => ClientInput::Received(bytes.into()),
            Ok(Some(Ok(Message::Ping(_) | Message::Pong(_)))) => return,
            Ok(end) => {
                self.socket = None;
                ClientInput::Disconnected { reason: format!("{end:?}") }
            }
        };
        self.give(input).await;
    }

    async fn give(&mut self, input: ClientInput) {
        let mut inputs = vec![input];
        while let Some(input) = inputs.pop() {
            self.client.handle(self.now(), input);
            while let Some(output) = self.client.poll() {
                inputs.extend(self.act(output).await);
            }
        }
    }

    async fn act(&mut self, output: ClientOutput) -> Option<ClientInput> {
        match output {
            ClientOutput::Connect => match connect_async(&self.url).await {
                Ok((socket, _)) => {
                    self.socket = Some(socket);
                    return Some(ClientInput::Connected);
                }
                Err(error) => {
                    return Some(ClientInput::Disconnected { reason: error.to_string() });
                }
            },
            ClientOutput::Send(bytes) => {
                if let Some(socket) = &mut self.socket {
                    // The end of a broken socket is seen when it is read.
                    let _ = socket.send(Message::Binary(bytes.into())).await;
                }
            }
            ClientOutput::Close { .. } => self.socket = None,
            ClientOutput::Load { ticket, actor, after, max_bytes } => {
                let mut bytes = 0;
                let records = self.log.get(&actor).into_iter().flatten().skip(after as usize);
                let records = records.take_while(|record| {
                    bytes += record.len();
                    bytes <= max_bytes || bytes == record.len()
                });
                let records = records.cloned().collect();
                self.held.push(ClientInput::Loaded { ticket, records });
            }
            ClientOutput::Ingest { ticket, records, cursor } => {
                self.came += records.len();
                for record in records {
                    let header = Frame::read(&record).unwrap().header;
                    let log = self.log.entry(header.actor).or_default();
                    assert!(header.seq <= log.len() as u64 + 1, "a record is missing");
                    if header.seq == log.len() as u64 + 1 {
                        log.push(record);
                    }
                }
                self.cursor = Some(cursor);
                let frontier = frontier(&self.log);
                self.held.push(ClientInput::Ingested { ticket, frontier });
            }
            ClientOutput::SaveCursor(cursor) => self.cursor = Some(cursor),
            ClientOutput::Forked { actor, seq } => self.forks.push((actor, seq)),
            ClientOutput::WakeAt(at) => self.wake = Some(at),
            ClientOutput::Progress(status) => self.status = status,
        }
        None
    }

    fn now(&self) -> u64 {
        self.start.elapsed().as_millis() as u64
    }
}

fn frontier(log: &BTreeMap<ActorId, Vec<Vec<u8>>>) -> Frontier {
    log.iter().map(|(actor, log)| (*actor, log.len() as u64)).collect()
}
