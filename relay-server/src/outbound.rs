//! The writing half of a connection: a task of its own, so that a slow client does not keep the
//! other half from reading. What waits here is bounded by the client's window and its appends.

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use futures_util::SinkExt;
use futures_util::stream::SplitSink;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

/// How long one message may take to leave.
const SEND_LIMIT: Duration = Duration::from_secs(60);
/// A send that took this long had to wait for the client to read.
const WAITED: Duration = Duration::from_millis(50);

/// What the task tells.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// The client has read something: it is slow, not gone.
    Progress,
    /// The socket broke, or the client read nothing for too long.
    Broken(&'static str),
}

/// The way to the writing task.
#[derive(Debug)]
pub(crate) struct Outbound {
    queue: mpsc::UnboundedSender<Message>,
    waiting: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Outbound {
    pub(crate) fn start(
        sink: SplitSink<WebSocket, Message>,
        outcomes: mpsc::UnboundedSender<Outcome>,
    ) -> Self {
        let (queue, messages) = mpsc::unbounded_channel();
        let waiting = Arc::new(AtomicUsize::new(0));
        let task = tokio::spawn(write(sink, messages, Arc::clone(&waiting), outcomes));
        Self { queue, waiting, task }
    }

    pub(crate) fn send(&self, message: Message) {
        self.waiting.fetch_add(length(&message), Ordering::Relaxed);
        // A closed queue means that the task has told why.
        let _ = self.queue.send(message);
    }

    /// Bytes that wait.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Sends what waits, then the closing message, for as long as `limit`.
    pub(crate) async fn close(self, frame: Option<CloseFrame>, limit: Duration) {
        if let Some(frame) = frame {
            self.send(Message::Close(Some(frame)));
        }
        drop(self.queue);
        let abort = self.task.abort_handle();
        if timeout(limit, self.task).await.is_err() {
            abort.abort();
        }
    }
}

async fn write(
    mut sink: SplitSink<WebSocket, Message>,
    mut messages: mpsc::UnboundedReceiver<Message>,
    waiting: Arc<AtomicUsize>,
    outcomes: mpsc::UnboundedSender<Outcome>,
) {
    while let Some(message) = messages.recv().await {
        let bytes = length(&message);
        let start = Instant::now();
        let outcome = match timeout(SEND_LIMIT, sink.send(message)).await {
            Ok(Ok(())) if start.elapsed() >= WAITED => Some(Outcome::Progress),
            Ok(Ok(())) => None,
            Ok(Err(_)) => Some(Outcome::Broken("the socket broke")),
            Err(_) => Some(Outcome::Broken("the client reads nothing")),
        };
        waiting.fetch_sub(bytes, Ordering::Relaxed);
        let broken = matches!(outcome, Some(Outcome::Broken(_)));
        let told = outcome.is_none_or(|outcome| outcomes.send(outcome).is_ok());
        if broken || !told && messages.is_closed() {
            return;
        }
    }
    // Nothing more will come; an error here is that of a socket that is gone.
    let _ = sink.close().await;
}

fn length(message: &Message) -> usize {
    match message {
        Message::Binary(bytes) => bytes.len(),
        _ => 0,
    }
}
