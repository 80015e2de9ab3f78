-- What the last run of each feed named and did not ask for, or could not read, and why. The feed's next
-- run replaces it; what was visited since stands in visits.
CREATE TABLE unasked (
    feed      TEXT    NOT NULL,
    url       TEXT    NOT NULL,
    at        TEXT    NOT NULL,
    outcome   TEXT    NOT NULL,
    transient INTEGER NOT NULL,
    reason    TEXT    NOT NULL,
    PRIMARY KEY (feed, url)
) STRICT, WITHOUT ROWID;

-- /.well-known/tdmrep.json of each origin (scheme, host and port).
CREATE TABLE tdmrep (
    origin  TEXT    NOT NULL PRIMARY KEY,
    status  INTEGER,
    body    TEXT    NOT NULL,
    fetched TEXT    NOT NULL
) STRICT;

-- A short hash of how the feed's entries were read and chosen in the last good run.
ALTER TABLE feeds ADD COLUMN reads TEXT NOT NULL DEFAULT '';
