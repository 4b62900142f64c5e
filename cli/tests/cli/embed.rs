//! Vectors of texts: by the model inside the program, and by servers that behave and misbehave.

use crate::support::Room;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::routing::post;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

const NOTE: &str = r#"{"fields": {"title": {"type": "string"},
    "meaning": {"kind": "vector", "dimension": 256, "embed_from": ["title"]},
    "small": {"kind": "vector", "dimension": 3, "embed_from": ["title"]}}}"#;

/// A room with so many notes of a type with vectors of 256 and of 3 numbers.
fn room(notes: usize) -> Room {
    let room = Room::new();
    room.ok(&["type", "define", "db", "Note", NOTE]);
    let lines: Vec<String> = (0..notes)
        .map(|note| format!(r#"{{"id":"n{note}","type":"Note","data":{{"title":"Note {note}"}}}}"#))
        .collect();
    room.write("notes.jsonl", lines.join("\n"));
    room.ok(&["import", "db", "notes.jsonl"]);
    room
}

#[test]
fn a_search_by_meaning_finds_what_has_other_words() {
    let room = Room::new();
    room.ok(&["type", "define", "db", "Note", NOTE]);
    for (id, title) in [
        ("vet", "Call the animal doctor about the puppy"),
        ("tax", "Pay the tax bill before Friday"),
        ("tea", "Brew a pot of green tea"),
    ] {
        room.ok(&["put", "db", id, "--type", "Note", "--field", &format!("title={title}")]);
    }
    room.ok(&["embed", "db"]);
    for mode in ["meaning", "hybrid"] {
        let found = room.json(&["search", "db", "veterinarian for my dog", "--mode", mode]);
        assert_eq!(found[0]["id"], "vet", "{mode}: {found}");
        let found =
            room.json(&["search", "db", "something hot to drink", "--mode", mode, "-n", "1"]);
        assert_eq!(found[0]["id"], "tea", "{mode}: {found}");
    }
    let hits = |found: &serde_json::Value| -> Vec<serde_json::Value> {
        let hits = found.as_array().into_iter().flatten();
        hits.map(|hit| json!([hit["id"], hit["score"]])).collect()
    };
    for mode in ["words", "meaning", "hybrid"] {
        let sql = format!(
            r#"SELECT id, score FROM search('a pet doctor', 'Note', 2, '{{"mode": "{mode}"}}')"#
        );
        let searched = ["search", "db", "a pet doctor", "-t", "Note", "-n", "2", "--mode", mode];
        // It is a node with words in it.
        room.ok(&["saved", "save", "db", mode, &sql]);
        let found = room.json(&searched);
        assert_eq!(hits(&room.json(&["query", "db", &sql])), hits(&found), "{mode}");
        assert_eq!(hits(&found).is_empty(), mode == "words");
        assert_eq!(hits(&room.json(&["saved", "run", "db", mode])), hits(&found), "{mode}");
    }
    assert_eq!(room.json(&["search", "db", "veterinarian for my dog"]), json!([]));
    let (_, address) = serve(&[]);
    let endpoint = openai(address);
    let words =
        ["search", "db", "tea", "--mode", "meaning", "--endpoint", &endpoint, "--model", "m"];
    assert_eq!(room.json(&words), json!([]), "no vectors are of that model");
    room.ok(&["embed", "db", "--endpoint", &endpoint, "--model", "m"]);
    assert_eq!(room.json(&words).as_array().map(Vec::len), Some(3));
}

/// What a server does with one request.
#[derive(Clone)]
enum Deed {
    /// A vector of 3 numbers for each text.
    Answer,
    /// This instead of an answer.
    Say(StatusCode, &'static str),
    /// Nothing, for so long.
    Sleep(Duration),
}

/// What a server was asked: path, key, body.
type Asked = (String, Option<String>, Value);

#[derive(Default)]
struct Server {
    deeds: Mutex<VecDeque<Deed>>,
    asked: Mutex<Vec<Asked>>,
}

/// Starts a server that does these deeds in turn, and answers from then on.
fn serve(deeds: &[Deed]) -> (Arc<Server>, SocketAddr) {
    let server = Arc::new(Server { deeds: Mutex::new(deeds.to_vec().into()), ..Server::default() });
    let routes = Router::new()
        .route("/v1/embeddings", post(handle))
        .route("/api/embed", post(handle))
        .with_state(server.clone());
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("a socket");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime").block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
            axum::serve(listener, routes).await.expect("it serves");
        });
    });
    (server, address)
}

async fn handle(
    State(server): State<Arc<Server>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, String) {
    let body: Value = serde_json::from_slice(&body).expect("JSON");
    let key = headers.get("authorization").map(|key| key.to_str().expect("text").to_owned());
    let texts = body["input"].as_array().expect("a list").clone();
    server.asked.lock().expect("a list").push((uri.path().to_owned(), key, body));
    let deed = server.deeds.lock().expect("a list").pop_front().unwrap_or(Deed::Answer);
    match deed {
        Deed::Say(status, body) => return (status, body.to_owned()),
        Deed::Sleep(time) => tokio::time::sleep(time).await,
        Deed::Answer => {}
    }
    let vector = |text: &Value| json!([text.as_str().map_or(0, str::len), 1, 0]);
    let answer = if uri.path() == "/api/embed" {
        json!({ "embeddings": texts.iter().map(vector).collect::<Vec<_>>() })
    } else {
        let numbered = texts.iter().enumerate().rev();
        let data =
            numbered.map(|(index, text)| json!({ "index": index, "embedding": vector(text) }));
        json!({ "data": data.collect::<Vec<_>>() })
    };
    (StatusCode::OK, answer.to_string())
}

impl Server {
    fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("a list").clone()
    }
}

fn openai(address: SocketAddr) -> String {
    format!("http://{address}/v1/embeddings")
}

#[test]
fn the_model_inside_the_program_needs_no_server() {
    let room = room(3);
    let done = room.json(&["embed", "db"]);
    assert_eq!(done["model"], "static-en-256/1");
    assert_eq!((&done["now"], &done["made"], &done["pending"]), (&json!(3), &json!(3), &json!(0)));
    assert_eq!(room.json(&["embed", "db"])["now"], 0);
    assert!(room.ok(&["embed", "db"]).contains("3 of 3 texts have theirs"));
    room.ok(&["check", "db"]);
}

#[test]
fn a_server_is_asked_as_openai_and_as_ollama_have_it() {
    for (path, key) in [("/v1/embeddings", Some("secret")), ("/api/embed", None)] {
        let room = room(5);
        let (server, address) = serve(&[]);
        let endpoint = format!("http://{address}{path}");
        let words = ["embed", "db", "--endpoint", &endpoint, "--model", "tiny", "--batch", "2"];
        let mut command = room.command(&words);
        if let Some(key) = key {
            command.env("PLURESDB_EMBED_KEY", key);
        }
        let output = command.output().expect("the program runs");
        assert!(output.status.success(), "{output:?}");

        let asked = server.asked();
        assert!(asked.iter().all(|(asked, ..)| asked == path));
        assert!(asked.iter().all(|(_, _, body)| body["model"] == "tiny"));
        let bearer = key.map(|key| format!("Bearer {key}"));
        assert!(asked.iter().all(|(_, key, _)| *key == bearer), "{asked:?}");
        // One text first, to learn the dimension; then five in batches of two.
        let sizes: Vec<usize> =
            asked.iter().map(|(_, _, body)| body["input"].as_array().map_or(0, Vec::len)).collect();
        assert_eq!(sizes, [1, 2, 2, 1]);
        room.ok(&["check", "db"]);
    }
}

#[test]
fn a_busy_server_is_asked_again() {
    let room = room(1);
    let busy = Deed::Say(StatusCode::TOO_MANY_REQUESTS, "later");
    let broken = Deed::Say(StatusCode::BAD_GATEWAY, "");
    let (server, address) = serve(&[busy, broken, Deed::Answer]);
    let done = room.json(&["embed", "db", "--endpoint", &openai(address), "--model", "tiny"]);
    assert_eq!((&done["now"], &done["dimension"]), (&json!(1), &json!(3)));
    assert_eq!(server.asked().len(), 4);
}

#[test]
fn a_server_that_stays_away_is_an_error_and_what_was_made_before_is_kept() {
    let room = room(4);
    let gone = Deed::Say(StatusCode::SERVICE_UNAVAILABLE, r#"{"error": "loading"}"#);
    let deeds = [vec![Deed::Answer; 2], vec![gone; 4]].concat();
    let (_, address) = serve(&deeds);
    let endpoint = openai(address);
    let words = ["embed", "db", "--endpoint", &endpoint, "--model", "tiny", "--batch", "2"];
    let ran = room.run(&[&words[..], &["--json"]].concat());
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let error = ran.error();
    assert_eq!(error["code"], "embed-unreachable");
    let message = error["message"].as_str().expect("a sentence");
    assert!(message.contains("503") && message.contains("loading"), "{message}");

    let done = room.json(&words);
    assert_eq!((&done["now"], &done["made"]), (&json!(2), &json!(4)));
}

#[test]
fn what_a_server_gets_wrong_is_told() {
    let room = room(1);
    let say = |status, body| vec![Deed::Say(status, body)];
    let cases = [
        (
            say(StatusCode::NOT_FOUND, r#"{"error": {"message": "no model tiny"}}"#),
            "embed-refused",
            "no model tiny",
        ),
        (say(StatusCode::UNAUTHORIZED, "no key"), "embed-refused", "no key"),
        (say(StatusCode::OK, "<html>"), "embed-answer", "cannot be read"),
        (say(StatusCode::OK, r#"{"data": []}"#), "embed-answer", "0 vectors for 1 texts"),
        (
            vec![
                Deed::Answer,
                Deed::Say(StatusCode::OK, r#"{"data": [{"index": 0, "embedding": [1, 2]}]}"#),
            ],
            "embed-answer",
            "one of 2 numbers, not 3",
        ),
        (
            vec![
                Deed::Answer,
                Deed::Say(StatusCode::OK, r#"{"data": [{"index": 7, "embedding": [1]}]}"#),
            ],
            "embed-answer",
            "none for the text number 0",
        ),
        (vec![Deed::Sleep(Duration::from_secs(9)); 4], "embed-unreachable", "within 1 s"),
    ];
    for (deeds, code, what) in cases {
        let (_, address) = serve(&deeds);
        let endpoint = openai(address);
        let words =
            ["embed", "db", "--endpoint", &endpoint, "--model", "m", "--timeout", "1", "--json"];
        let ran = room.run(&words);
        let error = ran.error();
        assert_eq!((ran.code, error["code"].as_str()), (Some(1), Some(code)), "{error}");
        assert!(error["message"].as_str().is_some_and(|told| told.contains(what)), "{error}");
    }
}

#[test]
fn words_that_name_no_server_are_refused() {
    let room = room(1);
    let endpoint = "http://127.0.0.1:1/v1/chat";
    assert_eq!(room.fails(&["embed", "db", "--endpoint", endpoint, "--model", "m"], 2), "usage");
    assert_eq!(
        room.fails(&["embed", "db", "--endpoint", "http://127.0.0.1:1/embeddings"], 2),
        "usage"
    );
    let closed = "http://127.0.0.1:1/v1/embeddings";
    let code = room.fails(&["embed", "db", "--endpoint", closed, "--model", "m"], 1);
    assert_eq!(code, "embed-unreachable");
}

#[test]
fn a_model_of_another_dimension_than_the_fields_is_refused() {
    let room = Room::new();
    room.ok(&["type", "define", "db", "Note", &NOTE.replace("256", "512")]);
    let ran = room.run(&["embed", "db", "--json"]);
    let error = ran.error();
    assert_eq!(error["code"], "embed-dimension");
    let message = error["message"].as_str().expect("a sentence");
    assert!(message.contains("\"meaning\" of Note takes 512"), "{message}");
}
