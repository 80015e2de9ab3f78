-- Since when the server answers that the article is gone for good (404 or 410); its quotes stay.
ALTER TABLE articles ADD COLUMN vanished TEXT;
-- Visits name pages, articles are found by them.
CREATE INDEX versions_by_page ON versions (fetched_from);

-- What is worked out of the quotes: which of them have the same words. It follows the changes, and can
-- be worked out anew at any time.

-- The last change that is worked in.
CREATE TABLE clustered (change INTEGER NOT NULL) STRICT;
INSERT INTO clustered VALUES (0);

-- Words by a speaker's name, as comparisons see them; `id` is their hash. `fingerprints` is how many
-- they have; `cluster` is the first quote of all that are one statement with them, if there are
-- several; `altered` is 1 where another wording of the cluster has other words in their place.
CREATE TABLE wordings (
    id           INTEGER NOT NULL PRIMARY KEY,
    fingerprints INTEGER NOT NULL,
    cluster      TEXT    REFERENCES quotes (id),
    altered      INTEGER NOT NULL
) STRICT;
CREATE INDEX wordings_by_cluster ON wordings (cluster) WHERE cluster IS NOT NULL;

-- Every quote that has enough words in quotation marks to be told from what anybody may say.
CREATE TABLE duplicates (
    quote   TEXT    NOT NULL PRIMARY KEY REFERENCES quotes (id),
    wording INTEGER NOT NULL REFERENCES wordings (id)
) STRICT, WITHOUT ROWID;
CREATE INDEX duplicates_by_wording ON duplicates (wording);

-- Where wordings are found by what they share; ten rows a wording, so without a key to check.
CREATE TABLE fingerprints (
    fingerprint INTEGER NOT NULL,
    wording     INTEGER NOT NULL,
    PRIMARY KEY (fingerprint, wording)
) STRICT, WITHOUT ROWID;
