//! What a database learns of its surroundings: a clock that may be wrong, and seeded randomness.

use crate::rng::Rng;
use pluresdb::{Error, Host};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// When every run begins: the 14th of November 2023.
const START_MS: u64 = 1_700_000_000_000;

/// The one true time, in milliseconds since the run began.
#[derive(Debug, Clone, Default)]
pub(crate) struct Time {
    awake: Rc<Cell<u64>>,
    slept: Rc<Cell<u64>>,
}

impl Time {
    pub(crate) fn now(&self) -> u64 {
        self.awake.get() + self.slept.get()
    }

    pub(crate) fn set(&self, now: u64) {
        self.awake.set(now);
    }

    /// Every device sleeps: time passes, and nothing happens.
    pub(crate) fn sleep(&self, ms: u64) {
        self.slept.set(self.slept.get() + ms);
    }
}

/// A device's clock on the wall: the true time, and by how much it is wrong.
#[derive(Debug, Clone, Default)]
pub(crate) struct WallClock {
    time: Time,
    wrong_by: Rc<Cell<i64>>,
}

impl WallClock {
    pub(crate) fn right(time: &Time) -> Self {
        Self { time: time.clone(), wrong_by: Rc::default() }
    }

    pub(crate) fn set_wrong(&self, ms: i64) {
        self.wrong_by.set(ms);
    }

    fn now_ms(&self) -> u64 {
        (START_MS + self.time.now()).saturating_add_signed(self.wrong_by.get())
    }
}

/// When a timer rings that was set for a time to come: every second one a millisecond early, as browsers do it.
pub(crate) const fn ring(now: u64, at: u64) -> u64 {
    let early = at.is_multiple_of(2) && at - now > 1;
    at - early as u64
}

/// The surroundings of one database.
#[derive(Debug)]
pub(crate) struct SimHost {
    clock: WallClock,
    random: RefCell<Rng>,
}

impl SimHost {
    pub(crate) fn boxed(clock: &WallClock, random: Rng) -> Box<dyn Host> {
        Box::new(Self { clock: clock.clone(), random: RefCell::new(random) })
    }
}

impl Host for SimHost {
    fn now_ms(&self) -> u64 {
        self.clock.now_ms()
    }

    fn fill_random(&self, buffer: &mut [u8]) -> Result<(), Error> {
        self.random.borrow_mut().fill(buffer);
        Ok(())
    }
}
