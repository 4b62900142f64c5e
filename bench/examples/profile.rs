//! One workload of PluresDB again and again, for a profiler to look at.
//!
//! `perf record -g target/release/examples/profile get 100000 10`: the workload, how many nodes there
//! are, for how many seconds. Databases are in memory, so that waiting for the disk hides nothing; a
//! fourth argument names a file to use in place of that, or is `image`: in memory, opened from the
//! bytes of a file once it was loaded, as pages do.

use pluresdb::{Database, Error, Map, Options, SystemHost};
use pluresdb_bench_common::{Dataset, Node, Random};
use std::hint::black_box;
use std::time::{Duration, Instant};

/// Records merged in one transaction.
const BATCH: usize = 250;
/// Records of the other replica made at once, with the clock stopped.
const AHEAD: u64 = 2_000;

fn main() -> Result<(), Error> {
    let mut arguments = std::env::args().skip(1);
    let workload = arguments.next().unwrap_or_default();
    let mut number = |default| arguments.next().and_then(|it| it.parse().ok()).unwrap_or(default);
    let (nodes, seconds) = (number(100_000), number(10));
    let path = arguments.next();
    let until = Duration::from_secs(seconds);
    let data = Dataset::new(nodes);
    let lines = data.json_lines();
    let load = |text: bool| loaded(&lines, text, path.as_deref());

    let (mut clock, mut done) = (Clock::default(), 0);
    match workload.as_str() {
        "load" | "load_text" => {
            while clock.wall < until {
                clock.run(|| load(workload == "load_text"))?;
                done += nodes;
            }
        }
        "put" | "put_text" => {
            let mut database = load(workload == "put_text")?;
            while clock.wall < until {
                let new: Vec<Node> = (0..AHEAD).map(|at| Node::number(nodes + done + at)).collect();
                let new: Vec<_> = new.iter().map(|node| (node, fields(node))).collect();
                clock.run(|| {
                    new.into_iter()
                        .try_for_each(|(node, data)| database.put(&node.id, node.kind, data))
                })?;
                done += AHEAD;
            }
        }
        "get" => {
            let database = load(false)?;
            let mut random = Random::new(1);
            while clock.wall < until {
                let ids: Vec<_> = (0..AHEAD).map(|_| Node::id_of(random.below(nodes))).collect();
                clock.run(|| {
                    ids.iter().try_for_each(|id| database.get(id).map(|it| drop(black_box(it))))
                })?;
                done += AHEAD;
            }
        }
        "merge" | "merge_new" | "merge_one" => {
            let mut database = load(false)?;
            let copy = |image: &[u8]| {
                Database::from_image(image, Box::new(SystemHost), Options::default())
            };
            let mut replica = database.with_image(copy)??;
            let mut random = Random::new(2);
            while clock.wall < until {
                let before = replica.position()?;
                for at in done..done + AHEAD {
                    let node = match workload.as_str() {
                        "merge_new" => Node::number(nodes + at),
                        _ => Node::number(random.below(nodes)).edited(at as i64 + 2),
                    };
                    replica.put(&node.id, node.kind, fields(&node))?;
                }
                let records = replica.records_after(before, usize::MAX)?.records;
                let batch = if workload == "merge_one" { 1 } else { BATCH };
                clock.run(|| {
                    records.chunks(batch).try_for_each(|it| database.apply(it).map(drop))
                })?;
                done += AHEAD;
            }
        }
        other => panic!(
            "workload {other:?}: one of load, load_text, put, put_text, get, merge, merge_new, merge_one"
        ),
    }
    let each = |time: Duration| time.as_secs_f64() * 1e6 / done as f64;
    println!(
        "{workload}: {done}, us each: {:.2}, on a processor {:.2}",
        each(clock.wall),
        each(clock.cpu)
    );
    Ok(())
}

/// The time that the workload took, without what prepares it.
#[derive(Default)]
struct Clock {
    wall: Duration,
    /// What of it a processor was at work: the same on a busy machine.
    cpu: Duration,
}

impl Clock {
    fn run<R>(&mut self, work: impl FnOnce() -> R) -> R {
        let (begun, cpu) = (Instant::now(), on_processor());
        let result = work();
        self.wall += begun.elapsed();
        self.cpu += on_processor().saturating_sub(cpu);
        result
    }
}

/// How long this process has run on a processor, where the system tells.
fn on_processor() -> Duration {
    let text = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let nanos = text.split(' ').next().and_then(|it| it.parse().ok());
    Duration::from_nanos(nanos.unwrap_or_default())
}

fn loaded(lines: &[String], text_index: bool, path: Option<&str>) -> Result<Database, Error> {
    let options = Options { text_index, ..Options::default() };
    let mut database = match path {
        Some(path) if path != "image" => {
            for ending in ["", "-wal", "-shm"] {
                // What is not there need not go; what cannot go makes `create` fail.
                let _ = std::fs::remove_file(format!("{path}{ending}"));
            }
            Database::create(path, options)?
        }
        _ => Database::in_memory(Box::new(SystemHost), options)?,
    };
    for batch in lines {
        database.import_jsonl(batch, 1)?;
    }
    if path == Some("image") {
        let open = |image: &[u8]| Database::from_image(image, Box::new(SystemHost), options);
        database = database.with_image(open)??;
    }
    Ok(database)
}

fn fields(node: &Node) -> Map {
    serde_json::from_str(&node.json).unwrap_or_else(|error| panic!("the dataset is JSON: {error}"))
}
