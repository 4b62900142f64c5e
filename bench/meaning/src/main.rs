//! How well a search finds the entry of WordNet that a usage example belongs to: by words, by meaning,
//! and by both, with the weight of meaning tuned on one half of the examples and measured on the other.

mod task;

use clap::Parser;
use pluresdb::embed::{Embedder, STATIC_EN_256, StaticModel};
use pluresdb::types::{FieldDef, FieldKind, Metric, TypeDef, ValueType};
use pluresdb::{Database, Error, Hit, MEANING_WEIGHT, Meaning, Map, Value, object};
use std::path::PathBuf;
use std::time::{Duration, Instant};
use task::{Query, Task};

/// Hits that are looked at.
const DEPTH: usize = 100;

#[derive(Parser)]
struct Args {
    /// WordNet as JSON Lines
    #[arg(long)]
    wordnet: PathBuf,
    /// The folder of the model
    #[arg(long)]
    model: PathBuf,
    /// How many usage examples are asked
    #[arg(long, default_value_t = 4_000)]
    queries: usize,
    /// A type that says nothing of its texts, in place of English with weighted fields
    #[arg(long)]
    plain: bool,
    /// Few examples, to see that everything runs
    #[arg(long)]
    quick: bool,
}

/// What one way to search gives, over some queries.
#[derive(Default)]
struct Score {
    reciprocal: f64,
    in_ten: u32,
    queries: u32,
    times: Vec<Duration>,
}

impl Score {
    fn add(&mut self, query: &Query, hits: &[Hit], took: Duration) {
        self.queries += 1;
        self.times.push(took);
        if let Some(place) = hits.iter().position(|hit| hit.node.id == query.id) {
            self.reciprocal += 1.0 / (place + 1) as f64;
            self.in_ten += u32::from(place < 10);
        }
    }

    fn mrr(&self) -> f64 {
        self.reciprocal / f64::from(self.queries.max(1))
    }

    fn row(&mut self, name: &str) -> String {
        self.times.sort_unstable();
        let median = self.times.get(self.times.len() / 2).copied().unwrap_or_default();
        let in_ten = f64::from(self.in_ten) / f64::from(self.queries.max(1));
        format!("| {name} | {:.3} | {in_ten:.3} | {:.1} ms |", self.mrr(), median.as_secs_f64() * 1e3)
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args = Args::parse();
    let weights = std::fs::read(args.model.join("model.safetensors"))?;
    let vocabulary = std::fs::read_to_string(args.model.join("vocab.txt"))?;
    let started = Instant::now();
    let model = StaticModel::read(STATIC_EN_256, weights, &vocabulary)?;
    println!("model read in {:.0} ms", started.elapsed().as_secs_f64() * 1e3);

    let task = Task::read(&args.wordnet, if args.quick { 40 } else { args.queries })?;
    println!("{} entries, {} usage examples", task.entries.len(), task.queries.len());
    encode(&model, &task);
    let mut db = filled(&task, args.plain)?;
    let started = Instant::now();
    while db.embed_pending(&model, 2_000)?.now > 0 {}
    let seconds = started.elapsed().as_secs_f64();
    println!("{} vectors made and stored in {seconds:.1} s", task.entries.len());

    let (first, second) = task.halves();
    let mut best = (0.0, 0.0);
    for tenths in 0..=10 {
        let weight = f64::from(tenths) / 10.0;
        let score = measure(&first, |query| hybrid(&mut db, &model, query, weight))?;
        println!("first half, weight {weight:.1}: MRR {:.3}", score.mrr());
        if score.mrr() > best.0 {
            best = (score.mrr(), weight);
        }
    }
    println!("best weight on the first half: {:.1}; the default is {MEANING_WEIGHT}\n", best.1);

    println!("| second half, {} examples | MRR | in the first 10 | time p50 |", second.len());
    println!("|---|---|---|---|");
    let mut words = measure(&second, |query| hybrid(&mut db, &model, query, 0.0))?;
    println!("{}", words.row("words: any of them, BM25"));
    let mut meaning = measure(&second, |query| by_meaning(&mut db, &model, query))?;
    println!("{}", meaning.row("meaning: static-en-256"));
    let mut both = measure(&second, |query| hybrid(&mut db, &model, query, MEANING_WEIGHT))?;
    println!("{}", both.row("both, as search does it"));
    if !args.quick && both.mrr() <= words.mrr().max(meaning.mrr()) {
        return Err("both together find less than one alone".into());
    }
    Ok(())
}

/// Says how long a sentence takes.
fn encode(model: &StaticModel, task: &Task) {
    let started = Instant::now();
    let made = task.queries.iter().filter(|query| model.vector(&query.text).is_some()).count();
    let each = started.elapsed().as_secs_f64() / task.queries.len().max(1) as f64;
    println!("{made} examples encoded, {:.1} us each", each * 1e6);
}

fn filled(task: &Task, plain: bool) -> Result<Database, Error> {
    let mut db = Database::memory()?;
    let mut meaning = FieldDef::vector(256, Metric::Cosine);
    if let FieldKind::Vector(vector) = &mut meaning.kind {
        vector.embed_from = vec!["lemmas".into(), "gloss".into()];
    }
    let mut entry = TypeDef::new("Entry").with("meaning", meaning);
    if !plain {
        entry = entry
            .with("lemmas", FieldDef::of(ValueType::Array).full_text(3.0))
            .with("gloss", FieldDef::of(ValueType::String).full_text(1.0));
        entry.language = Some("en".into());
    }
    db.define_type(&entry)?;
    for entries in task.entries.chunks(500) {
        db.transaction(|tx| {
            for entry in entries {
                let lemmas = entry.lemmas.iter().map(|lemma| Value::from(lemma.as_str())).collect();
                let data: Map = object([
                    ("lemmas", Value::Array(lemmas)),
                    ("gloss", entry.gloss.as_str().into()),
                ]);
                tx.put(&entry.id, "Entry", data)?;
            }
            Ok(())
        })?;
    }
    Ok(db)
}

fn measure(
    queries: &[&Query],
    mut search: impl FnMut(&Query) -> Result<Vec<Hit>, Error>,
) -> Result<Score, Error> {
    let mut score = Score::default();
    for query in queries {
        let started = Instant::now();
        let hits = search(query)?;
        score.add(query, &hits, started.elapsed());
    }
    Ok(score)
}

fn hybrid(
    db: &mut Database,
    model: &StaticModel,
    query: &Query,
    weight: f64,
) -> Result<Vec<Hit>, Error> {
    let vector = model.vector(&query.text).unwrap_or_default();
    let meaning = Meaning { model: model.model(), vector: &vector };
    db.search_hybrid(&query.text, meaning, None, DEPTH, weight)
}

fn by_meaning(db: &mut Database, model: &StaticModel, query: &Query) -> Result<Vec<Hit>, Error> {
    let vector = model.vector(&query.text).unwrap_or_default();
    let meaning = Meaning { model: model.model(), vector: &vector };
    db.search_by_meaning(meaning, None, DEPTH)
}
