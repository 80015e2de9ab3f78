-- Named collections: quotes that somebody picked.

-- `made` and `changed` are times. An id is never given again: a link to it may be kept anywhere.
CREATE TABLE collections (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    name    TEXT NOT NULL UNIQUE,
    made    TEXT NOT NULL,
    changed TEXT NOT NULL
) STRICT;

-- What is in them, in the order of `position`. Quotes stay for good, withdrawn ones too.
CREATE TABLE collection_quotes (
    collection INTEGER NOT NULL REFERENCES collections (id) ON DELETE CASCADE,
    quote      TEXT    NOT NULL REFERENCES quotes (id),
    position   INTEGER NOT NULL,
    PRIMARY KEY (collection, quote)
) STRICT, WITHOUT ROWID;
CREATE INDEX collection_quotes_in_order ON collection_quotes (collection, position);
-- The reference is looked up from here when a quote is changed.
CREATE INDEX collection_quotes_by_quote ON collection_quotes (quote);
