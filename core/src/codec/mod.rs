//! Bytes to model and back.
//!
//! Every reader here takes bytes from outside: whatever they are, it gives a value or an error, in
//! memory bounded by the length of the input and the limits of the model. It knows no merging, no
//! storage and no cryptography.

mod bytes;
mod error;
mod names;
mod parts;
mod readdress;
mod record;
mod shared;
mod value;

pub use bytes::{Reader, Writer};
pub use error::{DecodeError, Fault};
pub use parts::{read_parts, write_parts};
pub use readdress::readdress;
pub use record::{Draft, EncodeError, FORMAT_VERSION, Frame, decode_header, decode_record};
pub use shared::{read_floor, read_stamp, write_floor, write_stamp};
pub use value::{read_value, write_value};
