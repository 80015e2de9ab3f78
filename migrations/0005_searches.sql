-- Searches that somebody saved, to be told what comes new.

-- `filters` is JSON, as the program that asks writes it; `asked` is when the search was asked last.
CREATE TABLE searches (
    name    TEXT NOT NULL PRIMARY KEY,
    filters TEXT NOT NULL,
    saved   TEXT NOT NULL,
    asked   TEXT
) STRICT;

-- The quotes that were there when the search was saved, or were printed for it since.
CREATE TABLE searches_seen (
    search TEXT NOT NULL REFERENCES searches (name) ON DELETE CASCADE,
    quote  TEXT NOT NULL,
    PRIMARY KEY (search, quote)
) STRICT, WITHOUT ROWID;
