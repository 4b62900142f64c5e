//! One WebSocket connection: carries inputs to [`Server`] and does what it asks.

use crate::hub::Subscription;
use crate::outbound::{Outbound, Outcome};
use crate::relay::Shared;
use crate::store::{AppendRequest, StoreError};
use axum::extract::ws::{CloseFrame, Message, WebSocket};
use futures_util::StreamExt;
use futures_util::stream::SplitStream;
use pluresdb::model::SpaceId;
use pluresdb::sync::{Cursor, Server, ServerInput, ServerOutput, close_code};
use std::future::pending;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

/// Nothing more is read from a client that has this much to read itself. A client that keeps to
/// its window and to the number of its appends does not get there.
const MAX_WAITING: usize = 4 * 1024 * 1024;
/// How long a close may take.
const CLOSE_LIMIT: Duration = Duration::from_secs(2);

/// Serves one client until one side has had enough.
pub(crate) async fn run(socket: WebSocket, shared: Arc<Shared>) {
    let (sink, stream) = socket.split();
    let (reply, replies) = mpsc::unbounded_channel();
    let (told, outcomes) = mpsc::unbounded_channel();
    let start = Instant::now();
    let mut connection = Connection {
        server: Server::new(0),
        outbound: Outbound::start(sink, told),
        shared,
        start,
        wake: None,
        ear: None,
        space: None,
        reply,
        lagging: false,
        reason: "the client closed",
    };
    let close = connection.drive(stream, replies, outcomes).await;
    tracing::info!(
        space = connection.space_name(),
        reason = connection.reason,
        seconds = start.elapsed().as_secs(),
        "connection closed"
    );
    connection.outbound.close(close, CLOSE_LIMIT).await;
}

struct Connection {
    server: Server,
    outbound: Outbound,
    shared: Arc<Shared>,
    start: Instant,
    wake: Option<Instant>,
    ear: Option<Subscription>,
    space: Option<SpaceId>,
    reply: mpsc::UnboundedSender<ServerInput>,
    lagging: bool,
    reason: &'static str,
}

type Closing = ControlFlow<Option<CloseFrame>>;

impl Connection {
    async fn drive(
        &mut self,
        mut stream: SplitStream<WebSocket>,
        mut replies: mpsc::UnboundedReceiver<ServerInput>,
        mut outcomes: mpsc::UnboundedReceiver<Outcome>,
    ) -> Option<CloseFrame> {
        let mut stopping = self.shared.stopping.subscribe();
        if let ControlFlow::Break(close) = self.act().await {
            return close;
        }
        loop {
            let readable = self.outbound.waiting() < MAX_WAITING;
            // In this order: a reply names the client's own positions before their announcement.
            let input = tokio::select! {
                biased;
                Some(reply) = replies.recv() => reply,
                _ = stopping.wait_for(|stopping| *stopping) => ServerInput::Shutdown,
                Some(outcome) = outcomes.recv() => match outcome {
                    Outcome::Progress => ServerInput::Heard,
                    Outcome::Broken(reason) => {
                        self.reason = reason;
                        return None;
                    }
                },
                head = new_head(self.ear.as_mut()) => ServerInput::Head(head),
                () = alarm(self.wake) => ServerInput::Wake,
                message = stream.next(), if readable => match self.read(message) {
                    ControlFlow::Continue(input) => input,
                    ControlFlow::Break(close) => return close,
                },
            };
            self.server.handle(self.now(), input);
            if let ControlFlow::Break(close) = self.act().await {
                return close;
            }
        }
    }

    fn read(
        &mut self,
        message: Option<Result<Message, axum::Error>>,
    ) -> ControlFlow<Option<CloseFrame>, ServerInput> {
        match message {
            Some(Ok(Message::Binary(bytes))) => {
                ControlFlow::Continue(ServerInput::Received(bytes.into()))
            }
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {
                ControlFlow::Continue(ServerInput::Heard)
            }
            // An empty frame is refused as malformed, which says what there is to say.
            Some(Ok(Message::Text(_))) => ControlFlow::Continue(ServerInput::Received(Vec::new())),
            Some(Ok(Message::Close(_))) | None => ControlFlow::Break(None),
            Some(Err(error)) => {
                let error = error.to_string();
                tracing::debug!(error, "unreadable message");
                self.reason = "the client sent what is no WebSocket message, or too long a one";
                let reason = "message too long or unreadable";
                ControlFlow::Break(Some(CloseFrame { code: 1009, reason: reason.into() }))
            }
        }
    }

    /// Does what the machine asks.
    async fn act(&mut self) -> Closing {
        while let Some(output) = self.server.poll() {
            match output {
                ServerOutput::Send(bytes) => self.outbound.send(Message::Binary(bytes.into())),
                ServerOutput::Ping => self.outbound.send(Message::Ping(Vec::new().into())),
                ServerOutput::Open { space, cursor } => self.open(space, cursor),
                ServerOutput::Append { id, records } => self.append(id, records).await,
                ServerOutput::Read { after, max_bytes } => self.read_log(after, max_bytes),
                ServerOutput::WakeAt(ms) => {
                    self.wake = Some(self.start + Duration::from_millis(ms));
                }
                ServerOutput::Close { code, reason } => {
                    self.reason = match code {
                        close_code::GOING_AWAY => "the relay is going down",
                        close_code::PROTOCOL => "the client broke the protocol",
                        close_code::TRY_AGAIN => "the store failed",
                        _ => "the client was silent",
                    };
                    return ControlFlow::Break(Some(CloseFrame { code, reason: reason.into() }));
                }
            }
        }
        let lagging = self.server.is_lagging();
        if lagging != self.lagging {
            self.lagging = lagging;
            let bytes = self.server.bytes_under_way();
            tracing::debug!(space = self.space_name(), lagging, bytes, "client's pace");
        }
        ControlFlow::Continue(())
    }

    fn open(&mut self, space: SpaceId, cursor: Cursor) {
        // First the ear, then the look: what is written in between is heard.
        self.ear = Some(self.shared.hub.subscribe(space));
        self.space = Some(space);
        tracing::info!(space = self.space_name(), "client opened a space");
        let shared = Arc::clone(&self.shared);
        self.ask(move || shared.store.open(&space, cursor.position).map(ServerInput::Opened));
    }

    async fn append(&self, id: u32, records: Vec<Vec<u8>>) {
        let Some(space) = self.space else {
            return;
        };
        let request = AppendRequest { space, id, records };
        self.shared.writer.append(request, self.reply.clone()).await;
    }

    fn read_log(&self, after: u64, max_bytes: usize) {
        let (Some(space), Some(ear)) = (self.space, &self.ear) else {
            return;
        };
        let input = |range: crate::store::Range| ServerInput::Range {
            last: range.last,
            mark: range.mark,
            records: range.records,
        };
        if let Some(range) = ear.recent(after, max_bytes) {
            // The receiver is held by the caller of this.
            let _ = self.reply.send(input(range));
            return;
        }
        let shared = Arc::clone(&self.shared);
        self.ask(move || shared.store.range(&space, after, max_bytes).map(input));
    }

    /// Asks the store on a thread that may block.
    fn ask(&self, question: impl FnOnce() -> Result<ServerInput, StoreError> + Send + 'static) {
        let reply = self.reply.clone();
        let shared = Arc::clone(&self.shared);
        tokio::spawn(async move {
            let Ok(_turn) = shared.reads.acquire().await else {
                return;
            };
            let input = match tokio::task::spawn_blocking(question).await {
                Ok(Ok(input)) => input,
                Ok(Err(error)) => {
                    tracing::error!(%error, "the store could not be read");
                    ServerInput::Failed
                }
                Err(error) => {
                    tracing::error!(%error, "reading the store panicked");
                    ServerInput::Failed
                }
            };
            // The connection may be gone.
            let _ = reply.send(input);
        });
    }

    fn now(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// The start of the space's id: whoever knows all of it may read the space, so logs do not
    /// hold it.
    fn space_name(&self) -> String {
        let name = self.space.map(|space| space.to_string()).unwrap_or_default();
        name.chars().take(8).collect()
    }
}

async fn new_head(ear: Option<&mut Subscription>) -> u64 {
    let Some(ear) = ear else {
        return pending().await;
    };
    // The sender lives as long as the subscription.
    match ear.head.changed().await {
        Ok(()) => *ear.head.borrow_and_update(),
        Err(_) => pending().await,
    }
}

async fn alarm(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => pending().await,
    }
}
