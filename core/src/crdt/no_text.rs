//! Texts and lists without yrs: every change waits. Nothing is lost, and nothing is read.

use super::doc::Doc;
use crate::model::{SharedKind, Value};

pub(super) const fn integrate(_: &mut Doc, _: SharedKind, _: Option<&Value>) {}

pub(super) const fn content(_: &Doc, _: SharedKind, _: Option<&Value>) -> Value {
    Value::Null
}
