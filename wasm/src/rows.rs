//! The rows of a statement, page by page, in bounded memory.
//!
//! Between two pages the statement stands still, and others may read beside it. Before anything is written, what is
//! left of its rows is read and kept, so that they stay those of the time at which it began; where they are too
//! many for that, they end with an error.

use crate::convert::{self, Parameters};
use crate::database::{CoreDatabase, Shared};
use crate::error::{Fault, Outcome};
use js_sys::Object;
use pluresdb::{SqlLimits, SqlValue, Step};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll, Waker};
use wasm_bindgen::prelude::wasm_bindgen;

/// Bytes of rows that are read ahead for one page.
const MOST_OF_A_PAGE: usize = 16 * 1024 * 1024;

/// Bytes of rows that are kept where something is written before all were asked for.
const MOST_KEPT: usize = 64 * 1024 * 1024;

/// A statement that stands still; polled, it goes on until it has read enough.
type Machine = Pin<Box<dyn Future<Output = Outcome<()>>>>;

/// What was read and is not given yet.
#[derive(Debug, Default)]
struct Page {
    columns: RefCell<Vec<String>>,
    rows: RefCell<VecDeque<Vec<SqlValue>>>,
    bytes: Cell<usize>,
    /// How many rows, and how many bytes of them, are enough for now.
    wanted: Cell<(usize, usize)>,
}

impl Page {
    fn push(&self, columns: &[String], row: Vec<SqlValue>) -> Step {
        if self.columns.borrow().is_empty() {
            columns.clone_into(&mut self.columns.borrow_mut());
        }
        self.bytes.set(self.bytes.get() + footprint(&row));
        let mut rows = self.rows.borrow_mut();
        rows.push_back(row);
        let (count, bytes) = self.wanted.get();
        match rows.len() < count && self.bytes.get() < bytes {
            true => Step::Next,
            false => Step::Pause,
        }
    }
}

/// The rows of a statement under way.
pub(crate) struct Paged {
    page: Rc<Page>,
    /// Absent when it has ended.
    machine: RefCell<Option<Machine>>,
    fault: RefCell<Option<Fault>>,
}

impl Paged {
    /// Lets the statement go on until so much was read or it has ended.
    fn read(&self, count: usize, bytes: usize) {
        self.page.wanted.set((count, bytes));
        let mut slot = self.machine.borrow_mut();
        let Some(machine) = slot.as_mut() else { return };
        let enough = !self.page.rows.borrow().is_empty()
            && (self.page.rows.borrow().len() >= count || self.page.bytes.get() >= bytes);
        if enough {
            return;
        }
        if let Poll::Ready(outcome) = machine.as_mut().poll(&mut Context::from_waker(Waker::noop()))
        {
            *slot = None;
            *self.fault.borrow_mut() = outcome.err();
        }
    }

    /// Reads what is left, before something is written.
    pub(crate) fn settle(&self) {
        self.read(usize::MAX, MOST_KEPT);
        if self.machine.borrow_mut().take().is_some() {
            let message = format!(
                "something was written while the rows of this statement were read, and the rest of them takes more \
                 than the {} MiB that are kept: read it in parts, each with a LIMIT, or write when it has \
                 been read",
                MOST_KEPT / 1024 / 1024
            );
            self.page.rows.borrow_mut().clear();
            self.page.bytes.set(0);
            *self.fault.borrow_mut() = Some(Fault::new("rows-overtaken", message));
        }
    }
}

impl fmt::Debug for Paged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Paged").field("page", &self.page).finish_non_exhaustive()
    }
}

/// The statements under way of a database.
#[derive(Debug, Default)]
pub(crate) struct Under(RefCell<Vec<Weak<Paged>>>);

impl Under {
    fn add(&self, paged: &Rc<Paged>) {
        let mut all = self.0.borrow_mut();
        all.retain(|paged| paged.strong_count() > 0);
        all.push(Rc::downgrade(paged));
    }

    /// Lets none of them stand still any more: something is to be written.
    pub(crate) fn settle(&self) {
        let all = std::mem::take(&mut *self.0.borrow_mut());
        all.iter().filter_map(Weak::upgrade).for_each(|paged| paged.settle());
    }
}

/// Starts a statement, which reads nothing before it is asked for rows.
pub(crate) fn start(
    shared: &Rc<Shared>,
    sql: String,
    parameters: Parameters,
    limits: SqlLimits,
) -> CoreRows {
    let page = Rc::new(Page::default());
    let (shared_here, page_here) = (Rc::clone(shared), Rc::clone(&page));
    #[expect(
        clippy::await_holding_refcell_ref,
        reason = "while it pauses only reads borrow; what writes settles it before"
    )]
    let machine = async move {
        let database = shared_here.reading()?;
        let named = parameters.borrowed();
        let statement = parameters.statement(&sql, &named).limited(limits);
        let columns = database.read_paused(&statement, |columns, row| page_here.push(columns, row));
        *page_here.columns.borrow_mut() = columns.await?;
        Ok(())
    };
    let machine: Machine = Box::pin(machine);
    let paged =
        Rc::new(Paged { page, machine: RefCell::new(Some(machine)), fault: RefCell::default() });
    shared.under.add(&paged);
    CoreRows { paged }
}

/// The rows of a statement, handed on page by page. Freeing it ends the statement.
#[wasm_bindgen]
#[derive(Debug)]
pub struct CoreRows {
    paged: Rc<Paged>,
}

#[wasm_bindgen]
impl CoreRows {
    /// The next rows, at most so many, as `{ columns, rows }`.
    pub fn next(&self, count: u32) -> Outcome<Object> {
        let page = &self.paged.page;
        let count = (count as usize).max(1);
        self.paged.read(count, MOST_OF_A_PAGE);
        let mut rows = page.rows.borrow_mut();
        if rows.is_empty()
            && let Some(fault) = self.paged.fault.borrow_mut().take()
        {
            return Err(fault);
        }
        let count = count.min(rows.len());
        let given: Vec<Vec<SqlValue>> = rows.drain(..count).collect();
        let bytes: usize = given.iter().map(|row| footprint(row)).sum();
        page.bytes.set(page.bytes.get().saturating_sub(bytes));
        Ok(convert::table(&page.columns.borrow(), &given))
    }

    /// Whether all were given.
    #[wasm_bindgen(getter)]
    pub fn done(&self) -> bool {
        let ended = self.paged.machine.borrow().is_none() && self.paged.fault.borrow().is_none();
        ended && self.paged.page.rows.borrow().is_empty()
    }
}

impl CoreDatabase {
    /// The rows of a statement that reads.
    pub(crate) fn paged(&self, sql: &str, parameters: Parameters, limits: SqlLimits) -> CoreRows {
        start(&self.shared, sql.to_owned(), parameters, limits)
    }
}

/// How much memory a row takes.
fn footprint(row: &[SqlValue]) -> usize {
    let texts = row.iter().map(|value| match value {
        SqlValue::Text(text) => text.len(),
        SqlValue::Blob(bytes) => bytes.len(),
        _ => 0,
    });
    size_of::<Vec<SqlValue>>() + size_of_val(row) + texts.sum::<usize>()
}
