//! A relay in this process, a relay as a process, and devices that speak over real sockets.

mod peer;
mod program;
mod raw;

pub(crate) use peer::Peer;
pub(crate) use program::Process;
pub(crate) use raw::{Event, Raw};

use pluresdb::codec::{Draft, Frame};
use pluresdb::crypto::hash_record;
use pluresdb::model::{
    ActorId, Header, Hlc, Part, Path, RecordHash, SpaceId, Target, Value, Write,
};
use pluresdb_relay::{Config, Relay, serve};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub(crate) const SPACE: SpaceId = SpaceId([0x5a; 16]);

pub(crate) fn actor(number: u8) -> ActorId {
    ActorId([number; 16])
}

pub(crate) fn hash(record: &[u8]) -> RecordHash {
    hash_record(Frame::read(record).unwrap().hashed)
}

/// A record; `weight` bytes of content that do not compress make it heavy.
pub(crate) fn record(actor: ActorId, seq: u64, prev: RecordHash, weight: usize) -> Vec<u8> {
    record_in(SPACE, actor, seq, prev, weight)
}

pub(crate) fn record_in(
    space: SpaceId,
    actor: ActorId,
    seq: u64,
    prev: RecordHash,
    weight: usize,
) -> Vec<u8> {
    let header = Header { space, actor, seq, prev, hlc: Hlc::at(seq), epoch: 0, deps: vec![] };
    let mut state = seq ^ 0x9e37_79b9_7f4a_7c15;
    let noise = std::iter::repeat_with(|| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 56) as u8
    });
    let noise = Value::Bytes(noise.take(weight).collect());
    let write = Write::set(Path::field("noise").unwrap(), noise);
    let part = Part {
        target: Target::Node("n".into()),
        delete: false,
        put: true,
        kind: Some("Noise".into()),
        writes: vec![write],
    };
    let parts = if weight > 0 { vec![part] } else { vec![] };
    Draft { header: &header, parts: &parts }.encode().unwrap()
}

/// A chain of records of one actor.
pub(crate) fn chain(actor: ActorId, count: u64, weight: usize) -> Vec<Vec<u8>> {
    let mut records: Vec<Vec<u8>> = Vec::new();
    for seq in 1..=count {
        let prev = records.last().map_or(RecordHash::ZERO, |last| hash(last));
        records.push(record(actor, seq, prev, weight));
    }
    records
}

/// A relay served in this process.
pub(crate) struct Served {
    pub(crate) relay: Relay,
    pub(crate) url: String,
    pub(crate) folder: TempDir,
    stop: Option<oneshot::Sender<()>>,
    task: Option<JoinHandle<std::io::Result<()>>>,
}

impl Served {
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    pub(crate) async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        Self::start_in(TempDir::new().unwrap(), change).await
    }

    pub(crate) async fn start_in(folder: TempDir, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config::new(folder.path().join("relay.sqlite"));
        change(&mut config);
        let relay = Relay::open(config).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("ws://{}/v1/sync", listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel::<()>();
        let served = relay.clone();
        let task = tokio::spawn(async move {
            let stopped = async { stopped.await.unwrap_or_default() };
            serve(listener, served.router(), &served, stopped).await
        });
        Self { relay, url, folder, stop: Some(stop), task: Some(task) }
    }

    /// Shuts down gracefully and gives back the folder.
    pub(crate) async fn stop(mut self) -> TempDir {
        self.stop.take().unwrap().send(()).unwrap();
        self.task.take().unwrap().await.unwrap().unwrap();
        self.folder
    }
}
