-- When everything is asked again: feeds, kept articles, pages that a changed topic may now fit.

-- `schedule` is what next_due was worked out from; `quiet` counts the runs in a row that brought
-- nothing new; `gone` is since when the server says that the feed is gone for good.
ALTER TABLE feeds ADD COLUMN schedule TEXT;
ALTER TABLE feeds ADD COLUMN quiet INTEGER NOT NULL DEFAULT 0;
ALTER TABLE feeds ADD COLUMN gone TEXT;
-- The topics (short hashes, sorted, a space between) that the feed's pages were held against.
ALTER TABLE feeds ADD COLUMN topics TEXT NOT NULL DEFAULT '';

-- `kept_since` is when the page was first kept, `recheck_at` when it is asked again for corrections;
-- `topics` as in feeds; the page's newest archived payload: where it is, its digest and its date.
ALTER TABLE visits ADD COLUMN kept_since TEXT;
ALTER TABLE visits ADD COLUMN recheck_at TEXT;
ALTER TABLE visits ADD COLUMN topics TEXT NOT NULL DEFAULT '';
ALTER TABLE visits ADD COLUMN payload_file TEXT;
ALTER TABLE visits ADD COLUMN payload_offset INTEGER;
ALTER TABLE visits ADD COLUMN payload_digest TEXT;
ALTER TABLE visits ADD COLUMN payload_date TEXT;
UPDATE visits SET kept_since = at, recheck_at = at WHERE outcome = 'kept';
CREATE INDEX visits_to_recheck ON visits (recheck_at) WHERE recheck_at IS NOT NULL;
CREATE INDEX visits_by_topics ON visits (feed, outcome, topics);

-- Every run over the watch list.
CREATE TABLE runs (
    id           INTEGER NOT NULL PRIMARY KEY,
    command      TEXT    NOT NULL,
    started      TEXT    NOT NULL,
    finished     TEXT    NOT NULL,
    feeds        INTEGER NOT NULL,
    feeds_failed INTEGER NOT NULL,
    requests     INTEGER NOT NULL,
    bytes        INTEGER NOT NULL,
    entries      INTEGER NOT NULL,
    new          INTEGER NOT NULL,
    changed      INTEGER NOT NULL,
    unchanged    INTEGER NOT NULL,
    off_topic    INTEGER NOT NULL,
    skipped      INTEGER NOT NULL,
    failed       INTEGER NOT NULL,
    quotes       INTEGER NOT NULL,
    stopped      INTEGER NOT NULL
) STRICT;
