-- Times are RFC 3339 in UTC to the second; dates of pages stand as the page states them, in normal
-- form. Lists and spans that are always read whole are JSON. Offsets count code points.

-- What is known about each feed; how often it failed in a row.
CREATE TABLE feeds (
    id            TEXT    NOT NULL PRIMARY KEY,
    outlet        TEXT    NOT NULL,
    url           TEXT    NOT NULL,
    kind          TEXT    NOT NULL,
    etag          TEXT,
    last_modified TEXT,
    last_run      TEXT    NOT NULL,
    next_due      TEXT    NOT NULL,
    failures      INTEGER NOT NULL,
    last_error    TEXT
) STRICT;

-- Every run of every feed.
CREATE TABLE feed_runs (
    id        INTEGER NOT NULL PRIMARY KEY,
    feed      TEXT    NOT NULL REFERENCES feeds (id),
    started   TEXT    NOT NULL,
    finished  TEXT    NOT NULL,
    entries   INTEGER NOT NULL,
    new       INTEGER NOT NULL,
    changed   INTEGER NOT NULL,
    unchanged INTEGER NOT NULL,
    off_topic INTEGER NOT NULL,
    skipped   INTEGER NOT NULL,
    failed    INTEGER NOT NULL,
    quotes    INTEGER NOT NULL,
    error     TEXT
) STRICT;
CREATE INDEX feed_runs_by_feed ON feed_runs (feed, id);

-- The last visit to each page, kept or not.
CREATE TABLE visits (
    url           TEXT    NOT NULL PRIMARY KEY,
    feed          TEXT,
    at            TEXT    NOT NULL,
    outcome       TEXT    NOT NULL,
    transient     INTEGER NOT NULL,
    status        INTEGER,
    reason        TEXT    NOT NULL,
    entry_updated TEXT,
    final_url     TEXT,
    etag          TEXT,
    last_modified TEXT
) STRICT;
CREATE INDEX visits_not_kept ON visits (at) WHERE outcome <> 'kept';

-- robots.txt of each origin (scheme, host and port).
CREATE TABLE robots (
    origin  TEXT    NOT NULL PRIMARY KEY,
    status  INTEGER,
    body    TEXT    NOT NULL,
    fetched TEXT    NOT NULL
) STRICT;

-- An article is known by its URL; `version` is its newest.
CREATE TABLE articles (
    id      TEXT    NOT NULL PRIMARY KEY,
    url     TEXT    NOT NULL UNIQUE,
    version INTEGER NOT NULL
) STRICT;

-- Every version of every article; a row is never changed.
CREATE TABLE versions (
    article         TEXT    NOT NULL REFERENCES articles (id),
    version         INTEGER NOT NULL,
    fetched         TEXT    NOT NULL,
    fetched_from    TEXT    NOT NULL,
    feed            TEXT,
    outlet          TEXT    NOT NULL,
    page_outlet     TEXT,
    title           TEXT,
    standfirst      TEXT,
    byline          TEXT    NOT NULL,
    published       TEXT,
    modified        TEXT,
    language        TEXT,
    canonical_url   TEXT,
    text            TEXT    NOT NULL,
    text_hash       TEXT    NOT NULL,
    notices         TEXT    NOT NULL,
    snapshot_file   TEXT,
    snapshot_offset INTEGER,
    PRIMARY KEY (article, version)
) STRICT;
CREATE INDEX versions_by_feed ON versions (feed);

-- Why each version was kept: the decision on every topic that it was held against.
CREATE TABLE topic_decisions (
    article TEXT    NOT NULL,
    version INTEGER NOT NULL,
    topic   TEXT    NOT NULL,
    matched INTEGER NOT NULL,
    reason  TEXT    NOT NULL,
    PRIMARY KEY (article, version, topic),
    FOREIGN KEY (article, version) REFERENCES versions (article, version)
) STRICT;

-- A quote stays for good. `version` is the newest version that has it, and the offsets count there;
-- `current` is 0 once the newest version of the article no longer has it; `withdrawn` is 1 where a
-- later extractor no longer finds it.
CREATE TABLE quotes (
    id            TEXT    NOT NULL PRIMARY KEY,
    article       TEXT    NOT NULL REFERENCES articles (id),
    first_version INTEGER NOT NULL,
    version       INTEGER NOT NULL,
    position      INTEGER NOT NULL,
    kind          TEXT    NOT NULL,
    text          TEXT    NOT NULL,
    content       TEXT    NOT NULL,
    verbatim      TEXT    NOT NULL,
    source        TEXT,
    cue           TEXT,
    speaker_id    TEXT,
    speaker       TEXT,
    speaker_key   TEXT,
    speaker_kind  TEXT,
    role          TEXT,
    affiliation   TEXT,
    anonymous     INTEGER,
    confidence    REAL    NOT NULL,
    prefix        TEXT    NOT NULL,
    suffix        TEXT    NOT NULL,
    paragraph     INTEGER NOT NULL,
    revised       INTEGER NOT NULL,
    current       INTEGER NOT NULL,
    withdrawn     INTEGER NOT NULL,
    FOREIGN KEY (article, version) REFERENCES versions (article, version),
    FOREIGN KEY (article, first_version) REFERENCES versions (article, version)
) STRICT;
CREATE INDEX quotes_by_article ON quotes (article, version, position);
CREATE INDEX quotes_by_speaker ON quotes (speaker_key);

-- What became of quotes between two versions of an article.
CREATE TABLE revisions (
    id             INTEGER NOT NULL PRIMARY KEY,
    article        TEXT    NOT NULL,
    version        INTEGER NOT NULL,
    kind           TEXT    NOT NULL,
    before_quote   TEXT    REFERENCES quotes (id),
    before_version INTEGER,
    before_text    TEXT,
    before_speaker TEXT,
    after_quote    TEXT    REFERENCES quotes (id),
    after_version  INTEGER,
    after_text     TEXT,
    after_speaker  TEXT,
    notice         TEXT,
    FOREIGN KEY (article, version) REFERENCES versions (article, version)
) STRICT;
CREATE INDEX revisions_by_article ON revisions (article);
CREATE INDEX revisions_by_before ON revisions (before_quote);
CREATE INDEX revisions_by_after ON revisions (after_quote);

-- A row for each change of an article's quotes, for the search index to follow.
CREATE TABLE changes (
    seq     INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    article TEXT    NOT NULL REFERENCES articles (id)
) STRICT;
