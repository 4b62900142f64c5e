//! Where to listen.

use crate::failure::{Failure, Outcome};
use crate::output::Output;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, ToSocketAddrs};
use tokio::net::TcpListener;

/// The port that is tried first.
const USUAL: u16 = 8484;
/// How many ports after it are tried, before any free one is taken.
const NEAR: u16 = 10;

/// Where the user wants it.
#[derive(Debug)]
pub(super) enum Place {
    /// There or nowhere.
    Exactly(SocketAddr),
    /// On this machine, on the usual port or near it.
    Usual,
}

impl Place {
    pub(super) fn new(listen: Option<String>, port: Option<u16>) -> Outcome<Self> {
        if let Some(port) = port {
            return Ok(Self::Exactly(local(port)));
        }
        let Some(words) = listen else {
            return Ok(Self::Usual);
        };
        let found = words.to_socket_addrs().ok().and_then(|mut found| found.next());
        found.map(Self::Exactly).ok_or_else(|| {
            Failure::usage(format!("{words:?} is no address; write HOST:PORT, as 0.0.0.0:{USUAL}"))
        })
    }

    /// Listens; says so where it is not the place that was to be expected.
    pub(super) async fn listen(&self, output: &mut Output) -> Outcome<(TcpListener, SocketAddr)> {
        let listener = match self {
            Self::Exactly(address) => {
                TcpListener::bind(address).await.map_err(|error| taken(*address, &error))?
            }
            Self::Usual => {
                let listener = near(USUAL).await.map_err(|error| taken(local(USUAL), &error))?;
                if port_of(&listener)?.port() != USUAL {
                    output.remark(format_args!("Port {USUAL} is taken, so another one is used"))?;
                }
                listener
            }
        };
        let address = port_of(&listener)?;
        Ok((listener, address))
    }
}

async fn near(first: u16) -> io::Result<TcpListener> {
    for port in (first..first + NEAR).chain([0]) {
        match TcpListener::bind(local(port)).await {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && port != 0 => {}
            other => return other,
        }
    }
    Err(io::ErrorKind::AddrInUse.into())
}

fn local(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

fn port_of(listener: &TcpListener) -> Outcome<SocketAddr> {
    listener.local_addr().map_err(Failure::file("the system does not say where it listens"))
}

fn taken(address: SocketAddr, error: &io::Error) -> Failure {
    let hint = match error.kind() {
        io::ErrorKind::AddrInUse => {
            Some("another program listens there; choose another port, or --port 0 for any".into())
        }
        io::ErrorKind::PermissionDenied => Some("ports below 1024 are the system's".into()),
        _ => None,
    };
    Failure::Other { code: "listen", message: format!("cannot listen on {address}: {error}"), hint }
}
