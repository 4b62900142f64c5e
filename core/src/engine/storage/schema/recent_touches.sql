CREATE TABLE pdb_touch_recent (
    nid INTEGER NOT NULL,
    pos INTEGER NOT NULL,
    PRIMARY KEY (nid, pos)
) WITHOUT ROWID;
