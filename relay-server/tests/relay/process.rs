//! The relay as a program: killed, asked to stop, started with a wrong file.

use crate::support::{Event, Peer, Process, Raw, Served, actor, chain};
use pluresdb::sync::{RefusedCode, close_code};
use pluresdb_relay::{OpenError, Relay, StoreError};
use std::process::Command;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

#[tokio::test]
async fn a_killed_relay_has_every_record_that_it_acknowledged() {
    let folder = TempDir::new().unwrap();
    let store = folder.path().join("relay.sqlite");
    let records = chain(actor(1), 4_000, 200);
    let mut acknowledged = 0;
    for round in 0..5 {
        let process = Process::start(&store);
        let (mut raw, welcome) = Raw::open(&process.url).await;
        let held = welcome.frontier.unwrap().get(&actor(1));
        assert!(held >= acknowledged, "round {round}: {held} of {acknowledged} acknowledged");
        let mut next = held as usize;
        for id in 0..20 + round * 7 {
            let appended = raw.append(id, records[next..next + 13].to_vec()).await;
            acknowledged = appended.accepted[0].1;
            next += 13;
        }
        // One more is under way when it dies.
        let rest = records[next..next + 13].to_vec();
        raw.send(&pluresdb::sync::Message::Append(pluresdb::sync::Append {
            id: 999,
            records: rest,
        }))
        .await;
        process.kill();
    }
    let process = Process::start(&store);
    let mut reader = Peer::new(&process.url);
    reader.start().await;
    reader.settle().await;
    assert!(reader.count() as u64 >= acknowledged);
    assert_eq!(reader.log[&actor(1)][..], records[..reader.count()]);
}

#[tokio::test]
async fn asked_to_stop_it_says_goodbye_and_ends_well() {
    let folder = TempDir::new().unwrap();
    let process = Process::start(&folder.path().join("relay.sqlite"));
    let (mut raw, _) = Raw::open(&process.url).await;
    raw.append(1, chain(actor(1), 3, 0)).await;
    process.terminate();
    let (refused, close) = raw.refusal().await;
    assert_eq!(refused.code, RefusedCode::ShuttingDown);
    assert_eq!(close, Some(close_code::GOING_AWAY));
    assert!(process.wait().success());
}

#[tokio::test]
async fn stopping_brings_what_was_taken_to_the_disk() {
    let served = Served::start().await;
    let (mut raw, _) = Raw::open(&served.url).await;
    let records = chain(actor(1), 500, 500);
    raw.send(&pluresdb::sync::Message::Append(pluresdb::sync::Append { id: 1, records })).await;
    let Event::Frame(_) = raw.next().await else { panic!("an answer") };
    let folder = served.stop().await;
    let served = Served::start_in(folder, |_| {}).await;
    let (_, welcome) = Raw::open(&served.url).await;
    assert_eq!(welcome.head, 500);
}

#[tokio::test]
async fn health_tells_version_spaces_and_connections() {
    let folder = TempDir::new().unwrap();
    let process = Process::start(&folder.path().join("relay.sqlite"));
    let (mut raw, _) = Raw::open(&process.url).await;
    raw.append(1, chain(actor(1), 1, 0)).await;
    let mut socket = TcpStream::connect(&process.address).await.unwrap();
    let request = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let body = answer.split("\r\n\r\n").nth(1).unwrap();
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!(body["status"], "ok");
    assert_eq!(body["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(body["spaces"], 1);
    assert_eq!(body["connections"], 1);
}

#[tokio::test]
async fn a_file_of_another_program_is_left_alone() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("other.sqlite");
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("CREATE TABLE mine (x); INSERT INTO mine VALUES (1)").unwrap();
    drop(other);
    let before = std::fs::read(&path).unwrap();
    let error = Relay::open(pluresdb_relay::Config::new(&path)).unwrap_err();
    assert!(matches!(error, OpenError::Store(StoreError::Foreign { .. })), "{error}");
    assert_eq!(std::fs::read(&path).unwrap(), before);
    let output = Command::new(env!("CARGO_BIN_EXE_pluresdb-relay"))
        .args(["--listen", "127.0.0.1:0", "--store"])
        .arg(&path)
        .output()
        .unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("is no relay store"));
}

#[tokio::test]
async fn a_store_of_a_later_version_is_not_opened() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("relay.sqlite");
    let config = || pluresdb_relay::Config::new(&path);
    Relay::open(config()).unwrap().shutdown().await;
    let store = rusqlite::Connection::open(&path).unwrap();
    store.pragma_update(None, "user_version", 9).unwrap();
    drop(store);
    let error = Relay::open(config()).unwrap_err();
    assert!(matches!(error, OpenError::Store(StoreError::Version { found: 9, .. })), "{error}");
}
