//! Folding changes into a field's document, each when all it builds on is in.

use super::super::doc::{Doc, Ground};
use super::client::{base_client_on, writes_as};
use super::document::{content, sequence_of};
use super::opened::{Kept, Opened, YJS_CLIENTS};
use super::recent;
use super::sequence::{Sequence, Taken, Unfit};
use super::sound;
use crate::model::{ActorId, SharedKind, Stamp};
use alloc::vec::Vec;
use std::panic::{AssertUnwindSafe, catch_unwind};
use yrs::updates::decoder::Decode;

/// Integrates the changes that wait on the document's floor, as far as what they build on is
/// there. One that can never be is dropped and given: it is no update, or writes in another's name.
pub(in super::super) fn integrate(
    doc: &mut Doc,
    kind: SharedKind,
    ground: &Ground<'_>,
) -> Vec<Stamp> {
    let mut refused = Vec::new();
    let (mut changed, mut progress) = (false, true);
    while progress {
        progress = false;
        let ready: Vec<_> = doc
            .waiting
            .iter()
            .filter(|(_, change)| change.floor == doc.floor)
            .map(|(stamp, change)| (*stamp, change.update.clone()))
            .collect();
        for (stamp, update) in ready {
            // A document of yrs must not be used after a panic inside it; it is dropped here.
            let tried = AssertUnwindSafe(|| attempt(doc, kind, ground, &stamp.actor, &update));
            match catch_unwind(tried).unwrap_or(Attempt::Never) {
                Attempt::Done(Kept { state, clocks }) => {
                    (doc.state, doc.clocks, doc.content) = (state, clocks, None);
                    doc.waiting.remove(&stamp);
                    changed = true;
                    progress = true;
                }
                Attempt::Never => {
                    doc.waiting.remove(&stamp);
                    refused.push(stamp);
                }
                Attempt::Early => {}
            }
        }
    }
    if changed {
        doc.content = Some(content(doc, kind, ground));
    }
    refused
}

enum Attempt {
    Done(Kept),
    Early,
    Never,
}

fn attempt(
    doc: &Doc,
    kind: SharedKind,
    ground: &Ground<'_>,
    author: &ActorId,
    bytes: &[u8],
) -> Attempt {
    let Some(update) = sound::read(bytes) else {
        return Attempt::Never;
    };
    let foreign = |client: u64| !writes_as(author, client) && client >= YJS_CLIENTS;
    if update.clients.iter().any(|written| foreign(written.client)) {
        return Attempt::Never;
    }
    let firsts: Vec<_> =
        update.clients.iter().map(|written| (written.client, written.first)).collect();
    if kind == SharedKind::Text
        && let Ok(attempt) = in_sequence(doc, ground, update, bytes)
    {
        return attempt;
    }
    let Some(opened) = Opened::of(doc, kind, ground, base_client_on(ground.floor)) else {
        return Attempt::Never;
    };
    // A hole before the first operation of a client would be skipped over silently by yrs.
    if firsts.iter().any(|(client, first)| *first > opened.next_clock(*client)) {
        return Attempt::Early;
    }
    let Ok(update) = yrs::Update::decode_v1(bytes) else {
        return Attempt::Never;
    };
    match opened.apply(update) {
        Some(()) => opened.kept().map_or(Attempt::Never, Attempt::Done),
        None => Attempt::Early,
    }
}

/// The same where the text can be held as a sequence.
fn in_sequence(
    doc: &Doc,
    ground: &Ground<'_>,
    update: sound::Update<'_>,
    bytes: &[u8],
) -> Result<Attempt, Unfit> {
    // What this device writes was made in it.
    if let Some(sequence) = recent::take(&doc.state, Some(bytes)) {
        return Ok(done(sequence));
    }
    let mut sequence = sequence_of(doc, ground)?;
    match sequence.take(update)? {
        Taken::Done => Ok(done(sequence)),
        Taken::Early => {
            recent::keep(&doc.state, None, sequence);
            Ok(Attempt::Early)
        }
    }
}

fn done(mut sequence: Sequence) -> Attempt {
    let state = sequence.state();
    let clocks = sequence.clocks().collect();
    recent::keep(&state, None, sequence);
    Attempt::Done(Kept { state, clocks })
}
