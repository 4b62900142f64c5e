//! Vectors made of texts: what is to be made follows the nodes, and a crash, a change in between or a
//! model that fails loses none.

use crate::{log, replica, text};
use pluresdb::embed::{EmbedError, Embedder, Vectors};
use pluresdb::types::{FieldDef, FieldKind, Metric, TypeDef, ValueType};
use pluresdb::{
    Database, Embedding, Error, FaultPlace, Leases, Marks, Near, Options, Path, SearchMode,
    SearchOptions, SqlValue, Value, object,
};
use rusqlite::Connection;
use std::cell::RefCell;
use std::path::Path as FilePath;
use tempfile::TempDir;

/// A model that counts letters, and keeps what it was asked.
struct Letters {
    name: &'static str,
    dimension: usize,
    asked: RefCell<Vec<String>>,
}

impl Letters {
    fn new(name: &'static str, dimension: usize) -> Self {
        Self { name, dimension, asked: RefCell::default() }
    }

    fn take_asked(&self) -> Vec<String> {
        self.asked.take()
    }
}

impl Embedder for Letters {
    fn model(&self) -> &str {
        self.name
    }

    fn dimension(&self) -> usize {
        self.dimension
    }

    fn embed(&self, texts: &[&str]) -> Result<Vectors, EmbedError> {
        self.asked.borrow_mut().extend(texts.iter().map(|text| (*text).to_owned()));
        let vector = |text: &&str| {
            let mut vector = vec![0.0; self.dimension];
            let letters: Vec<u8> = text.bytes().filter(u8::is_ascii_alphabetic).collect();
            for letter in &letters {
                vector[usize::from(*letter) % self.dimension] += 1.0;
            }
            (!letters.is_empty()).then_some(vector)
        };
        Ok(texts.iter().map(vector).collect())
    }
}

/// A model that fails in one way.
struct Failing(Result<Vectors, EmbedError>);

impl Embedder for Failing {
    fn model(&self) -> &str {
        "failing"
    }

    fn dimension(&self) -> usize {
        4
    }

    fn embed(&self, _: &[&str]) -> Result<Vectors, EmbedError> {
        self.0.clone()
    }
}

fn note(dimension: u32, sources: &[&str]) -> TypeDef {
    let mut meaning = FieldDef::vector(dimension, Metric::Cosine);
    if let FieldKind::Vector(vector) = &mut meaning.kind {
        vector.embed_from = sources.iter().map(|&source| source.to_owned()).collect();
    }
    TypeDef::new("Note").with("title", FieldDef::of(ValueType::String)).with("meaning", meaning)
}

fn defined() -> Database {
    let mut db = replica();
    db.define_type(&note(4, &["title", "tags"])).unwrap();
    db
}

fn put(db: &mut Database, id: &str, title: &str) {
    db.put(id, "Note", object([("title", text(title)), ("done", false.into())])).unwrap();
}

fn progress(made: u64, pending: u64) -> Embedding {
    Embedding { made, pending }
}

/// Embeds in batches until nothing is made; gives how far that brought it.
fn embed_all(db: &mut Database, model: &Letters, batch: usize) -> Embedding {
    loop {
        let done = db.embed_pending(model, batch).unwrap();
        if done.now == 0 {
            return done.progress;
        }
    }
}

#[test]
fn texts_of_the_named_fields_are_embedded_in_batches() {
    let mut db = defined();
    let tags = Value::Array(vec![text("red"), text("blue")]);
    db.put("a", "Note", object([("title", text("Milk")), ("tags", tags), ("body", text("no"))]))
        .unwrap();
    put(&mut db, "b", "Cat");
    put(&mut db, "c", "Fish");
    db.put("d", "Note", object([("body", text("no source here"))])).unwrap();
    db.put("e", "Other", object([("title", text("of another type"))])).unwrap();

    let model = Letters::new("letters", 4);
    let first = db.embed_pending(&model, 2).unwrap();
    assert_eq!((first.now, first.progress), (2, progress(2, 1)));
    assert_eq!(embed_all(&mut db, &model, 2), progress(3, 0));
    assert_eq!(model.take_asked(), ["Milk\nred\nblue\n", "Cat\n", "Fish\n"]);
    assert_eq!(db.check().unwrap(), []);
}

#[test]
fn only_a_change_of_the_text_makes_a_vector_anew() {
    let mut db = defined();
    put(&mut db, "a", "Milk");
    put(&mut db, "b", "Cat");
    let model = Letters::new("letters", 4);
    embed_all(&mut db, &model, 10);
    model.take_asked();

    db.patch("a", vec![(Path::field("done").unwrap(), Some(true.into()))]).unwrap();
    assert_eq!(embed_all(&mut db, &model, 10), progress(2, 0));
    assert_eq!(model.take_asked(), [""; 0]);

    db.patch("b", vec![(Path::field("title").unwrap(), Some(text("Dog")))]).unwrap();
    assert_eq!(db.embedding("letters", 4).unwrap(), progress(1, 1));
    assert_eq!(embed_all(&mut db, &model, 10), progress(2, 0));
    assert_eq!(model.take_asked(), ["Dog\n"]);
}

#[test]
fn what_is_deleted_retyped_emptied_or_given_a_vector_has_none_made() {
    let mut db = defined();
    for id in ["deleted", "retyped", "emptied", "given", "kept"] {
        put(&mut db, id, id);
    }
    let model = Letters::new("letters", 4);
    assert_eq!(embed_all(&mut db, &model, 10), progress(5, 0));

    db.delete("deleted").unwrap();
    db.put("retyped", "Other", object([("title", text("retyped"))])).unwrap();
    db.put("emptied", "Note", object([("title", text(" "))])).unwrap();
    let own = Value::Array([1, 0, 0, 0].map(Value::from).to_vec());
    db.patch("given", vec![(Path::field("meaning").unwrap(), Some(own))]).unwrap();
    assert_eq!(db.embedding("letters", 4).unwrap(), progress(1, 0));
    assert_eq!(db.check().unwrap(), []);
}

#[test]
fn nodes_of_other_replicas_and_those_older_than_the_definition_are_embedded() {
    let mut other = replica();
    put(&mut other, "old", "before");
    other.define_type(&note(4, &["title"])).unwrap();
    put(&mut other, "new", "after");

    let mut db = replica();
    db.apply(&log(&other)).unwrap();
    let model = Letters::new("letters", 4);
    for db in [&mut other, &mut db] {
        assert_eq!(embed_all(db, &model, 10), progress(2, 0));
        assert_eq!(db.check().unwrap(), []);
    }
    assert_eq!(model.take_asked().len(), 4);
    // Vectors are in no record.
    assert_eq!(log(&db).len(), log(&other).len());
    assert_eq!(db.state_hash().unwrap(), other.state_hash().unwrap());
}

#[test]
fn another_model_or_dimension_makes_all_anew() {
    let mut db = defined();
    put(&mut db, "a", "Milk");
    embed_all(&mut db, &Letters::new("m", 4), 10);
    for name in ["a model before it in the alphabet", "z model after it"] {
        assert_eq!(db.embedding(name, 4).unwrap(), progress(0, 1));
        let model = Letters::new(name, 4);
        assert_eq!(embed_all(&mut db, &model, 10), progress(1, 0));
        assert_eq!(model.take_asked().len(), 1);
    }

    db.define_type(&note(8, &["title", "tags"])).unwrap();
    let error = db.embed_pending(&Letters::new("m", 4), 10).unwrap_err();
    assert_eq!(error.code(), "embed-dimension");
    assert!(error.to_string().contains("\"meaning\" of Note takes 8"), "{error}");
    assert_eq!(embed_all(&mut db, &Letters::new("z model after it", 8), 10), progress(1, 0));
    assert_eq!(db.check().unwrap(), []);

    db.define_type(&note(8, &[])).unwrap();
    assert_eq!(embed_all(&mut db, &Letters::new("m", 8), 10), progress(0, 0));
    assert_eq!(db.check().unwrap(), []);
}

#[test]
fn a_vector_of_a_text_that_changed_meanwhile_does_not_count() {
    let mut db = defined();
    put(&mut db, "a", "Milk");
    put(&mut db, "b", "Cat");
    let asked = db.pending_texts("m", 4, 10).unwrap();
    put(&mut db, "a", "Oat milk");
    db.delete("b").unwrap();
    let vectors = vec![Some(vec![1.0; 4]); 2];
    assert_eq!(db.store_vectors("m", 4, &asked, &vectors).unwrap(), 0);
    assert_eq!(db.embedding("m", 4).unwrap(), progress(0, 1));
    let again = db.pending_texts("m", 4, 10).unwrap();
    assert_eq!(again.iter().map(|text| text.text.as_str()).collect::<Vec<_>>(), ["Oat milk\n"]);
}

#[test]
fn a_text_without_words_is_asked_for_once() {
    let mut db = defined();
    put(&mut db, "a", "123");
    let model = Letters::new("letters", 4);
    assert_eq!(embed_all(&mut db, &model, 10), progress(1, 0));
    assert_eq!(model.take_asked().len(), 1);
}

#[test]
fn a_model_that_fails_leaves_all_pending() {
    let mut db = defined();
    put(&mut db, "a", "Milk");
    let cases = [
        (Err(EmbedError::Unreachable("refused".into())), "embed-unreachable"),
        (Err(EmbedError::Refused("no such model".into())), "embed-refused"),
        (Ok(vec![]), "embed-answer"),
        (Ok(vec![Some(vec![1.0; 3])]), "embed-answer"),
        (Ok(vec![Some(vec![1.0, f32::NAN, 0.0, 0.0])]), "embed-answer"),
    ];
    for (answer, code) in cases {
        let error = db.embed_pending(&Failing(answer), 10).unwrap_err();
        assert_eq!(error.code(), code, "{error}");
    }
    assert_eq!(db.embedding("failing", 4).unwrap(), progress(0, 1));
}

fn open(path: &FilePath, leases: &Leases) -> Database {
    Database::open_with(path, leases).unwrap()
}

#[test]
fn what_was_made_is_there_after_a_crash_and_the_rest_is_still_pending() {
    let dir = TempDir::new().unwrap();
    let (path, leases) = (dir.path().join("db.pluresdb"), Leases::at(dir.path()));
    let mut db = Database::create_with(&path, Options::default(), &leases).unwrap();
    db.define_type(&note(4, &["title"])).unwrap();
    for number in 0..10 {
        put(&mut db, &format!("n{number}"), &format!("title {number}"));
    }
    db.embed_pending(&Letters::new("m", 4), 4).unwrap();
    let asked = db.pending_texts("m", 4, 3).unwrap();
    // Never closed: what is not in the files by now is lost.
    std::mem::forget(db);

    let mut db = open(&path, &leases);
    assert_eq!(db.embedding("m", 4).unwrap(), progress(4, 6));
    let again = db.pending_texts("m", 4, 3).unwrap();
    assert_eq!(again, asked);
    assert_eq!(embed_all(&mut db, &Letters::new("m", 4), 4), progress(10, 0));
}

#[test]
fn what_is_noted_wrongly_is_found_and_mended() {
    let damages = [
        "DELETE FROM pdb_vector",
        "UPDATE pdb_vector SET source = x'0000000000000000'",
        "UPDATE pdb_vector SET type = 'Other'",
        "UPDATE pdb_vector SET vector = x'00000000'",
        "INSERT INTO pdb_vector SELECT 77, 77, type, field, source, model, vector FROM pdb_vector",
    ];
    for damage in damages {
        let dir = TempDir::new().unwrap();
        let (path, leases) = (dir.path().join("db.pluresdb"), Leases::at(dir.path()));
        let mut db = Database::create_with(&path, Options::default(), &leases).unwrap();
        db.define_type(&note(4, &["title"])).unwrap();
        put(&mut db, "a", "Milk");
        let model = Letters::new("m", 4);
        embed_all(&mut db, &model, 10);
        assert_eq!(db.check().unwrap(), []);
        drop(db);
        assert!(Connection::open(&path).unwrap().execute(damage, []).unwrap() > 0, "{damage}");

        let mut db = open(&path, &leases);
        let faults = db.check().unwrap();
        assert!(faults.iter().any(|fault| fault.place == FaultPlace::Vectors), "{damage}");
        assert_eq!(db.repair().unwrap().left, [], "{damage}");
        assert_eq!(embed_all(&mut db, &model, 10), progress(1, 0), "{damage}");
        assert_eq!(db.check().unwrap(), [], "{damage}");
    }
}

/// Notes whose letters make known vectors, embedded.
fn searched() -> (Database, Letters) {
    let mut db = defined();
    for (id, title) in [("a", "aaaa"), ("ab", "aaab zebra"), ("b", "bbbb zebra"), ("c", "cccc")] {
        put(&mut db, id, title);
    }
    db.put("other", "Other", object([("title", text("aaaa"))])).unwrap();
    let model = Letters::new("letters", 4);
    embed_all(&mut db, &model, 10);
    (db, model)
}

fn found(db: &mut Database, text: &str, mode: SearchMode, model: &Letters) -> Vec<String> {
    let hits = db.search_in_mode(text, mode, model, Some("Note"), 10).unwrap();
    hits.into_iter().map(|hit| hit.node.id).collect()
}

#[test]
fn a_search_by_meaning_finds_the_nearest_first_and_nothing_for_nothing() {
    let (mut db, model) = searched();
    let hits = db.search_in_mode("a", SearchMode::Meaning, &model, None, 2).unwrap();
    let ids: Vec<_> = hits.iter().map(|hit| hit.node.id.as_str()).collect();
    assert_eq!(ids, ["a", "ab"]);
    assert!((hits[0].score - 1.0).abs() < 1e-6 && hits[1].score < 0.99, "{hits:?}");
    assert_eq!(found(&mut db, "123", SearchMode::Meaning, &model), [""; 0]);
    assert_eq!(found(&mut db, "aaaa", SearchMode::Words, &model), ["a"]);
}

#[test]
fn a_word_that_most_nodes_have_does_not_outrank_meaning() {
    let (mut db, model) = searched();
    for id in ["d1", "d2", "d3", "d4", "d5", "d6"] {
        put(&mut db, id, "dddd zebra");
    }
    embed_all(&mut db, &model, 10);
    // The space says that the last word is whole, so that only the meaning finds the note of it.
    assert_eq!(found(&mut db, "zebra ccccccc ", SearchMode::Hybrid, &model)[0], "c");
}

#[test]
fn a_hybrid_search_ranks_words_and_meaning_together() {
    let (mut db, model) = searched();
    // "zebra" is in two notes, one of which is also near by its letters; the others have no such word.
    let ids = found(&mut db, "zebra aab", SearchMode::Hybrid, &model);
    assert_eq!(ids[0], "ab");
    assert!(ids.contains(&"b".to_owned()) && ids.contains(&"a".to_owned()), "{ids:?}");
    // Without words there is still the meaning, and without meaning there are still the words.
    assert_eq!(found(&mut db, "a", SearchMode::Hybrid, &model)[0], "a");
    put(&mut db, "digits", "4711");
    embed_all(&mut db, &model, 10);
    assert_eq!(found(&mut db, "4711", SearchMode::Hybrid, &model), ["digits"]);
}

#[test]
fn a_hybrid_search_for_few_finds_the_first_of_those_for_many() {
    let (mut db, model) = searched();
    for n in 0..60_usize {
        let word = if n % 3 == 0 { "zebra" } else { "camel" };
        // No two of the same direction: equally near ones are taken in no order of theirs.
        let letters = "a".repeat(n + 1) + &"c".repeat(61 - n);
        put(&mut db, &format!("n{n}"), &format!("{letters} {word}"));
    }
    embed_all(&mut db, &model, 100);
    let ids = |limit| {
        let hits = db.search_in_mode("aaac zebra", SearchMode::Hybrid, &model, None, limit);
        hits.unwrap().into_iter().map(|hit| hit.node.id).collect::<Vec<_>>()
    };
    let all = ids(100);
    assert!(all.len() > 60, "{all:?}");
    for limit in 0..all.len() {
        assert_eq!(ids(limit), all[..limit], "{limit}");
    }
}

#[test]
fn a_hybrid_search_leaves_out_what_must_not_be_there() {
    let (mut db, model) = searched();
    for n in 0..40_usize {
        let word = if n % 4 == 3 { "camel" } else { "zebra" };
        let letters = "a".repeat(n + 1) + &"c".repeat(41 - n);
        put(&mut db, &format!("n{n}"), &format!("{letters} {word}"));
    }
    embed_all(&mut db, &model, 100);
    let ids = |typed: &str, limit| {
        let hits = db.search_in_mode(typed, SearchMode::Hybrid, &model, None, limit);
        hits.unwrap().into_iter().map(|hit| hit.node.id).collect::<Vec<_>>()
    };
    let without = ids("aaac -zebra", 100);
    let camels = without.iter().filter(|id| id.starts_with('n')).count();
    assert_eq!(camels, 10, "{without:?}");
    // Also where the nearest are all unwanted, and where words are found.
    for limit in 0..without.len() {
        assert_eq!(ids("aaac -zebra", limit), without[..limit], "{limit}");
    }
    assert!(ids("camel -zebra", 100).contains(&"n3".to_owned()));
    assert!(!ids("zebra camel -camel", 100).contains(&"n3".to_owned()));
}

#[test]
fn what_is_deleted_or_edited_is_not_found_by_what_it_was() {
    let (mut db, model) = searched();
    db.delete("a").unwrap();
    db.put("c", "Note", object([("title", text(" "))])).unwrap();
    let ids = found(&mut db, "a", SearchMode::Meaning, &model);
    assert_eq!(ids, ["ab", "b"]);
    put(&mut db, "b", "aaaa");
    embed_all(&mut db, &model, 10);
    assert_eq!(found(&mut db, "a", SearchMode::Meaning, &model), ["b", "ab"]);
}

#[test]
fn vectors_of_another_model_are_not_compared_with() {
    let (mut db, _) = searched();
    let other = Letters::new("other", 4);
    assert_eq!(found(&mut db, "a", SearchMode::Meaning, &other), [""; 0]);
}

#[test]
fn a_vector_in_the_node_is_found_in_place_of_one_made_of_its_text() {
    let (mut db, model) = searched();
    let own = Value::Array([1, 0, 0, 0].map(Value::from).to_vec());
    // As far from "aaaa" as can be; its letters are not.
    let data = object([("title", text("aaaa")), ("meaning", own)]);
    db.put("a", "Note", data.clone()).unwrap();
    db.put("without text", "Note", object([("meaning", data["meaning"].clone())])).unwrap();
    let hits = db.search_in_mode("dddd", SearchMode::Meaning, &model, None, 2).unwrap();
    let ids: Vec<_> = hits.iter().map(|hit| hit.node.id.as_str()).collect();
    assert_eq!(ids, ["a", "without text"]);
    assert!((hits[0].score - 1.0).abs() < 1e-9);
    assert_eq!(found(&mut db, "a", SearchMode::Meaning, &model)[0], "ab");
    // Vectors in nodes are of every model.
    let other = Letters::new("other", 4);
    assert_eq!(found(&mut db, "dddd", SearchMode::Meaning, &other), ["a", "without text"]);
    assert_eq!(db.check().unwrap(), []);
}

#[test]
fn meanings_are_compared_by_angle_whatever_the_metric() {
    let mut db = replica();
    let mut meaning = FieldDef::vector(4, Metric::L2);
    if let FieldKind::Vector(vector) = &mut meaning.kind {
        vector.embed_from = vec!["title".into()];
    }
    db.define_type(&TypeDef::new("Note").with("meaning", meaning)).unwrap();
    put(&mut db, "long", "aaaaaaaaaaaaaaaab");
    put(&mut db, "short", "ab");
    let model = Letters::new("letters", 4);
    embed_all(&mut db, &model, 10);
    assert_eq!(found(&mut db, "a", SearchMode::Meaning, &model), ["long", "short"]);
    let vectors = model.embed(&["a"]).unwrap();
    let vector = vectors[0].as_deref().unwrap();
    let hits = db.nearest("Note", "meaning", vector, 1, None).unwrap();
    assert_eq!(hits[0].node.id, "short");
}

#[test]
fn while_a_second_model_makes_its_vectors_those_of_the_first_are_not_compared_with() {
    let mut db = defined();
    for number in 0..200 {
        put(&mut db, &format!("n{number:03}"), if number < 190 { "aaaa" } else { "aaab" });
    }
    embed_all(&mut db, &Letters::new("one", 4), 100);
    let two = Letters::new("two", 4);
    let asked: Vec<_> = db.pending_texts("two", 4, 200).unwrap().split_off(195);
    let texts: Vec<&str> = asked.iter().map(|text| text.text.as_str()).collect();
    db.store_vectors("two", 4, &asked, &two.embed(&texts).unwrap()).unwrap();
    assert_eq!(found(&mut db, "a", SearchMode::Meaning, &two).len(), 5);
    let near = db.vector("n199", "meaning").unwrap().unwrap();
    let hits = db.nearest("Note", "meaning", Near::Node("n199"), 200, None).unwrap();
    assert_eq!(hits.len(), 4, "those of the model that made it");
    assert_eq!(db.nearest("Note", "meaning", &near, 300, None).unwrap().len(), 200);
}

#[test]
fn a_statement_searches_for_the_meaning_of_a_text_where_a_model_is_given() {
    let (mut db, model) = searched();
    let sql = "SELECT id FROM vsearch('Note', 'meaning', ?1, 2)";
    let found = |db: &Database, text: &str| db.query(sql, &[SqlValue::Text(text.into())]);
    let error = found(&db, "aaaa").unwrap_err();
    assert_eq!(error.code(), "bad-option");
    assert!(error.to_string().contains("embedding model"), "{error}");
    db.set_embedder(model);
    let rows = found(&db, "aaaa").unwrap().rows;
    assert_eq!(rows, [["a"], ["ab"]].map(|row| row.map(|id| SqlValue::Text(id.into()))));
    assert!(found(&db, "123").unwrap().rows.is_empty());
    db.set_embedder(Failing(Err(EmbedError::Unreachable("away".into()))));
    assert_eq!(found(&db, "aaaa").unwrap_err().code(), "embed-unreachable");
}

/// What `search(...)` gives: ids with their scores and snippets.
type SqlHits = Vec<(String, f64, Option<String>)>;

fn sql_hits(db: &Database, sql: &str, params: &[SqlValue]) -> Result<SqlHits, Error> {
    let hit = |row: Vec<SqlValue>| match <[SqlValue; 3]>::try_from(row).unwrap() {
        [SqlValue::Text(id), SqlValue::Real(score), SqlValue::Text(marked)] => {
            (id, score, Some(marked))
        }
        [SqlValue::Text(id), SqlValue::Real(score), SqlValue::Null] => (id, score, None),
        row => panic!("{row:?}"),
    };
    Ok(db.query(sql, params)?.rows.into_iter().map(hit).collect())
}

#[test]
fn a_statement_searches_by_every_mode_as_the_api_does() {
    let (mut db, model) = searched();
    db.set_embedder(Letters::new("letters", 4));
    let marks = Marks { fields: false, ..Marks::default() };
    let mut found = 0;
    for (word, mode) in [
        ("words", SearchMode::Words),
        ("meaning", SearchMode::Meaning),
        ("hybrid", SearchMode::Hybrid),
    ] {
        for (typed, kind) in
            [("zebra aab", Some("Note")), ("aaaa", None), ("zebra", None), ("4711", None)]
        {
            let options = SearchOptions {
                kind,
                limit: 3,
                marks: Some(marks.clone()),
                ..SearchOptions::default()
            };
            let hits = db.find_in_mode(typed, mode, &model, &options).unwrap().hits;
            let api: SqlHits =
                hits.into_iter().map(|hit| (hit.node.id, hit.score, hit.snippet)).collect();
            let text = |text: &str| SqlValue::Text(text.into());
            let kind = kind.map_or(SqlValue::Null, text);
            let mode = text(&format!(r#"{{"mode": "{word}"}}"#));
            let sql = "SELECT id, score, snippet FROM search(?1, ?2, 3, ?3)";
            let given = [text(typed), kind.clone(), mode.clone()];
            assert_eq!(sql_hits(&db, sql, &given).unwrap(), api, "{word} {typed}");
            found += api.len();
            // The same with the vector of the text.
            if word != "words" {
                let vector = model.embed(&[typed]).unwrap().pop().flatten().unwrap_or_default();
                let bytes = vector.iter().flat_map(|number| number.to_le_bytes()).collect();
                let sql = "SELECT id, score, snippet FROM search(?1, ?2, 3, ?3, ?4)";
                let given = [text(typed), kind, mode, SqlValue::Blob(bytes)];
                assert_eq!(sql_hits(&db, sql, &given).unwrap(), api, "{word} {typed}");
            }
        }
    }
    assert!(found > 15, "{found}");
}

#[test]
fn a_statement_that_cannot_search_by_meaning_says_what_to_do() {
    let (mut db, _) = searched();
    let fails = |db: &Database, options: &str, vector: &str| {
        let sql =
            format!("SELECT id, score, snippet FROM search('a', NULL, 5, '{options}', {vector})");
        sql_hits(db, &sql, &[]).unwrap_err()
    };
    for mode in ["meaning", "hybrid"] {
        let error = fails(&db, &format!(r#"{{"mode": "{mode}"}}"#), "NULL");
        assert_eq!(error.code(), "no-embedder");
        let message = error.to_string();
        assert!(
            message.contains("give the vector") && message.contains("options, vector)"),
            "{message}"
        );
    }
    let error = fails(&db, r#"{"mode": "meaning"}"#, "'[1, 0, 0, 0]'");
    assert!(error.to_string().contains("name the model"), "{error}");
    let sql = r#"SELECT id, score, snippet
                 FROM search('a', NULL, 1, '{"mode": "meaning", "model": "letters"}', '[1, 0, 0, 0]')"#;
    assert_eq!(sql_hits(&db, sql, &[]).unwrap()[0].0, "a");
    assert_eq!(
        fails(&db, r#"{"mode": "meaning", "model": "letters"}"#, "'[1]'").code(),
        "embed-dimension"
    );
    db.set_embedder(Letters::new("letters", 4));
    let error = fails(&db, r#"{"mode": "meaning", "model": "other"}"#, "NULL");
    assert!(error.to_string().contains("its own with \"letters\""), "{error}");
    for (options, vector) in [
        (r#"{"mode": "nearly"}"#, "NULL"),
        (r#"{"mode": 1}"#, "NULL"),
        (r#"{"mode": "words"}"#, "'[1, 0, 0, 0]'"),
        (r#"{"mode": "meaning", "fields": ["title"]}"#, "NULL"),
    ] {
        assert_eq!(fails(&db, options, vector).code(), "bad-option", "{options}");
    }
}

#[test]
fn a_live_search_sees_vectors_when_they_are_made() {
    let mut db = defined();
    put(&mut db, "a", "aaaa");
    let sql = "SELECT id FROM vsearch('Note', 'meaning', '[0, 1, 0, 0]')";
    let (_, rows) = db.subscribe(sql, &[]).unwrap();
    assert_eq!(rows.rows.len(), 0);
    let (_, _) = db.subscribe("SELECT id FROM Note", &[]).unwrap();
    embed_all(&mut db, &Letters::new("letters", 4), 10);
    let changes = db.take_changes().unwrap();
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0].outcome.as_ref().unwrap().added.len(), 1);
}
