//! Devices over a relay: what one writes the others get.

use crate::support::{Peer, Served, actor};
use pluresdb::sync::State;
use std::time::Duration;

#[tokio::test]
async fn what_was_appended_comes_to_a_device_that_connects_later() {
    let served = Served::start().await;
    let mut writer = Peer::with_records(&served.url, 1, 200, 100);
    writer.start().await;
    writer.settle().await;
    assert_eq!(writer.status.sent, 200);
    let mut reader = Peer::new(&served.url);
    reader.start().await;
    reader.settle().await;
    assert_eq!(reader.log, writer.log);
    assert_eq!(writer.came, 0, "a device's own records do not come back");
}

#[tokio::test]
async fn a_write_reaches_other_devices_live() {
    let served = Served::start().await;
    let mut peers = [Peer::new(&served.url), Peer::new(&served.url), Peer::new(&served.url)];
    for peer in &mut peers {
        peer.start().await;
        peer.settle().await;
    }
    let [one, two, three] = &mut peers;
    one.write(1, 3, 10).await;
    one.settle().await;
    two.run(|peer| peer.count() == 3).await;
    three.run(|peer| peer.count() == 3).await;
    two.write(2, 1, 10).await;
    two.settle().await;
    one.run(|peer| peer.count() == 4).await;
    assert_eq!(one.came, 1);
}

#[tokio::test]
async fn a_long_history_is_caught_up_with_in_pieces() {
    let served = Served::start().await;
    let mut writer = Peer::with_records(&served.url, 1, 6_000, 1_000);
    writer.start().await;
    writer.settle().await;
    let mut reader = Peer::new(&served.url);
    reader.start().await;
    reader.settle().await;
    assert_eq!(reader.count(), 6_000);
    assert_eq!(reader.log, writer.log);
}

#[tokio::test]
async fn a_relay_started_again_with_its_file_has_everything_and_cursors_hold() {
    let served = Served::start().await;
    let mut writer = Peer::with_records(&served.url, 1, 100, 10);
    let mut reader = Peer::new(&served.url);
    for peer in [&mut writer, &mut reader] {
        peer.start().await;
        peer.settle().await;
    }
    let cursor = reader.client.cursor();
    let folder = served.stop().await;
    let served = Served::start_in(folder, |_| {}).await;
    let mut late = Peer::new(&served.url);
    late.start().await;
    late.settle().await;
    assert_eq!(late.count(), 100);
    assert_eq!(late.client.cursor(), cursor);
}

#[tokio::test]
async fn a_wiped_relay_is_filled_again_by_any_device() {
    let served = Served::start().await;
    let mut writer = Peer::with_records(&served.url, 1, 50, 10);
    let mut reader = Peer::new(&served.url);
    for peer in [&mut writer, &mut reader] {
        peer.start().await;
        peer.settle().await;
    }
    drop(served.stop().await);
    let fresh = Served::start().await;
    // The writer is gone for good; the reader holds its records.
    let mut healer = Peer::with_log(&fresh.url, reader.log);
    healer.start().await;
    healer.settle().await;
    let mut late = Peer::new(&fresh.url);
    late.start().await;
    late.settle().await;
    assert_eq!(late.log.get(&actor(1)).map(Vec::len), Some(50));
}

#[tokio::test]
async fn a_slow_device_falls_behind_keeps_others_going_and_catches_up() {
    let served = Served::start().await;
    let mut slow = Peer::new(&served.url);
    let mut quick = Peer::new(&served.url);
    let mut writer = Peer::new(&served.url);
    for peer in [&mut slow, &mut quick, &mut writer] {
        peer.start().await;
        peer.settle().await;
    }
    slow.stalled = true;
    writer.write(1, 400, 10_000).await;
    writer.settle().await;
    quick.run(|peer| peer.count() == 400).await;
    slow.run_for(Duration::from_millis(300)).await;
    assert_eq!(slow.status.state, State::CatchingUp);
    assert_eq!(slow.client.cursor().position, 0);
    assert!(slow.count() * 10_000 < 2_500_000, "{} records at once", slow.count());
    slow.stalled = false;
    slow.settle().await;
    assert_eq!(slow.count(), 400);
}

#[tokio::test]
async fn a_device_whose_connection_breaks_goes_on_where_it_was() {
    let served = Served::start().await;
    let mut peer = Peer::with_records(&served.url, 1, 500, 2_000);
    peer.start().await;
    for _ in 0..5 {
        let sent = peer.status.sent;
        peer.run(|peer| peer.status.sent > sent || peer.status.settled).await;
        peer.cut().await;
    }
    peer.settle().await;
    let mut late = Peer::new(&served.url);
    late.start().await;
    late.settle().await;
    assert_eq!(late.log, peer.log);
}

#[tokio::test]
async fn spaces_do_not_see_each_other() {
    let served = Served::start().await;
    let mut peer = Peer::with_records(&served.url, 1, 5, 10);
    peer.start().await;
    peer.settle().await;
    let mut raw = crate::support::Raw::connect(&served.url).await;
    let frame = pluresdb::sync::Message::Hello(pluresdb::sync::Hello {
        space: pluresdb::model::SpaceId([1; 16]),
        cursor: pluresdb::sync::Cursor::default(),
        known: pluresdb::sync::FrontierDigest::ZERO,
    });
    raw.send(&frame).await;
    let crate::support::Event::Frame(pluresdb::sync::Message::Welcome(welcome)) = raw.next().await
    else {
        panic!("a welcome");
    };
    assert_eq!(welcome.head, 0);
    assert!(welcome.frontier.unwrap().is_empty());
}
