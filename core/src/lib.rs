//! PluresDB.
