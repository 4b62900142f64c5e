//! The journal in a browser's IndexedDB keeps the same promises as the one in memory.

#![cfg(target_arch = "wasm32")]
#![expect(clippy::unwrap_used, reason = "a test panics where it fails")]

use pluresdb::journal::{CHUNK_BYTES, Journal, Read, load, save};
use pluresdb::{Database, Host, Options, object};
use pluresdb_wasm::IdbJournal;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

fn image(fill: u8) -> Vec<u8> {
    let mut image: Vec<u8> = (0..3).flat_map(|n| vec![n; CHUNK_BYTES]).collect();
    image.extend([fill; 100]);
    image
}

async fn records(journal: &IdbJournal, after: u64) -> Option<(Vec<Vec<u8>>, u64)> {
    match journal.read(after, 1 << 20).await.unwrap() {
        Read::Records { records, last } => Some((records, last)),
        Read::Gone => None,
    }
}

#[wasm_bindgen_test]
async fn every_write_is_strictly_durable() {
    js_sys::eval(
        "window.durabilities = [];
         const { transaction } = IDBDatabase.prototype;
         IDBDatabase.prototype.transaction = function (...parts) {
           const opened = transaction.apply(this, parts);
           if (opened.mode === 'readwrite') durabilities.push(opened.durability);
           return opened;
         }",
    )
    .unwrap();
    let journal = IdbJournal::open("strict".into()).await.unwrap();
    journal.append(&[vec![1]]).await.unwrap();
    save(&journal, &image(1), 1, async || {}).await.unwrap().unwrap();
    let seen = js_sys::eval("durabilities.join()").unwrap().as_string().unwrap();
    assert_eq!(seen, "strict,strict,strict");
}

#[wasm_bindgen_test]
async fn records_come_back_in_order_also_to_another_connection() {
    let journal = IdbJournal::open("records".into()).await.unwrap();
    assert_eq!(journal.append(&[vec![1], vec![2; 300_000]]).await.unwrap(), 2);
    assert_eq!(journal.append(&[vec![3]]).await.unwrap(), 3);
    let again = IdbJournal::open("records".into()).await.unwrap();
    assert_eq!(records(&again, 0).await, Some((vec![vec![1], vec![2; 300_000], vec![3]], 3)));
    assert_eq!(records(&again, 2).await, Some((vec![vec![3]], 3)));
    assert_eq!(records(&again, 3).await, Some((vec![], 3)));
}

#[wasm_bindgen_test]
async fn the_newest_image_is_loaded_and_old_records_go_with_the_second_next() {
    let journal = IdbJournal::open("images".into()).await.unwrap();
    for fill in 1..=3 {
        let last = journal.append(&[vec![fill]]).await.unwrap();
        save(&journal, &image(fill), last, async || {}).await.unwrap().unwrap();
        let loaded = load(&journal).await.unwrap();
        assert!(loaded.image == Some(image(fill)), "image {fill} is another");
        assert_eq!(loaded.covered, u64::from(fill));
    }
    assert_eq!(records(&journal, 1).await, None);
    assert_eq!(records(&journal, 2).await, Some((vec![vec![3]], 3)));
    // Three chunks that all images share, and the last of each of the two that are kept.
    assert_eq!(journal.chunk_hashes().await.unwrap().len(), 5);
}

#[wasm_bindgen_test]
async fn records_are_read_as_far_as_they_fit() {
    let journal = IdbJournal::open("far".into()).await.unwrap();
    for n in 0..40 {
        journal.append(&[vec![1, n]]).await.unwrap();
    }
    let large: Vec<_> = (0..8).map(|n| [1, n].repeat(25_000)).collect();
    journal.append(&large).await.unwrap();
    let (all, last) = records(&journal, 0).await.unwrap();
    assert_eq!(all.len(), 48);
    assert_eq!(records(&journal, last).await, Some((Vec::new(), last)));
    // Two of the large ones, and not the third.
    let read = journal.read(0, 120_000).await.unwrap();
    let Read::Records { records, last } = read else { panic!("nothing was dropped") };
    assert_eq!((records.len(), last), (42, 42));
    // One at least, however large it is.
    let Read::Records { records, .. } = journal.read(last, 1).await.unwrap() else { panic!() };
    assert_eq!(records.len(), 1);
}

#[wasm_bindgen_test]
async fn the_pool_of_actors_is_kept() {
    let open = || async { IdbJournal::open("actors".into()).await.unwrap() };
    let journal = open().await;
    let (one, two) = ("00".repeat(16), "ff".repeat(16));
    JsFuture::from(journal.add_actor(&one).unwrap()).await.unwrap();
    JsFuture::from(journal.add_actor(&two).unwrap()).await.unwrap();
    assert_eq!(open().await.pool(), [one.clone(), two.clone()]);
    journal.drop_actor(&one).await.unwrap();
    assert_eq!(open().await.pool(), [two]);
}

/// A clock that stands still, and bytes that all can guess.
struct Still;

impl Host for Still {
    fn now_ms(&self) -> u64 {
        1_700_000_000_000
    }

    fn fill_random(&self, buffer: &mut [u8]) -> Result<(), pluresdb::Error> {
        buffer.fill(7);
        Ok(())
    }
}

#[wasm_bindgen_test]
fn the_pieces_of_an_image_are_the_image() {
    let mut db = Database::in_memory(Box::new(Still), Options::default()).unwrap();
    for n in 0..3_000 {
        let body = "word ".repeat(60);
        db.put(&format!("n{n}"), "Note", object([("body", body.into())])).unwrap();
    }
    let image = db.with_image(<[u8]>::to_vec).unwrap();
    let pieces = db.image_in_pieces(CHUNK_BYTES).unwrap();
    assert!(pieces.len() > 3);
    assert_eq!(pieces.concat(), image);
    // So does one that began as an image.
    let mut again = Database::from_image(&image, Box::new(Still), Options::default()).unwrap();
    again.put("one more", "Note", object([])).unwrap();
    let image = again.with_image(<[u8]>::to_vec).unwrap();
    assert_eq!(again.image_in_pieces(CHUNK_BYTES).unwrap().concat(), image);
}
