-- Names are kept in the order in which they are asked for: in one tree, not in a table and an index.
CREATE TABLE names (
    speaker TEXT NOT NULL REFERENCES speakers (id),
    key     TEXT NOT NULL,
    name    TEXT NOT NULL,
    PRIMARY KEY (speaker, key)
) STRICT, WITHOUT ROWID;
INSERT INTO names SELECT speaker, key, name FROM aliases ORDER BY speaker, key;
DROP TABLE aliases;
ALTER TABLE names RENAME TO aliases;
