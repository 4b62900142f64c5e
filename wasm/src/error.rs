//! Failures as JavaScript sees them: `Error` objects with a stable `code`.

use crate::convert::set;
use crate::types::violation_object;
use js_sys::{Array, Reflect};
use std::fmt;
use wasm_bindgen::{JsCast, JsValue};

/// A failure on its way to JavaScript.
#[derive(Debug)]
pub enum Fault {
    /// One of the engine's.
    Engine(pluresdb::Error),
    /// One of these bindings.
    Binding {
        /// Stable.
        code: &'static str,
        /// For people.
        message: String,
    },
}

/// What every exported function gives.
pub type Outcome<T> = Result<T, Fault>;

impl Fault {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self::Binding { code, message: message.into() }
    }

    /// The database is in the middle of a call, which runs code of the application: a getter, say.
    pub(crate) fn in_use() -> Self {
        Self::new(
            "in-use",
            "the database cannot be called by what it is calling: a getter of a value",
        )
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Engine(error) => error.fmt(f),
            Self::Binding { message, .. } => f.write_str(message),
        }
    }
}

impl From<pluresdb::Error> for Fault {
    fn from(error: pluresdb::Error) -> Self {
        Self::Engine(error)
    }
}

impl From<Fault> for JsValue {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Engine(error) => {
                let thrown = coded(error.code(), &error.to_string());
                if let pluresdb::Error::Invalid { violations, .. } = &error {
                    let violations: Array = violations.iter().map(violation_object).collect();
                    set(thrown.unchecked_ref(), &"violations".into(), &violations);
                }
                thrown
            }
            Fault::Binding { code, message } => coded(code, &message),
        }
    }
}

fn coded(code: &str, message: &str) -> JsValue {
    let error = js_sys::Error::new(message);
    // Setting a property of an object made here cannot fail.
    let _ = Reflect::set(&error, &"code".into(), &code.into());
    error.into()
}
