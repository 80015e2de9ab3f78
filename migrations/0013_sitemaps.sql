-- Sitemaps below a feed's index that were read in full, with nothing of them left to be asked again, and
-- what to ask them with next time.
CREATE TABLE sitemaps (
    feed          TEXT NOT NULL,
    url           TEXT NOT NULL,
    etag          TEXT,
    last_modified TEXT,
    PRIMARY KEY (feed, url)
) STRICT, WITHOUT ROWID;

-- `sitemap` is the one below the feed's index that named the address, empty if none did. A run that does
-- not read a sitemap leaves what an earlier one noted of it.
CREATE TABLE noted (
    feed      TEXT    NOT NULL,
    sitemap   TEXT    NOT NULL,
    url       TEXT    NOT NULL,
    at        TEXT    NOT NULL,
    outcome   TEXT    NOT NULL,
    transient INTEGER NOT NULL,
    reason    TEXT    NOT NULL,
    PRIMARY KEY (url, feed, sitemap)
) STRICT, WITHOUT ROWID;
INSERT INTO noted SELECT feed, '', url, at, outcome, transient, reason FROM unasked;
DROP TABLE unasked;
ALTER TABLE noted RENAME TO unasked;
CREATE INDEX unasked_by_feed ON unasked (feed);
