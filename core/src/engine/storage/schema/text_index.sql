-- Full text of every string in a node, by the node's nid.
CREATE VIRTUAL TABLE pdb_text USING fts5(
    text,
    content = '',
    contentless_delete = 1,
    tokenize = 'unicode61 remove_diacritics 2'
);
-- Bytes gathered in memory before a segment is written; the default of 1 MiB makes many small ones.
INSERT INTO pdb_text (pdb_text, rank) VALUES ('hashsize', 8388608);
