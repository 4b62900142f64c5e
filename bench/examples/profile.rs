//! One workload of PluresDB again and again, for a profiler to look at.
//!
//! `perf record -g target/release/examples/profile get 100000 10`: the workload (load, load_text, put,
//! get, merge), how many nodes there are, for how many seconds. Databases are in memory, so that
//! waiting for the disk hides nothing.

use pluresdb::{Database, Error, Map, Options, SystemHost};
use pluresdb_bench_common::{Dataset, Node, Random};
use std::hint::black_box;
use std::time::{Duration, Instant};

fn main() -> Result<(), Error> {
    let mut arguments = std::env::args().skip(1);
    let workload = arguments.next().unwrap_or_default();
    let mut number = |default| arguments.next().and_then(|it| it.parse().ok()).unwrap_or(default);
    let (nodes, seconds) = (number(100_000), number(10));
    let until = Instant::now() + Duration::from_secs(seconds);
    let data = Dataset::new(nodes);
    let lines = data.json_lines();

    let (begun, mut done) = (Instant::now(), 0);
    let calls = match workload.as_str() {
        "load" | "load_text" => {
            while Instant::now() < until {
                loaded(&lines, workload == "load_text")?;
                done += nodes;
            }
            begun.elapsed()
        }
        "put" => {
            let mut database = loaded(&lines, false)?;
            let begun = Instant::now();
            while begun.elapsed() < Duration::from_secs(seconds) {
                let node = Node::number(nodes + done);
                database.put(&node.id, node.kind, fields(&node))?;
                done += 1;
            }
            begun.elapsed()
        }
        "get" => {
            let database = loaded(&lines, false)?;
            let (mut random, begun) = (Random::new(1), Instant::now());
            while begun.elapsed() < Duration::from_secs(seconds) {
                black_box(database.get(&Node::id_of(random.below(nodes)))?);
                done += 1;
            }
            begun.elapsed()
        }
        "merge" => {
            let mut database = loaded(&lines, false)?;
            let records = edits(&mut database, nodes)?;
            let begun = Instant::now();
            for batch in records.chunks(250) {
                database.apply(batch)?;
                done += batch.len() as u64;
            }
            begun.elapsed()
        }
        other => panic!("workload {other:?}: one of load, load_text, put, get, merge"),
    };
    println!(
        "{workload}: {done} in {calls:?}, {:?} each",
        calls / u32::try_from(done).unwrap_or(1)
    );
    Ok(())
}

fn loaded(lines: &[String], text_index: bool) -> Result<Database, Error> {
    let options = Options { text_index, ..Options::default() };
    let mut database = Database::in_memory(Box::new(SystemHost), options)?;
    for batch in lines {
        database.import_jsonl(batch, 1)?;
    }
    Ok(database)
}

/// As many records of another replica as there are nodes, each an edit of a random node.
fn edits(database: &mut Database, nodes: u64) -> Result<Vec<Vec<u8>>, Error> {
    let copy = |image: &[u8]| Database::from_image(image, Box::new(SystemHost), Options::default());
    let mut replica = database.with_image(copy)??;
    let (before, mut random) = (replica.position()?, Random::new(2));
    for version in 0..nodes {
        let node = Node::number(random.below(nodes)).edited(version as i64 + 2);
        replica.put(&node.id, node.kind, fields(&node))?;
    }
    Ok(replica.records_after(before, usize::MAX)?.records)
}

fn fields(node: &Node) -> Map {
    serde_json::from_str(&node.json).unwrap_or_else(|error| panic!("the dataset is JSON: {error}"))
}
