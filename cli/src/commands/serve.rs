//! `serve`: a relay and a page in one process.

mod page;
mod place;

use crate::args::Serve;
use crate::failure::{Failure, Outcome};
use crate::interrupt::stopped;
use crate::output::Output;
use page::Page;
use place::Place;
use pluresdb_relay::{Config, Relay, SYNC_PATH};
use serde_json::json;
use std::io::IsTerminal;
use std::net::SocketAddr;
use std::path::PathBuf;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tracing_subscriber::filter::LevelFilter;

/// What the user wants, with the flags read.
struct Plan {
    place: Place,
    store: Store,
    page: Page,
}

/// Where the relay keeps its records.
enum Store {
    Kept(PathBuf),
    /// For as long as it runs.
    Passing(TempDir),
}

pub(crate) fn run(args: Serve, output: &mut Output) -> Outcome {
    let (place, page) = (Place::new(args.listen, args.port)?, Page::new(args.page)?);
    log(output);
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(Failure::file("the system gives no event loop"))?
        .block_on(async {
            // Before there is a store to leave behind, and before anybody can read that it runs.
            let stop = stop();
            let plan = Plan { place, store: Store::new(args.store)?, page };
            serve(plan, stop, output).await
        })
}

async fn serve(
    plan: Plan,
    stop: impl Future<Output = ()> + Send + 'static,
    output: &mut Output,
) -> Outcome {
    let (listener, address) = plan.place.listen(output).await?;
    let mut config = Config::new(plan.store.path());
    config.local = address.ip().is_loopback();
    let relay = Relay::open(config).map_err(|error| Failure::Other {
        code: "store",
        message: format!("the store {} does not open: {error}", plan.store.path().display()),
        hint: None,
    })?;
    greet(&plan, address, output)?;
    let router = relay.router().merge(plan.page.router(address));
    listen_on(listener, router, &relay, stop).await?;
    if matches!(plan.store, Store::Kept(_)) {
        output.remark(format_args!("Stopped; everything is in {}", plan.store.path().display()))?;
    }
    Ok(())
}

async fn listen_on(
    listener: TcpListener,
    router: axum::Router,
    relay: &Relay,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Outcome {
    pluresdb_relay::serve(listener, router, relay, stop)
        .await
        .map_err(Failure::file("the server failed"))
}

/// Ends at the first request to stop. The second one does not wait for connections to close.
fn stop() -> impl Future<Output = ()> + Send + 'static {
    let first = stopped();
    async move {
        first.await;
        tokio::spawn(async {
            stopped().await;
            std::process::exit(130);
        });
    }
}

fn greet(plan: &Plan, address: SocketAddr, output: &mut Output) -> Outcome {
    let everywhere = address.ip().is_unspecified();
    let host =
        if everywhere { format!("127.0.0.1:{}", address.port()) } else { address.to_string() };
    let (url, sync) = (format!("http://{host}/"), format!("ws://{host}{SYNC_PATH}"));
    if output.is_json() {
        let store = match &plan.store {
            Store::Kept(path) => Some(path),
            Store::Passing(_) => None,
        };
        let page = plan.page.folder();
        output.json(&json!({ "url": url, "sync": sync, "store": store, "page": page }))?;
        return output.flush();
    }
    output.line(format_args!("PluresDB is at {url}"))?;
    output.remark(format_args!("Sync with it: pluresdb sync FILE ws://{host}"))?;
    if !address.ip().is_loopback() {
        output.remark(format_args!("Whoever reaches {address} can use this relay"))?;
    }
    if matches!(plan.store, Store::Passing(_)) {
        output.remark(format_args!("What it holds is gone when it ends; --store FILE keeps it"))?;
    }
    output.remark(format_args!("Press Ctrl-C to stop"))?;
    output.flush()
}

/// The relay's warnings, on standard error.
fn log(output: &Output) {
    let level = if output.is_quiet() { LevelFilter::ERROR } else { LevelFilter::WARN };
    let colours = std::io::stderr().is_terminal() && output.may_colour();
    // Another logger cannot be there already: this is the program.
    let _ = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_ansi(colours)
        .with_writer(std::io::stderr)
        .try_init();
}

impl Store {
    fn new(file: Option<PathBuf>) -> Outcome<Self> {
        match file {
            Some(file) => Ok(Self::Kept(file)),
            None => TempDir::with_prefix("pluresdb-relay-")
                .map(Self::Passing)
                .map_err(Failure::file("no temporary folder can be made")),
        }
    }

    fn path(&self) -> PathBuf {
        match self {
            Self::Kept(path) => path.clone(),
            Self::Passing(folder) => folder.path().join("relay.sqlite"),
        }
    }
}
