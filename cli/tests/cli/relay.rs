//! A relay as a process of its own: `pluresdb serve`.

use crate::support::{PATIENCE, Room};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::Child;

/// A running server, killed when it is dropped.
pub(crate) struct Server {
    pub(crate) child: Child,
    /// What it printed when it was up.
    pub(crate) greeting: Value,
}

/// An answer over HTTP.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Server {
    /// Starts `pluresdb serve --json` with further words, on any free port unless they name one.
    pub(crate) fn start(room: &Room, words: &[&str]) -> Self {
        let port: &[&str] = if words.contains(&"--listen") { &[] } else { &["--port", "0"] };
        Self::start_as(room, &[&["serve", "--json"], port, words].concat())
    }

    pub(crate) fn start_as(room: &Room, words: &[&str]) -> Self {
        let mut child = room.start(words);
        let mut line = String::new();
        let mut out = BufReader::new(child.stdout.take().expect("a pipe"));
        out.read_line(&mut line).expect("a greeting");
        // Without the pipe's other end, later lines would end the server.
        child.stdout = Some(out.into_inner());
        let greeting = serde_json::from_str(&line).unwrap_or_else(|error| {
            let mut err = String::new();
            // It is the reason of the failure, and may be cut short.
            let _ = child.stderr.take().expect("a pipe").read_to_string(&mut err);
            panic!("{error}: {line:?} {err}")
        });
        Self { child, greeting }
    }

    /// Host and port.
    pub(crate) fn host(&self) -> &str {
        let url = self.greeting["url"].as_str().expect("a url");
        url.trim_start_matches("http://").trim_end_matches('/')
    }

    /// What `pluresdb sync` takes.
    pub(crate) fn sync_url(&self) -> String {
        format!("ws://{}", self.host())
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        let mut stream = TcpStream::connect(self.host()).expect("a connection");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        let host = self.host();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")
            .expect("a request");
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).expect("an answer");
        let text = String::from_utf8_lossy(&bytes);
        let (head, body) = text.split_once("\r\n\r\n").expect("a head and a body");
        let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("a status");
        Answer { status, head: head.to_ascii_lowercase(), body: body.to_owned() }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
