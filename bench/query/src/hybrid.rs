//! Search by words and meaning together on WordNet, with vectors by the model that the product carries. The
//! queries are those of the search by words; making the vector of a query is part of it.

use crate::figure::{Figures, Goal, OURS, best_of, ms};
use crate::{Outcome, Setting, text};
use pluresdb::embed::{STATIC_EN_256, StaticModel};
use pluresdb::types::{FieldDef, FieldKind, Metric, TypeDef, ValueType};
use pluresdb::{Database, SearchMode, SearchOptions};

const ROUNDS: usize = 3;
const TOP: usize = 20;
/// What a search may take, in milliseconds, in a page; natively it is the same goal.
const GOAL: f64 = 10.0;

pub(crate) fn measure(setting: &Setting, figures: &Figures) -> Outcome<()> {
    let weights = std::fs::read(setting.model.join("model.safetensors"))?;
    let vocabulary = std::fs::read_to_string(setting.model.join("vocab.txt"))?;
    let model = StaticModel::read(STATIC_EN_256, weights, &vocabulary)?;
    let folder = tempfile::tempdir_in(&setting.folder)?;
    let mut db =
        Database::create(folder.path().join("wordnet.pluresdb"), pluresdb::Options::default())?;
    db.define_type(&synset())?;
    db.import_jsonl(&std::fs::read_to_string(&setting.wordnet)?, 1)?;
    let (time, ()) = ms(|| {
        while db.embed_pending(&model, 1_000)?.now > 0 {}
        Ok(())
    })?;
    figures.tell("making the vectors of WordNet", "ms", None, vec![(OURS, vec![time])])?;

    let pairs = text::pairs(&db, setting)?;
    let options = SearchOptions {
        kind: Some("Synset"),
        limit: TOP,
        typos: false,
        ..SearchOptions::default()
    };
    for (figure, mode, goal) in [
        ("words and meaning, first 20", SearchMode::Hybrid, Some(Goal::Middle(GOAL))),
        ("meaning, first 20", SearchMode::Meaning, None),
    ] {
        let times = best_of(ROUNDS, &pairs, |(a, b)| {
            db.find_in_mode(&format!("{a} {b}"), mode, &model, &options)?;
            Ok(())
        })?;
        figures.tell(figure, "ms", goal, vec![(OURS, times)])?;
    }
    Ok(())
}

fn synset() -> TypeDef {
    let mut meaning = FieldDef::vector(256, Metric::Cosine);
    if let FieldKind::Vector(vector) = &mut meaning.kind {
        vector.embed_from = vec!["lemmas".into(), "gloss".into()];
    }
    let mut synset = TypeDef::new("Synset")
        .with("lemmas", FieldDef::of(ValueType::Array).full_text(3.0))
        .with("gloss", FieldDef::of(ValueType::String).full_text(1.0))
        .with("meaning", meaning);
    synset.language = Some("en".into());
    synset
}
