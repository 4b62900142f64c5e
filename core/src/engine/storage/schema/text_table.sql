-- The tables of the text index that types have for themselves, pdb_text_<num>: how each cuts texts, and
-- the fields that are its columns with their weights, as JSON, in the order of their names. All other
-- nodes are in pdb_text.
CREATE TABLE pdb_text_table (
    num    INTEGER PRIMARY KEY,
    type   TEXT NOT NULL,
    cut    TEXT NOT NULL,
    fields TEXT NOT NULL
);
