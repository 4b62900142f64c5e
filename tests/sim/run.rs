//! One run from its plan to its end.

use crate::checks::check;
use crate::failure::{Checked, Failure};
use crate::plan::Plan;
use crate::world::World;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What a run did.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Done {
    pub(crate) records: usize,
    pub(crate) acknowledged: usize,
    pub(crate) steps: u64,
    /// Equal where everything happened at the same time in the same order.
    pub(crate) trace: u64,
}

/// A failure, with the action that was done last.
#[derive(Debug, Clone)]
pub(crate) struct Failed {
    pub(crate) failure: Failure,
    pub(crate) action: usize,
}

thread_local! {
    static PANIC: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Keeps what a panic says, for its run's report.
pub(crate) fn catch_panics() {
    std::panic::set_hook(Box::new(|info| {
        PANIC.with(|panic| *panic.borrow_mut() = info.to_string())
    }));
}

/// Runs a plan.
pub(crate) fn run(plan: &Plan) -> Result<Done, Failed> {
    let mut world = World::new(plan);
    let outcome = catch_unwind(AssertUnwindSafe(|| -> Checked {
        world.run()?;
        check(&mut world, plan.seed)
    }));
    let outcome = outcome.unwrap_or_else(|_| {
        let detail = PANIC.with(|panic| panic.take());
        Err(Failure { invariant: "nothing panics", detail })
    });
    match outcome {
        Ok(()) => Ok(Done {
            records: world.ledger.len(),
            acknowledged: world.ledger.acknowledged(),
            steps: world.steps(),
            trace: world.trace(),
        }),
        Err(failure) => Err(Failed { failure, action: world.action }),
    }
}
