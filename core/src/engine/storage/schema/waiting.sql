-- Records that came and do not count yet. One waits for the record (need_actor, need_seq), which
-- is the one before it or one that it depends on, or for a time: `due`, milliseconds since 1970.
CREATE TABLE pdb_waiting (
    actor      BLOB NOT NULL,
    seq        INTEGER NOT NULL,
    hash       BLOB NOT NULL,
    bytes      BLOB NOT NULL,
    due        INTEGER,
    need_actor BLOB,
    need_seq   INTEGER,
    PRIMARY KEY (actor, seq, hash)
) WITHOUT ROWID;
CREATE INDEX pdb_waiting_need ON pdb_waiting (need_actor, need_seq) WHERE need_actor IS NOT NULL;
CREATE INDEX pdb_waiting_due ON pdb_waiting (due) WHERE due IS NOT NULL;

-- Where two writers were one actor. The record with the hash `kept` stayed; the other branch, from
-- number `seq` on, is the log of `moved_to` since the time `at`.
CREATE TABLE pdb_fork (
    actor    BLOB NOT NULL,
    seq      INTEGER NOT NULL,
    kept     BLOB NOT NULL,
    moved_to BLOB NOT NULL,
    at       INTEGER NOT NULL,
    PRIMARY KEY (actor, seq, moved_to)
) WITHOUT ROWID;
