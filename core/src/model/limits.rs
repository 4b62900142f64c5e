//! The sizes that bound memory. They are part of the format: a reader refuses what exceeds them.

/// Longest id, type, label or edge key, in bytes of UTF-8.
pub const MAX_NAME_BYTES: usize = 512;

/// Longest field path, in bytes of UTF-8 with one separator between keys.
pub const MAX_PATH_BYTES: usize = 4096;

/// Deepest nesting of objects and arrays in one value or path.
pub const MAX_DEPTH: usize = 64;

/// Most parts (nodes and edges touched) in one record.
pub const MAX_PARTS: usize = 8192;

/// Largest body of one record before compression, in bytes: 256 KiB.
pub const MAX_RECORD_BODY: usize = 256 * 1024;

/// Largest whole record, in bytes: the body plus header, dependencies, padding and signature.
pub const MAX_RECORD_BYTES: usize = MAX_RECORD_BODY + 16 * 1024;
