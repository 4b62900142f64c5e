-- The vectors of nodes, for fields that are declared to be vectors. `vector` is 32-bit floats,
-- little-endian. `source` is NULL where the vector stands in the node itself. Else it is a hash of the
-- text that the vector is to be made of here; `model` names what made it, and is NULL while that is
-- still to be done; `vector` is NULL until then, and where the model finds nothing in the text.
--
-- `seq` rises with every write and is never used again: indexes in memory read what is above the last
-- one they know. So a row is replaced, not updated.
CREATE TABLE pdb_vector (
    seq    INTEGER PRIMARY KEY AUTOINCREMENT,
    nid    INTEGER NOT NULL,
    type   TEXT NOT NULL,
    field  TEXT NOT NULL,
    source BLOB,
    model  TEXT,
    vector BLOB,
    UNIQUE (nid, field)
);
CREATE INDEX pdb_vector_made ON pdb_vector (type, field, model) WHERE source IS NOT NULL;
