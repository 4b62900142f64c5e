//! Search by words in other forms than they are written: endings of many languages, and typing errors.

use crate::search::{ids, marked, note, plain, sound};
use pluresdb::types::TypeDef;
use pluresdb::{Database, Found, Marks, SearchOptions};

#[test]
fn english_words_are_found_in_other_forms() {
    let mut db = Database::memory().unwrap();
    db.put("a", "Note", note("Dogs", "They were running")).unwrap();
    assert!(ids(&db, "run dog ").is_empty());
    let mut def = TypeDef::new("Note");
    def.language = Some("en-GB".into());
    db.define_type(&def).unwrap();
    assert_eq!(ids(&db, "run dog "), ["a"]);
    assert_eq!(marked("runs", &db).hits[0].snippet.as_deref(), Some("They were [running]"));
    sound(&mut db);
    def.language = Some("ja".into());
    let refused = db.define_type(&def).unwrap_err();
    assert!(refused.to_string().contains("language: the endings of \"ja\" are not"), "{refused}");
    assert_eq!(ids(&db, "run "), ["a"]);
    def.language = None;
    db.define_type(&def).unwrap();
    assert!(ids(&db, "run ").is_empty());
    assert_eq!(ids(&db, "running"), ["a"]);
    sound(&mut db);
}

#[test]
fn a_mistyped_word_is_taken_for_the_nearest_and_the_answer_says_so() {
    let mut db = plain();
    let corrections = |db: &Database, typed: &str| -> Vec<(String, String)> {
        let found = db.find(typed, &SearchOptions::default()).unwrap();
        assert_eq!(found.hits.is_empty(), found.corrected.is_empty(), "{typed}");
        found.corrected.into_iter().map(|word| (word.typed, word.taken)).collect()
    };
    let word = |typed: &str, taken: &str| vec![(typed.to_owned(), taken.to_owned())];
    assert_eq!(corrections(&db, "mlik bread "), word("mlik", "milk"));
    assert_eq!(corrections(&db, "Shoping "), word("Shoping", "shopping"));
    assert_eq!(corrections(&db, "vread "), word("vread", "bread"));
    assert_eq!(corrections(&db, "zzzz "), []);
    let exact = SearchOptions { typos: false, ..SearchOptions::default() };
    assert!(db.find("mlik ", &exact).unwrap().hits.is_empty());
    assert_eq!(db.find("milk", &SearchOptions::default()).unwrap().corrected, []);

    let mut def = TypeDef::new("Note");
    def.language = Some("en".into());
    db.define_type(&def).unwrap();
    assert_eq!(corrections(&db, "shoppinng "), word("shoppinng", "shopping"));
}

#[test]
fn words_of_many_languages_are_found_in_other_forms() {
    for (language, text, typed, snippet) in [
        ("de", "Die alten Häuser am Fluß, groß", "haus ", "Die alten [Häuser] am Fluß, groß"),
        ("fr", "Les élèves étudiaient ensemble", "étudier ", "Les élèves [étudiaient] ensemble"),
        ("es-MX", "Los niños corrieron", "niño ", "Los [niños] corrieron"),
        ("it", "I bambini giocavano", "bambino ", "I [bambini] giocavano"),
        ("pt-BR", "As crianças brincavam", "criança ", "As [crianças] brincavam"),
        ("nl", "De grote huizen", "huizen ", "De grote [huizen]"),
        ("sv", "De gamla husen", "hus ", "De gamla [husen]"),
        ("nb", "De gamle husene", "hus ", "De gamle [husene]"),
        ("da", "De gamle huse", "huset ", "De gamle [huse]"),
        ("fi", "Vanhat talot", "talo ", "Vanhat [talot]"),
        ("ru", "Старые дома у реки", "дом ", "Старые [дома] у реки"),
        ("hu", "A régi házak", "ház ", "A régi [házak]"),
        ("tr", "Eski evler", "ev ", "Eski [evler]"),
        ("el", "τα παλιά σπίτια", "σπίτι ", "τα παλιά [σπίτια]"),
        ("ro", "Casele vechi", "casă ", "[Casele] vechi"),
    ] {
        let mut db = Database::memory().unwrap();
        let mut def = TypeDef::new("Note");
        def.language = Some(language.into());
        db.define_type(&def).unwrap();
        db.put("a", "Note", note(text, "")).unwrap();
        assert_eq!(ids(&db, typed), ["a"], "{language}");
        assert_eq!(marked(typed, &db).hits[0].snippet.as_deref(), Some(snippet), "{language}");
        sound(&mut db);
    }
}

#[test]
fn a_language_has_phrases_beginnings_weights_and_corrections_too() {
    let mut db = Database::memory().unwrap();
    let mut def = TypeDef::new("Note");
    def.language = Some("de".into());
    db.define_type(&def).unwrap();
    let long =
        format!("{} Die Äpfel fielen von den Bäumen <b> {}", "Heu ".repeat(50), "Heu ".repeat(50));
    db.put("a", "Note", note("Obstgärten & Wiesen", &long)).unwrap();
    db.put("b", "Note", note("Bäume", "東京の木")).unwrap();
    assert_eq!(ids(&db, "\"apfel fiel\""), ["a"]);
    assert!(ids(&db, "\"fielen Äpfel\"").is_empty());
    assert_eq!(ids(&db, "obstg"), ["a"]);
    assert_eq!(ids(&db, "Baum "), ["b", "a"]);
    assert_eq!(ids(&db, "Baum -Wiese"), ["b"]);
    assert_eq!(ids(&db, "京の"), ["b"]);
    let hit = marked("\"Äpfel fielen\"", &db).hits.remove(0);
    let snippet = hit.snippet.unwrap();
    assert!(snippet.starts_with('…') && snippet.contains("Die [Äpfel fielen] von"), "{snippet}");
    let found = db.find("Bäumme ", &SearchOptions::default()).unwrap();
    assert_eq!((found.hits.len(), found.corrected[0].taken.as_str()), (2, "baume"));
    let options = SearchOptions { marks: Some(Marks::default()), ..SearchOptions::default() };
    let hit = db.find("Obstgarten Wiesen", &options).unwrap().hits.remove(0);
    assert_eq!(hit.highlights["title"], "<mark>Obstgärten</mark> &amp; <mark>Wiesen</mark>");
    // A change of the language is a change of the index, and a check knows what it has to hold.
    def.language = Some("fr".into());
    db.define_type(&def).unwrap();
    sound(&mut db);
}

#[test]
fn mistyped_words_are_taken_for_those_that_are_found_together() {
    let mut db = Database::memory().unwrap();
    // A coat is commoner than a cat, and chattel as near to "cattel" as cattle is.
    for (id, title) in [("a", "a coat"), ("b", "the coat"), ("c", "domestic cat"), ("d", "chattel")]
    {
        db.put(id, "Note", note(title, "")).unwrap();
    }
    db.put("e", "Other", note("domestic cattle", "")).unwrap();
    db.put("f", "Other", note("chattel", "")).unwrap();
    db.put("g", "Note", note("domestic catholic", "catholic catholic")).unwrap();
    db.put("h", "Note", note("catholic", "")).unwrap();
    let find = |typed: &str, kind| {
        let options = SearchOptions { kind, ..SearchOptions::default() };
        let Found { hits, corrected } = db.find(typed, &options).unwrap();
        let ids: Vec<String> = hits.into_iter().map(|hit| hit.node.id).collect();
        (ids, corrected.into_iter().map(|word| word.taken).collect::<Vec<_>>())
    };
    let found = |ids: &[&str], words: &[&str]| {
        let owned =
            |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        (owned(ids), owned(words))
    };
    assert_eq!(find("domestic caat ", None), found(&["c"], &["cat"]));
    // Also while it is typed: a whole word that is so near comes before the beginning of another.
    assert_eq!(find("domestic caat", None).1, ["cat"]);
    assert_eq!(find("domestc cattel ", None), found(&["e"], &["domestic", "cattle"]));
    assert_eq!(find("caat ", Some("Other")), found(&[], &[]));
    assert_eq!(find("cattel ", Some("Other")).0.len(), 1);
    assert_eq!(find("domestic zebbra ", None), found(&[], &[]));
}
