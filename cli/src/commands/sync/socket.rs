//! The WebSocket of a sync, as a line that is down, opening or up.

use crate::failure::{Failure, Outcome};
use futures_util::stream::{SplitStream, StreamExt};
use futures_util::{Sink, SinkExt};
use pluresdb::sync::MAX_FRAME_BYTES;
use std::fmt;
use std::future::{Future, pending};
use std::pin::Pin;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::http::Uri;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;
type Opening = Pin<Box<dyn Future<Output = Result<Socket, Error>>>>;

/// How long a relay may take to confirm that the connection ends.
const FAREWELL: Duration = Duration::from_secs(2);

/// What the line says.
#[derive(Debug)]
pub(super) enum Word {
    /// It is up.
    Open,
    /// A message came.
    Message(Vec<u8>),
    /// It is down again, or did not come up.
    Lost(String),
}

/// A connection to the relay.
pub(super) enum Line {
    Down,
    Opening(Opening),
    Up(Up),
    /// What was sent last is still on its way.
    Closing(JoinHandle<()>),
}

/// A line that is up. Writing is a task of its own, so that reading never waits for it; how much
/// is under way is bounded by the sync machine.
pub(super) struct Up {
    incoming: SplitStream<Socket>,
    outgoing: UnboundedSender<Vec<u8>>,
    writer: JoinHandle<()>,
}

impl Line {
    pub(super) fn open(url: &str) -> Self {
        let config = WebSocketConfig::default()
            .max_message_size(Some(MAX_FRAME_BYTES))
            .max_frame_size(Some(MAX_FRAME_BYTES));
        let url = url.to_owned();
        Self::Opening(Box::pin(async move {
            let (socket, _) = connect_async_with_config(url, Some(config), true).await?;
            Ok(socket)
        }))
    }

    pub(super) fn send(&self, message: Vec<u8>) {
        if let Self::Up(up) = self {
            // Where the writer has ended, the reader says that the line is lost.
            let _ = up.outgoing.send(message);
        }
    }

    pub(super) fn close(&mut self) {
        *self = match std::mem::replace(self, Self::Down) {
            // The sender goes, and with it the writer ends the connection.
            Self::Up(up) => Self::Closing(up.writer),
            _ => Self::Down,
        };
    }

    /// Waits for a connection that was closed to end.
    pub(super) async fn finish(&mut self) {
        if let Self::Closing(writer) = std::mem::replace(self, Self::Down) {
            // Whatever becomes of it, nothing more is sent.
            let _ = tokio::time::timeout(FAREWELL, writer).await;
        }
    }

    /// The next word. Nothing is lost when it is dropped before it is ready.
    pub(super) async fn next(&mut self) -> Word {
        match self {
            Self::Down | Self::Closing(_) => pending().await,
            Self::Opening(opening) => match opening.await {
                Ok(socket) => {
                    *self = Self::Up(Up::new(socket));
                    Word::Open
                }
                Err(error) => Word::Lost(explain(&error)),
            },
            Self::Up(up) => up.next().await,
        }
    }
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Down => "Down",
            Self::Opening(_) => "Opening",
            Self::Up(_) => "Up",
            Self::Closing(_) => "Closing",
        })
    }
}

impl Up {
    fn new(socket: Socket) -> Self {
        let (sink, incoming) = socket.split();
        let (outgoing, messages) = unbounded_channel();
        Self { incoming, outgoing, writer: tokio::spawn(write(sink, messages)) }
    }

    async fn next(&mut self) -> Word {
        loop {
            match self.incoming.next().await {
                Some(Ok(Message::Binary(bytes))) => return Word::Message(bytes.into()),
                Some(Ok(Message::Text(_))) => {
                    return Word::Lost("it sent text, which is no sync message".into());
                }
                Some(Ok(Message::Close(frame))) => {
                    let reason = frame.map(|frame| frame.reason.to_string()).unwrap_or_default();
                    return Word::Lost(format!("it closed the connection {reason}"));
                }
                // The library answers pings.
                Some(Ok(_)) => {}
                Some(Err(error)) => return Word::Lost(explain(&error)),
                None => return Word::Lost("the connection ended".into()),
            }
        }
    }
}

async fn write<S>(mut sink: S, mut messages: UnboundedReceiver<Vec<u8>>)
where
    S: Sink<Message, Error = Error> + Unpin,
{
    while let Some(message) = messages.recv().await {
        if sink.send(Message::Binary(message.into())).await.is_err() {
            return;
        }
    }
    // It may be gone already, which is what is wanted.
    let _ = sink.close().await;
}

/// The address of the relay's sync endpoint: its path, where the user gave none.
pub(super) fn sync_url(words: &str) -> Outcome<String> {
    let wrong = |why: &str| {
        Failure::usage(format!("{words:?} is no relay's address: {why}; write ws://HOST:PORT"))
    };
    let uri: Uri = words.parse().map_err(|_| wrong("it cannot be read"))?;
    match uri.scheme_str() {
        Some("ws" | "wss") => {}
        Some("http") => return Err(wrong("it begins with http://")),
        Some("https") => return Err(wrong("it begins with https://, a relay's with wss://")),
        _ => return Err(wrong("it begins with neither ws:// nor wss://")),
    }
    if uri.host().is_none_or(str::is_empty) {
        return Err(wrong("it has no host"));
    }
    if uri.path() == "/" && uri.query().is_none() {
        return Ok(format!("{}{}", words.trim_end_matches('/'), "/v1/sync"));
    }
    Ok(words.to_owned())
}

fn explain(error: &Error) -> String {
    match error {
        Error::Http(response) => {
            format!("it answered {} and no WebSocket", response.status())
        }
        error => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_without_a_path_is_that_of_the_sync_endpoint() {
        for (words, url) in [
            ("ws://127.0.0.1:8484", "ws://127.0.0.1:8484/v1/sync"),
            ("wss://relay.example.org/", "wss://relay.example.org/v1/sync"),
            ("wss://example.org/behind/a/proxy", "wss://example.org/behind/a/proxy"),
        ] {
            assert_eq!(sync_url(words).unwrap(), url);
        }
    }

    #[test]
    fn what_is_no_relay_address_is_refused_with_the_reason() {
        for words in ["http://localhost", "localhost:8484", "ws://", "", "ws:// x"] {
            assert!(matches!(sync_url(words), Err(Failure::Usage(_))), "{words:?}");
        }
    }
}
