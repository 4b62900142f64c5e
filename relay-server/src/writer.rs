//! The one thread that writes, with group commit: all appends that wait go into one transaction,
//! and each is answered after it. While one batch is on its way to the disk the next gathers.

use crate::hub::Hub;
use crate::store::{AppendRequest, RelayStore};
use pluresdb::sync::ServerInput;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

/// Bytes of records that wait for the disk at most; beyond it connections are read no further.
const QUEUED_BYTES: usize = 32 * 1024 * 1024;
/// Bytes of records in one transaction, about.
const BATCH_BYTES: usize = 4 * 1024 * 1024;

/// Where the answer goes.
pub(crate) type Reply = mpsc::UnboundedSender<ServerInput>;

#[derive(Debug)]
struct Job {
    request: AppendRequest,
    bytes: usize,
    reply: Reply,
    _room: OwnedSemaphorePermit,
}

/// The way to the writing thread.
#[derive(Debug)]
pub(crate) struct Writer {
    jobs: Mutex<Option<mpsc::UnboundedSender<Job>>>,
    room: Arc<Semaphore>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    pub(crate) fn start(store: Arc<dyn RelayStore>, hub: Arc<Hub>) -> std::io::Result<Self> {
        let (jobs, queue) = mpsc::unbounded_channel();
        let thread = std::thread::Builder::new()
            .name("relay-writer".into())
            .spawn(move || run(&*store, &hub, queue))?;
        Ok(Self {
            jobs: Mutex::new(Some(jobs)),
            room: Arc::new(Semaphore::new(QUEUED_BYTES)),
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Queues an append; the answer goes to `reply` once it is durable. Waits while the queue is
    /// full.
    pub(crate) async fn append(&self, request: AppendRequest, reply: Reply) {
        let bytes: usize = request.records.iter().map(Vec::len).sum();
        let permits = u32::try_from(bytes.clamp(1, QUEUED_BYTES)).unwrap_or(u32::MAX);
        let Ok(room) = Arc::clone(&self.room).acquire_many_owned(permits).await else {
            return;
        };
        let job = Job { request, bytes, reply, _room: room };
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(Err(unsent)) = jobs.as_ref().map(|jobs| jobs.send(job)) {
            // The other end of a connection that is gone is gone too.
            let _ = unsent.0.reply.send(ServerInput::Failed);
        }
    }

    /// Takes no more, writes what waits, and returns when it is on the disk. Blocks.
    pub(crate) fn stop(&self) {
        drop(self.jobs.lock().unwrap_or_else(PoisonError::into_inner).take());
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if thread.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the writing thread panicked");
        }
    }
}

fn run(store: &dyn RelayStore, hub: &Hub, mut queue: mpsc::UnboundedReceiver<Job>) {
    while let Some(first) = queue.blocking_recv() {
        let mut bytes = first.bytes;
        let mut jobs = vec![first];
        while bytes < BATCH_BYTES
            && let Ok(job) = queue.try_recv()
        {
            bytes += job.bytes;
            jobs.push(job);
        }
        write(store, hub, jobs);
    }
}

fn write(store: &dyn RelayStore, hub: &Hub, jobs: Vec<Job>) {
    let (requests, replies): (Vec<_>, Vec<_>) =
        jobs.into_iter().map(|job| (job.request, (job.reply, job._room))).unzip();
    let spaces: Vec<_> = requests.iter().map(|request| request.space).collect();
    match store.append(requests) {
        Ok(placements) => {
            for ((placement, (reply, _)), space) in placements.into_iter().zip(replies).zip(spaces)
            {
                // The answer comes before the announcement: a connection must know which
                // positions are its own before it looks at them. One that is gone needs neither.
                let _ = reply.send(ServerInput::Stored(placement.placed));
                hub.announce(&space, placement.records);
            }
        }
        Err(error) => {
            tracing::error!(%error, appends = replies.len(), "records were not stored");
            for (reply, _) in replies {
                let _ = reply.send(ServerInput::Failed);
            }
        }
    }
}
