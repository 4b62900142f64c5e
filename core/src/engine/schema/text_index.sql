-- Full text of every string in a node, by the node's nid.
CREATE VIRTUAL TABLE pdb_text USING fts5(
    text,
    content = '',
    contentless_delete = 1,
    tokenize = 'unicode61 remove_diacritics 2'
);
