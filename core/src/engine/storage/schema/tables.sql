-- The tables of a .pluresdb file, format 4. docs/format.md explains them to readers.

CREATE TABLE pdb_meta (
    key   TEXT PRIMARY KEY,
    value NOT NULL
) WITHOUT ROWID;

-- The head of each actor's log.
CREATE TABLE pdb_actor (
    num   INTEGER PRIMARY KEY,
    actor BLOB NOT NULL UNIQUE,
    seq   INTEGER NOT NULL,
    hash  BLOB NOT NULL,
    hlc   INTEGER NOT NULL,
    -- Up to here records were forgotten: their effect is in the rows, their bytes are gone.
    forgotten      INTEGER NOT NULL DEFAULT 0,
    forgotten_hash BLOB,
    forgotten_hlc  INTEGER,
    -- Where a repair cut the log: up to here the rows hold what is still to be fetched again.
    cut INTEGER
);

-- The log. `pos` is the order of arrival here. It is not used again when records go, since readers of
-- the log remember how far they have read: pdb_meta has the last one of those that went.
CREATE TABLE pdb_record (
    pos    INTEGER PRIMARY KEY,
    actor  INTEGER NOT NULL,
    seq    INTEGER NOT NULL,
    bytes  BLOB NOT NULL,
    UNIQUE (actor, seq)
);

-- One row for each node ever heard of. `data` is the JSON that readers see, NULL while the node does
-- not exist. `state` is what merging needs beside it, empty where only an edge named the node so
-- far; `docs` holds the documents of its texts and lists. `shown` is the JSON where the definition of
-- the type makes the node read otherwise than it is stored, with a checksum in `shown_seal`.
CREATE TABLE pdb_node (
    nid     INTEGER PRIMARY KEY,
    id      TEXT NOT NULL UNIQUE,
    alive   INTEGER NOT NULL,
    type    TEXT,
    updated INTEGER,
    data    TEXT,
    state   BLOB NOT NULL,
    docs    BLOB,
    shown   TEXT,
    shown_seal BLOB
);
-- `alive` is a column of these indexes so that counting reads the index alone.
CREATE INDEX pdb_node_type ON pdb_node (type, id, alive) WHERE alive;
CREATE INDEX pdb_node_hidden ON pdb_node (nid) WHERE NOT alive;

-- Which records touched a node. The entries of the latest records are in a table of their own: it is small,
-- so that what a transaction adds to it lies on few pages, wherever its nodes are.
CREATE TABLE pdb_touch (
    nid INTEGER NOT NULL,
    pos INTEGER NOT NULL,
    PRIMARY KEY (nid, pos)
) WITHOUT ROWID;

-- What a node was before the first record of it that is still in the log, where records were
-- forgotten. The columns are those of pdb_node.
CREATE TABLE pdb_baseline (
    nid   INTEGER PRIMARY KEY,
    type  TEXT,
    data  TEXT,
    state BLOB NOT NULL,
    docs  BLOB
);

CREATE TABLE pdb_edge (
    source  INTEGER NOT NULL,
    label   TEXT NOT NULL,
    target  INTEGER NOT NULL,
    key     TEXT NOT NULL,
    alive   INTEGER NOT NULL,
    data    TEXT,
    state   BLOB NOT NULL,
    docs    BLOB,
    PRIMARY KEY (source, label, target, key)
) WITHOUT ROWID;
CREATE INDEX pdb_edge_in ON pdb_edge (target, label, source, key, alive) WHERE alive;

-- The types seen in nodes or defined.
CREATE TABLE pdb_type (
    type TEXT PRIMARY KEY
) WITHOUT ROWID;

-- The top-level fields seen in nodes of each type: the columns of the type's view.
CREATE TABLE pdb_type_field (
    type  TEXT NOT NULL,
    field TEXT NOT NULL,
    PRIMARY KEY (type, field)
) WITHOUT ROWID;

-- What of a node breaks its type, or of a definition has no effect.
CREATE TABLE pdb_violation (
    nid     INTEGER NOT NULL,
    path    TEXT NOT NULL,
    rule    TEXT NOT NULL,
    message TEXT NOT NULL,
    value   TEXT NOT NULL,
    PRIMARY KEY (nid, path, rule)
) WITHOUT ROWID;

CREATE VIEW nodes AS
    SELECT id, type, coalesce(shown, data) AS data, updated FROM pdb_node WHERE alive;

-- An edge is hidden while it or one of its ends does not exist.
CREATE VIEW edges AS
    SELECT s.id AS source, e.label AS label, t.id AS target, e.key AS key, e.data AS data
    FROM pdb_edge AS e
    JOIN pdb_node AS s ON s.nid = e.source
    JOIN pdb_node AS t ON t.nid = e.target
    WHERE e.alive AND s.alive AND t.alive;
