//! Manifests of checkpoints: as they are, and with a seal that fits, which no fault would bring
//! about but a writer of another version.

use crate::memory::Bound;
use pluresdb::journal::{CHUNK_BYTES, ChunkHash, Manifest};

pub(crate) fn run(bytes: &[u8]) -> bool {
    let plain = read(bytes);
    let mut sealed = bytes.to_vec();
    sealed.extend(ChunkHash::of(bytes).0);
    read(&sealed) || plain
}

fn read(bytes: &[u8]) -> bool {
    match Bound::SMALL.check(bytes, || Manifest::decode(bytes)) {
        Ok(manifest) => {
            assert_eq!(manifest.encode(), bytes);
            true
        }
        Err(_) => false,
    }
}

pub(crate) fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let chunks = [b"a", b"b"].map(|bytes| ChunkHash::of(bytes)).to_vec();
    let manifest = Manifest { covered: 7, length: CHUNK_BYTES as u64 + 1, chunks };
    let empty = Manifest { covered: 0, length: 0, chunks: Vec::new() };
    let unsealed = |manifest: &Manifest| {
        let mut bytes = manifest.encode();
        bytes.truncate(bytes.len() - ChunkHash::of(b"").0.len());
        bytes
    };
    vec![
        ("sealed", manifest.encode()),
        ("unsealed", unsealed(&manifest)),
        ("empty", unsealed(&empty)),
    ]
}
