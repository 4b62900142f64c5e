//! Makes a failing plan smaller: leaves out what the failure does not need.

use crate::plan::Plan;
use crate::run::run;

/// The most runs that this may take.
const MOST_RUNS: usize = 400;

/// A plan that breaks the same promise with fewer actions.
pub(crate) fn shrink(plan: &Plan, invariant: &'static str) -> Plan {
    let mut best = plan.clone();
    let mut runs = 0;
    let mut chunk = best.actions.len().div_ceil(2).max(1);
    loop {
        let mut at = 0;
        let before = best.actions.len();
        while at < best.actions.len() && runs < MOST_RUNS {
            let mut smaller = best.clone();
            smaller.actions.drain(at..(at + chunk).min(best.actions.len()));
            runs += 1;
            if run(&smaller).is_err_and(|failed| failed.failure.invariant == invariant) {
                best = smaller;
            } else {
                at += chunk;
            }
        }
        if runs >= MOST_RUNS || (chunk == 1 && best.actions.len() == before) {
            return best;
        }
        chunk = (chunk / 2).max(1);
    }
}
