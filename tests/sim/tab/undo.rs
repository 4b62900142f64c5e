//! What was done last, while nothing else has come since: an undo then gives back what was there
//! before, and a redo what was there after it.

use crate::failure::{Checked, broken, engine};
use crate::workload::{Back, Seen, Work};
use pluresdb::Database;

/// The tab's last transaction.
#[derive(Debug, Default)]
pub(super) struct Last(Option<Done>);

#[derive(Debug)]
pub(super) struct Done {
    work: Work,
    /// Where the log ended with it, or with what took it back.
    position: i64,
    before: Seen,
    after: Seen,
    undone: bool,
}

/// A transaction about to be run.
#[derive(Debug)]
pub(super) enum Trial {
    /// One of the user's own, and what it is going to touch.
    New(Work, Seen),
    /// It takes back the last one, or does it again.
    Again(Done),
    /// It takes back something earlier.
    Unknown,
}

impl Last {
    pub(super) fn begin(&mut self, db: &Database, work: &Work) -> Checked<Trial> {
        let last = self.0.take();
        let Some(back) = work.back else {
            return Ok(Trial::New(work.clone(), work.seen(db)?));
        };
        let position = engine(db.position())?;
        let wanted = |done: &Done| done.position == position && done.undone == (back == Back::Redo);
        Ok(last.filter(wanted).map_or(Trial::Unknown, Trial::Again))
    }

    /// Looks at what is there now. Where a clock is wrong, what is written may be older than what is
    /// there, and then does not show.
    pub(super) fn end(&mut self, db: &Database, trial: Trial, clocks_are_right: bool) -> Checked {
        let position = engine(db.position())?;
        self.0 = match trial {
            Trial::New(work, before) => {
                let after = work.seen(db)?;
                Some(Done { work, position, before, after, undone: false })
            }
            Trial::Again(done) => {
                let now = done.work.seen(db)?;
                let wanted = if done.undone { &done.after } else { &done.before };
                if clocks_are_right && now != *wanted {
                    let what = if done.undone {
                        "a redo does again what was taken back"
                    } else {
                        "an undo gives back what was there"
                    };
                    return broken(what, format!("{now:?} in place of {wanted:?}"));
                }
                Some(Done { position, undone: !done.undone, ..done })
            }
            Trial::Unknown => None,
        };
        Ok(())
    }
}
