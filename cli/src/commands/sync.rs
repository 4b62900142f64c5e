//! `sync`: the shell around [`pluresdb::sync::Client`]: its socket, its clock and its database.

mod database;
mod report;
mod socket;

use crate::args::Sync;
use crate::failure::{Failure, Outcome};
use crate::interrupt::{runtime, stopped};
use crate::output::Output;
use database::Local;
use pluresdb::Frontier;
use pluresdb::sync::{Client, ClientConfig, ClientInput, ClientOutput, Status};
use report::Report;
use socket::{Line, Word};
use std::collections::VecDeque;
use std::hash::{BuildHasher, RandomState};
use std::ops::ControlFlow;
use std::pin::pin;
use std::time::{Duration, Instant};

/// How often the file is looked at for what other processes wrote, with --live.
const LOOK: Duration = Duration::from_millis(250);

/// How often it is kept what the relay holds, with --live.
const CONFIRM: Duration = Duration::from_secs(30);

/// What the user wants, with the flags read.
#[derive(Debug)]
struct Plan {
    url: String,
    live: bool,
    patience: Duration,
}

pub(crate) fn run(args: Sync, output: &mut Output) -> Outcome {
    let plan = Plan {
        url: socket::sync_url(&args.url)?,
        live: args.live,
        patience: Duration::from_secs(args.timeout),
    };
    let local = Local::new(super::open(&args.file)?, plan.url.clone());
    let session = Session::new(plan, local)?;
    runtime()?.block_on(session.drive(output))
}

/// A sync under way.
struct Session {
    plan: Plan,
    local: Local,
    client: Client,
    line: Line,
    started: Instant,
    alarm: Option<u64>,
    /// When the file was last looked at.
    looked: Instant,
    met: bool,
    /// What the relay holds, as it was last kept, and when.
    confirmed: Frontier,
    confirmed_at: Instant,
}

/// What the session waits for.
enum Event {
    Word(Word),
    Wake,
    Look,
    Late,
    Stop,
}

impl Session {
    fn new(plan: Plan, mut local: Local) -> Outcome<Self> {
        local.news()?;
        let client = Client::new(ClientConfig {
            space: local.space(),
            cursor: local.cursor()?,
            frontier: local.frontier()?,
            // A hasher is made with random keys.
            seed: RandomState::new().hash_one(std::process::id()),
        });
        let (started, line) = (Instant::now(), Line::Down);
        Ok(Self {
            plan,
            local,
            client,
            line,
            started,
            alarm: None,
            looked: started,
            met: false,
            confirmed: Frontier::new(),
            confirmed_at: started,
        })
    }

    async fn drive(mut self, output: &mut Output) -> Outcome {
        let mut report = Report::new(output, self.plan.live);
        let mut stop = pin!(stopped());
        let mut event = None;
        loop {
            let inputs = match event {
                None => vec![ClientInput::Start],
                Some(Event::Word(Word::Open)) => vec![ClientInput::Connected],
                Some(Event::Word(Word::Message(bytes))) => vec![ClientInput::Received(bytes)],
                Some(Event::Word(Word::Lost(reason))) => vec![ClientInput::Disconnected { reason }],
                Some(Event::Wake) => vec![ClientInput::Wake],
                Some(Event::Look) => {
                    if self.confirmed_at.elapsed() >= CONFIRM {
                        self.confirm()?;
                    }
                    self.local.news()?
                }
                Some(Event::Late) => return Err(self.too_late()),
                Some(Event::Stop) if self.plan.live => break,
                Some(Event::Stop) => return Err(self.interrupted()),
            };
            if !inputs.is_empty() && self.give(inputs, &mut report, output)?.is_break() {
                break;
            }
            event = Some(tokio::select! {
                () = &mut stop => Event::Stop,
                event = self.next() => event,
            });
        }
        self.hang_up(&mut report, output).await?;
        report.end(output, &self.client.status(), self.local.findings(), self.started.elapsed())
    }

    /// Gives inputs, and does all that the machine then asks for. Breaks when all is done.
    fn give(
        &mut self,
        inputs: Vec<ClientInput>,
        report: &mut Report,
        output: &mut Output,
    ) -> Outcome<ControlFlow<()>> {
        let mut flow = ControlFlow::Continue(());
        let mut inputs = VecDeque::from(inputs);
        while let Some(input) = inputs.pop_front() {
            self.client.handle(self.now(), input);
            while let Some(asked) = self.client.poll() {
                match asked {
                    ClientOutput::Connect => self.line = Line::open(&self.plan.url),
                    ClientOutput::Send(message) => self.line.send(message),
                    ClientOutput::Close { .. } => self.line.close(),
                    ClientOutput::Load { ticket, actor, after, max_bytes } => {
                        inputs.push_back(self.local.load(ticket, actor, after, max_bytes));
                    }
                    ClientOutput::Ingest { ticket, records, cursor } => {
                        inputs.extend(self.local.ingest(ticket, &records, &cursor));
                    }
                    ClientOutput::SaveCursor(cursor) => self.local.save(&cursor)?,
                    // It is resolved as the relay's branch comes; until then nothing is to be done.
                    ClientOutput::Forked { .. } => {}
                    ClientOutput::WakeAt(at) => self.alarm = Some(at),
                    ClientOutput::Progress(status) => {
                        if status.relay.is_some() && is_connected(&status) {
                            self.met = true;
                            self.local.compare(self.client.relay_frontier());
                        }
                        report.progress(output, &status)?;
                        if let Some(forgotten) = self.local.take_forgotten() {
                            return Err(forgotten.into());
                        }
                        if !self.plan.live && self.is_over(&status)? {
                            flow = ControlFlow::Break(());
                        }
                    }
                }
            }
        }
        // A status that was settled may be followed by one that is not.
        if flow.is_break() && !self.client.status().settled {
            flow = ControlFlow::Continue(());
        }
        Ok(flow)
    }

    /// Whether a sync without --live has reached its end; an error that time does not heal ends it
    /// as well.
    fn is_over(&self, status: &Status) -> Outcome<bool> {
        match &status.error {
            Some(error) if report::is_final(error, status, self.met) => {
                Err(report::failure(error, &self.plan.url))
            }
            _ => Ok(status.settled),
        }
    }

    async fn next(&mut self) -> Event {
        let now = self.now();
        let wake = sleep(self.alarm.map(|at| Duration::from_millis(at.saturating_sub(now))));
        let (look, late) = if self.plan.live {
            (Some(LOOK.saturating_sub(self.looked.elapsed())), None)
        } else {
            (None, Some(self.plan.patience.saturating_sub(self.started.elapsed())))
        };
        let event = tokio::select! {
            word = self.line.next() => Event::Word(word),
            () = wake => Event::Wake,
            () = sleep(look) => Event::Look,
            () = sleep(late) => Event::Late,
        };
        match &event {
            Event::Wake => self.alarm = None,
            Event::Look => self.looked = Instant::now(),
            Event::Word(Word::Lost(_)) => self.line = Line::Down,
            _ => {}
        }
        event
    }

    /// Ends the connection in order, and keeps the cursor.
    async fn hang_up(&mut self, report: &mut Report, output: &mut Output) -> Outcome {
        self.confirm()?;
        // The summary is of the session before its end.
        report.freeze(self.client.status());
        let _ = self.give(vec![ClientInput::Stop], report, output)?;
        self.line.finish().await;
        Ok(())
    }

    /// Keeps what the relay holds, where that has changed.
    fn confirm(&mut self) -> Outcome {
        let held = self.client.relay_frontier();
        if let Some(relay) = self.client.status().relay
            && *held != self.confirmed
        {
            self.local.confirm(relay, held)?;
            self.confirmed = held.clone();
        }
        self.confirmed_at = Instant::now();
        Ok(())
    }

    fn now(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn too_late(&self) -> Failure {
        let status = self.client.status();
        if let Some(error) = &status.error {
            return report::failure(error, &self.plan.url);
        }
        Failure::Other {
            code: "timeout",
            message: format!(
                "not settled after {} s: {}",
                self.plan.patience.as_secs(),
                report::words(&status)
            ),
            hint: Some("what came so far is kept; sync again, or with a longer --timeout".into()),
        }
    }

    fn interrupted(&self) -> Failure {
        let words = report::words(&self.client.status());
        Failure::Interrupted(format!("stopped before all was synced: {words}"))
    }
}

fn is_connected(status: &Status) -> bool {
    use pluresdb::sync::State;
    matches!(status.state, State::CatchingUp | State::Live)
}

/// Never, where there is nothing to wait for.
async fn sleep(duration: Option<Duration>) {
    match duration {
        Some(duration) => tokio::time::sleep(duration).await,
        None => std::future::pending().await,
    }
}
