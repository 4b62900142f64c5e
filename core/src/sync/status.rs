//! What a user is shown of a sync session.

use super::code::RefusedCode;
use super::cursor::RelayId;
use crate::codec::DecodeError;
use crate::model::ActorId;
use alloc::string::String;

/// Where a session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Not started, or stopped by the shell.
    Stopped,
    /// Not connected; the next attempt comes at `until` (milliseconds, the shell's clock).
    Waiting {
        /// When.
        until: u64,
    },
    /// The socket or the handshake is under way.
    Connecting,
    /// Connected, with records at the relay that are not yet here.
    CatchingUp,
    /// Connected, with everything of the relay here.
    Live,
}

impl State {
    /// The stable word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stopped => "stopped",
            Self::Waiting { .. } => "waiting",
            Self::Connecting => "connecting",
            Self::CatchingUp => "catching-up",
            Self::Live => "live",
        }
    }
}

/// A session at a glance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Where it stands.
    pub state: State,
    /// All that is durable here is durable at the relay, and all that is there is durable here.
    pub settled: bool,
    /// Records new to this device that came from the relay, since the session was made.
    pub received: u64,
    /// Records that the relay confirmed as stored, since the session was made.
    pub sent: u64,
    /// Positions of the relay's log not yet taken in; 0 while not connected.
    pub behind: u64,
    /// Records here that the relay has not confirmed; all of them while no relay was met.
    pub ahead: u64,
    /// The relay met last.
    pub relay: Option<RelayId>,
    /// What is wrong, the most lasting first. A lost connection is one until the next is live.
    pub error: Option<SyncError>,
}

/// What is wrong with a session. It goes on trying in every case; see each for what helps.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SyncError {
    /// The connection failed or ended. The next attempt comes by itself.
    #[error("not connected to the relay: {reason}")]
    Connection {
        /// As the shell or the machine saw it.
        reason: String,
    },
    /// The relay ended the connection.
    #[error("the relay refused ({code}): {message}")]
    Refused {
        /// Why.
        code: RefusedCode,
        /// In the relay's words.
        message: String,
    },
    /// The relay speaks another version of the protocol.
    #[error("the relay speaks protocol version {found}, this is version {known}; update the older")]
    Version {
        /// The version of its frame.
        found: u8,
        /// Ours.
        known: u8,
    },
    /// The relay sent bytes that are no frame or no record.
    #[error("the relay sent what cannot be read: {0}")]
    Unreadable(#[from] DecodeError),
    /// The relay broke the protocol.
    #[error("the relay broke the protocol: {0}")]
    Protocol(&'static str),
    /// The relay holds other records of this actor than this device: the actor was used twice,
    /// after a restored backup or a copied file. Taking in the relay's log did not resolve it, so
    /// its records are pushed no further.
    #[error(
        "the records of actor {actor} differ from the relay's at number {seq}: two copies of one \
         database wrote as the same device, and the relay does not have what would tell them \
         apart. Nothing is lost here; back the file up and sync with another relay"
    )]
    Fork {
        /// Whose.
        actor: ActorId,
        /// Where.
        seq: u64,
    },
    /// The relay does not take records of this actor.
    #[error("the relay does not take record {seq} of actor {actor}: {reason}")]
    NotTaken {
        /// Whose.
        actor: ActorId,
        /// Which.
        seq: u64,
        /// Why.
        reason: super::code::RefusalReason,
    },
    /// The shell could not read its log or store what came.
    #[error("the local database failed: {0}")]
    Local(String),
    /// The local log has no record where its frontier says there is one.
    #[error("the local log has no readable record {seq} of actor {actor}; check the database")]
    Missing {
        /// Whose.
        actor: ActorId,
        /// Which.
        seq: u64,
    },
}

impl SyncError {
    /// Whether it would be the same a moment later.
    pub(super) const fn is_lasting(&self) -> bool {
        match self {
            Self::Refused { code, .. } => code.is_lasting(),
            Self::Version { .. } | Self::Unreadable(_) | Self::Protocol(_) => true,
            _ => false,
        }
    }

    /// The stable word for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Connection { .. } => "sync_connection",
            Self::Refused { .. } => "sync_refused",
            Self::Version { .. } => "sync_version",
            Self::Unreadable(_) => "sync_unreadable",
            Self::Protocol(_) => "sync_protocol",
            Self::Fork { .. } => "sync_fork",
            Self::NotTaken { .. } => "sync_not_taken",
            Self::Local(_) => "sync_local",
            Self::Missing { .. } => "sync_missing",
        }
    }
}
