-- Vectors made here of the texts of nodes, for fields that are declared `embed_from`. A row is there
-- for each node that has such text. `source` is a hash of the text as it is now; `model` names what
-- made `vector` of it and is NULL while that is still to be done. `vector` is 32-bit floats,
-- little-endian, NULL also where the model finds nothing in the text to make one of.
CREATE TABLE pdb_embedding (
    nid    INTEGER NOT NULL,
    type   TEXT NOT NULL,
    field  TEXT NOT NULL,
    source BLOB NOT NULL,
    model  TEXT,
    vector BLOB,
    PRIMARY KEY (nid, field)
);
CREATE INDEX pdb_embedding_model ON pdb_embedding (type, field, model);
