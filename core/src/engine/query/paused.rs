//! Statements that pause between rows.
//!
//! A statement and its rows borrow from the connection and from each other, so only a future can keep
//! them together between two pages: it is pending where its reader has asked for a pause, and goes on when it is
//! polled again. No runtime is needed, and what never pauses is ready at once.

use std::future::Future;
use std::ops::ControlFlow;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

/// What to do after a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Go on with the next one.
    Next,
    /// Go on with the next one when polled again.
    Pause,
    /// No more of them are wanted.
    Stop,
}

impl From<ControlFlow<()>> for Step {
    fn from(flow: ControlFlow<()>) -> Self {
        match flow {
            ControlFlow::Continue(()) => Self::Next,
            ControlFlow::Break(()) => Self::Stop,
        }
    }
}

/// Pending once.
#[derive(Debug, Default)]
pub(in crate::engine) struct Pause {
    paused: bool,
}

impl Future for Pause {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        match std::mem::replace(&mut self.paused, true) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    }
}

/// What a future gives that pauses nowhere, or wherever it does goes on at once.
pub(in crate::engine) fn at_once<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
}
