//! A client that sends what it likes.

use super::SPACE;
use futures_util::{SinkExt, StreamExt};
use pluresdb::sync::{
    Append, Appended, Cursor, FrontierDigest, Hello, Message as Frame, Pull, Refused, WINDOW_BYTES,
    Welcome,
};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

pub(crate) struct Raw {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

/// What comes of a connection.
#[derive(Debug)]
pub(crate) enum Event {
    Frame(Frame),
    Closed(Option<CloseFrame>),
}

impl Raw {
    pub(crate) async fn connect(url: &str) -> Self {
        Self { socket: connect_async(url).await.unwrap().0 }
    }

    /// Opens as a page of this origin would; gives the HTTP status where it is refused.
    pub(crate) async fn connect_from(url: &str, origin: &str) -> Result<Self, u16> {
        let mut request = url.into_client_request().unwrap();
        request.headers_mut().insert("origin", origin.parse().unwrap());
        match connect_async(request).await {
            Ok((socket, _)) => Ok(Self { socket }),
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    /// Opens and greets.
    pub(crate) async fn open(url: &str) -> (Self, Welcome) {
        let mut raw = Self::connect(url).await;
        raw.send(&Frame::Hello(Hello {
            space: SPACE,
            cursor: Cursor::default(),
            known: FrontierDigest::ZERO,
        }))
        .await;
        let Event::Frame(Frame::Welcome(welcome)) = raw.next().await else {
            panic!("a welcome");
        };
        (raw, welcome)
    }

    pub(crate) async fn pull(&mut self, after: u64) {
        self.send(&Frame::Pull(Pull { after, window: WINDOW_BYTES })).await;
    }

    pub(crate) async fn append(&mut self, id: u32, records: Vec<Vec<u8>>) -> Appended {
        self.send(&Frame::Append(Append { id, records })).await;
        loop {
            match self.next().await {
                Event::Frame(Frame::Appended(appended)) => return appended,
                Event::Frame(_) => {}
                closed => panic!("{closed:?}"),
            }
        }
    }

    pub(crate) async fn send(&mut self, frame: &Frame) {
        self.send_bytes(frame.encode()).await;
    }

    pub(crate) async fn send_bytes(&mut self, bytes: Vec<u8>) {
        // A relay that has closed already is seen when it is read.
        let _ = self.socket.send(Message::Binary(bytes.into())).await;
    }

    pub(crate) async fn send_text(&mut self, text: &str) {
        self.socket.send(Message::Text(text.into())).await.unwrap();
    }

    pub(crate) async fn next(&mut self) -> Event {
        loop {
            let next = tokio::time::timeout(Duration::from_secs(20), self.socket.next());
            match next.await.expect("something comes") {
                Some(Ok(Message::Binary(bytes))) => {
                    return Event::Frame(Frame::decode(&bytes).unwrap());
                }
                Some(Ok(Message::Close(frame))) => return Event::Closed(frame),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Event::Closed(None),
            }
        }
    }

    /// The refusal that ends the connection, and the code it is closed with.
    pub(crate) async fn refusal(&mut self) -> (Refused, Option<u16>) {
        let Event::Frame(Frame::Refused(refused)) = self.next().await else {
            panic!("a refusal");
        };
        let Event::Closed(frame) = self.next().await else { panic!("the end") };
        (refused, frame.map(|frame| frame.code.into()))
    }
}
