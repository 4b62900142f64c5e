//! Why storage fails, in words for the user.

use crate::error::Fault;
use js_sys::Error;
use std::fmt;
use wasm_bindgen::{JsCast, JsValue};

/// Of no exception.
const DELETED: &str = "Deleted";

/// A failure of IndexedDB.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StorageError {
    /// Of the exception, as the standard names it; empty where there was none.
    name: String,
    message: String,
}

impl StorageError {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { name: String::new(), message: message.into() }
    }

    /// From an exception.
    pub(super) fn thrown(value: &JsValue) -> Self {
        if !value.is_object() {
            return Self::new("the browser gave no reason");
        }
        // A DOMException has the fields of an Error and may be of another realm.
        let error: &Error = value.unchecked_ref();
        Self { name: error.name().into(), message: error.message().into() }
    }

    /// What was stored is there no more.
    pub(super) fn deleted(what_now: &str) -> Self {
        Self {
            name: DELETED.to_owned(),
            message: format!("the stored database was deleted while it was open: {what_now}"),
        }
    }

    /// Whether the connection is gone, so that a new one may help.
    pub(super) fn is_disconnected(&self) -> bool {
        self.name == "InvalidStateError"
    }
}

impl fmt::Display for StorageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.name.as_str(), self.message.as_str()) {
            ("QuotaExceededError", _) => f.write_str(
                "the browser's storage for this site is full: free some, or ask for more with \
                 navigator.storage.persist()",
            ),
            ("VersionError", _) => f.write_str(
                "the stored database was opened by a later version of PluresDB, which brought it to \
                 a layout that this one does not know: load the page anew to have that version here",
            ),
            ("" | DELETED, message) => f.write_str(message),
            (name, "") => f.write_str(name),
            (name, message) => write!(f, "{name}: {message}"),
        }
    }
}

impl std::error::Error for StorageError {}

impl From<StorageError> for Fault {
    fn from(error: StorageError) -> Self {
        let code = match error.name.as_str() {
            "VersionError" => "format",
            DELETED => "deleted",
            _ => "storage",
        };
        Self::new(code, error.to_string())
    }
}

impl From<StorageError> for JsValue {
    fn from(error: StorageError) -> Self {
        Fault::from(error).into()
    }
}
