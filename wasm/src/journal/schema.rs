//! What is where in IndexedDB. The database's name is this package's prefix and the name in
//! `idb://name`.
//!
//! ```text
//! records   autoIncrement -> Uint8Array    whole records, in the order of their storing: one or a group
//! chunks    hash (binary) -> Uint8Array    pieces of images, by the BLAKE3 of their bytes
//! meta      text -> as below
//!   identity         { space: text, textIndex: boolean, born: text }
//!   newest, previous Uint8Array            manifests of the two checkpoints
//!   dropped          number                records up to this key were deleted
//!   hardened         true                  what relaxed writes are made durable with
//!   actor/<hex>      true                  the pool of actors that tabs lease
//!   head/<hex>       Uint8Array            last record that this actor stored: seq, hash
//!   cursor/<relay>   Uint8Array            how far that relay's log was taken in
//! ```

/// The layout's version, as IndexedDB counts them. 1 had no groups of records.
pub(super) const VERSION: u32 = 2;

pub(super) const RECORDS: &str = "records";
pub(super) const CHUNKS: &str = "chunks";
pub(super) const META: &str = "meta";

pub(super) const IDENTITY: &str = "identity";
pub(super) const NEWEST: &str = "newest";
pub(super) const PREVIOUS: &str = "previous";
pub(super) const DROPPED: &str = "dropped";
pub(super) const HARDENED: &str = "hardened";
const ACTOR: &str = "actor/";
const HEAD: &str = "head/";
const CURSOR: &str = "cursor/";

/// The first key behind those of the pool: "0" follows "/".
pub(super) const ACTORS: (&str, &str) = (ACTOR, "actor0");

/// The same of the ends of logs.
pub(super) const HEADS: (&str, &str) = (HEAD, "head0");

/// The same of the cursors of relays.
pub(super) const CURSORS: (&str, &str) = (CURSOR, "cursor0");

/// The name in IndexedDB of the database `idb://name`.
pub(super) fn database(name: &str) -> String {
    format!("pluresdb:{name}")
}

pub(super) fn actor(hex: &str) -> String {
    format!("{ACTOR}{hex}")
}

pub(super) fn actor_of(key: &str) -> Option<String> {
    key.strip_prefix(ACTOR).map(str::to_owned)
}

pub(super) fn head(hex: &str) -> String {
    format!("{HEAD}{hex}")
}

pub(super) fn head_of(key: &str) -> Option<&str> {
    key.strip_prefix(HEAD)
}

pub(super) fn cursor(relay: &str) -> String {
    format!("{CURSOR}{relay}")
}
