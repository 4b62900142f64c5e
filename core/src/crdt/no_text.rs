//! Texts and lists without yrs: every change waits. Nothing is lost, and nothing is read.

use super::doc::{Doc, Ground};
use crate::model::{SharedKind, Stamp, Value};
use alloc::vec::Vec;

pub(super) const fn integrate(_: &mut Doc, _: SharedKind, _: &Ground<'_>) -> Vec<Stamp> {
    Vec::new()
}

pub(super) const fn content(_: &Doc, _: SharedKind, _: &Ground<'_>) -> Value {
    Value::Null
}
