//! Plain data: what a database, a record and a change are made of.
//!
//! This layer knows nothing of bytes, merging, storage or networks; every other layer speaks in
//! its words. It needs `alloc` only.

mod change;
mod frontier;
mod gather;
mod head;
mod hlc;
mod id;
mod limits;
mod name;
mod path;
mod record;
mod value;
mod value_serde;

pub use change::{EdgeRef, Op, Part, SeenAdd, SharedChange, SharedKind, SharedOp, Target, Write};
pub use frontier::Frontier;
pub(crate) use gather::gather;
pub use head::{Head, Place};
pub use hlc::{Clock, ClockError, FAMILY_BYTES, Floor, Hlc, MAX_DRIFT_MS, Stamp};
pub use id::{ActorId, IdError, RecordHash, SpaceId};
pub use limits::{
    MAX_DEPTH, MAX_NAME_BYTES, MAX_PARTS, MAX_PATH_BYTES, MAX_RECORD_BODY, MAX_RECORD_BYTES,
};
pub use name::{NameError, NameKind, check_name};
pub use path::{Path, PathError};
pub use record::{Dependency, Header, Record};
pub use value::{BYTES_KEY, Map, Value, ValueError, object};
