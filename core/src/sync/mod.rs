//! Sync between a device and a relay, without I/O.
//!
//! Two state machines: [`Client`], the session of one device with one relay for one space, and
//! [`Server`], one connection at the relay. They know no socket, no clock, no storage and no
//! source of randomness; a *shell* has these. What goes over the wire is in [`Message`] and
//! `docs/protocol.md`.
//!
//! # Calling law
//!
//! 1. Give the machine one input with [`Client::handle`] and the time; then take outputs with
//!    [`Client::poll`] until it gives `None`, and do them in that order. Outputs own their data.
//! 2. Time is milliseconds from any fixed start. It may stand still; a step back counts as none.
//! 3. [`ClientOutput::Load`] and [`ClientOutput::Ingest`] are answered once each, now or later, in
//!    any order, with the `ticket` they carry. An answer that came too late is ignored.
//! 4. [`ClientInput::Local`] is given only for records that are **durable here**: it is what lets
//!    them leave the device. The same holds for the frontier in [`ClientInput::Ingested`].
//! 5. A cursor is persisted in the same transaction as the records it came with, or later, never
//!    before them. That is why it comes in the same output.
//! 6. After [`ClientOutput::Close`], and after [`ClientInput::Disconnected`], nothing more of that
//!    socket is given to the machine.
//! 7. [`ClientOutput::WakeAt`] replaces the one before. At that time give [`ClientInput::Wake`];
//!    a timer that rings too early is asked for once more.
//!
//! # The driving loop
//!
//! ```
//! use pluresdb::model::{Frontier, SpaceId};
//! use pluresdb::sync::{Client, ClientConfig, ClientInput, ClientOutput, State};
//!
//! let mut client = Client::new(ClientConfig {
//!     space: SpaceId([7; 16]),
//!     cursor: None,                // what was persisted with the last `Ingest`
//!     frontier: Frontier::new(),   // of the durable local log
//!     seed: 42,                    // from the shell's entropy; spreads reconnects in time
//! });
//! let mut inputs = vec![ClientInput::Start];
//! let mut status = client.status();
//! # let mut rounds = 0;
//! // In a shell this loop waits for its socket, its database and its timer.
//! while let Some(input) = inputs.pop() {
//!     let now = 0; // milliseconds
//!     client.handle(now, input);
//!     while let Some(output) = client.poll() {
//!         match output {
//!             // Open a WebSocket to `/v1/sync`; then `Connected` or `Disconnected`.
//!             ClientOutput::Connect => inputs.push(ClientInput::Disconnected {
//!                 reason: "nobody listens in this example".into(),
//!             }),
//!             // One binary message.
//!             ClientOutput::Send(_message) => {}
//!             ClientOutput::Close { reason: _ } => {}
//!             // Records of `actor` after `after`, whole, in order, at most `max_bytes` in sum
//!             // but at least one; then `Loaded`.
//!             ClientOutput::Load { ticket, actor: _, after: _, max_bytes: _ } => {
//!                 inputs.push(ClientInput::Loaded { ticket, records: vec![] });
//!             }
//!             // Apply and persist, with the cursor; then `Ingested` with the new frontier.
//!             ClientOutput::Ingest { ticket, records: _, cursor: _ } => {
//!                 inputs.push(ClientInput::Ingested { ticket, frontier: Frontier::new() });
//!             }
//!             // Persist when convenient; no answer.
//!             ClientOutput::SaveCursor(_cursor) => {}
//!             // A record of this actor differs from the relay's: see `ClientOutput::Forked`.
//!             ClientOutput::Forked { actor: _, seq: _ } => {}
//!             ClientOutput::WakeAt(_ms) => {}
//!             ClientOutput::Progress(progress) => status = progress,
//!         }
//!     }
//! #   rounds += 1;
//! #   if rounds > 5 { break }
//! }
//! assert!(matches!(status.state, State::Waiting { .. }));
//! ```
//!
//! Where the shell cannot read its log or cannot store what came (a full disk), it answers
//! [`ClientInput::Failed`] with the ticket: the machine shows the error, keeps the cursor where it
//! was and tries again later.

mod admit;
mod client;
mod code;
mod cursor;
mod message;
mod retry;
mod server;
mod status;
mod wire;

#[cfg(test)]
mod tests;

pub use admit::{Admission, admit};
pub use client::{Client, ClientConfig, ClientInput, ClientOutput};
pub use code::{RefusalReason, RefusedCode};
pub use cursor::{Cursor, FrontierDigest, Mark, RelayId};
pub use message::{
    Append, Appended, BATCH_BYTES, Hello, MAX_FRAME_BYTES, MAX_FRAME_RECORDS, MAX_FRONTIER_ACTORS,
    MAX_IN_FLIGHT, Message, PROTOCOL_VERSION, Pull, Records, Refusal, Refused, WINDOW_BYTES,
    Welcome,
};
pub use retry::{Backoff, FIRST_DELAY_MS, HEALTHY_AFTER_MS, LAST_DELAY_MS};
pub use server::{Opening, Placed, Server, ServerInput, ServerOutput, StoredRecord, close_code};
pub use status::{State, Status, SyncError};
