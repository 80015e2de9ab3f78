-- Who is who: speakers across articles.

-- An identity. Its id is that of its earliest mention; `told` is 0 where the articles don't tell which
-- bearer of the name it is.
CREATE TABLE speakers (
    id     TEXT    NOT NULL PRIMARY KEY,
    family TEXT    NOT NULL,
    name   TEXT    NOT NULL,
    kind   TEXT    NOT NULL,
    told   INTEGER NOT NULL
) STRICT;
CREATE INDEX speakers_by_family ON speakers (family);

-- A speaker as one article names them, of every quote that is not withdrawn and not of somebody
-- unnamed; `key` is the quotes' speaker_key. Only mentions of one `family` are compared, or of families
-- that corrections join. `stated` are the roles and affiliations, `words` hashes of the words quoted.
-- `speaker` is the identity; a row with `tied_to` is the evidence of it: the other mention, how alike the
-- names are, what shows that both are one, and the words of that.
CREATE TABLE mentions (
    id      TEXT    NOT NULL PRIMARY KEY,
    article TEXT    NOT NULL REFERENCES articles (id),
    key     TEXT    NOT NULL,
    name    TEXT    NOT NULL,
    kind    TEXT    NOT NULL,
    family  TEXT    NOT NULL,
    outlet  TEXT    NOT NULL,
    day     TEXT,
    quotes  INTEGER NOT NULL,
    stated  TEXT    NOT NULL,
    words   TEXT    NOT NULL,
    speaker TEXT    REFERENCES speakers (id),
    tied_to TEXT,
    names   TEXT,
    ground  TEXT,
    detail  TEXT,
    UNIQUE (article, key)
) STRICT;
CREATE INDEX mentions_by_family ON mentions (family);
CREATE INDEX mentions_by_speaker ON mentions (speaker);

-- Every name that articles give a speaker, one for each folded name.
CREATE TABLE aliases (
    speaker TEXT NOT NULL REFERENCES speakers (id),
    key     TEXT NOT NULL,
    name    TEXT NOT NULL,
    PRIMARY KEY (speaker, key)
) STRICT;

-- Every role and affiliation stated of a speaker, by outlet, with the first and the last day.
CREATE VIEW roles AS
    SELECT speaker, stated.value ->> 'role' AS role, stated.value ->> 'affiliation' AS affiliation,
        outlet, min(day) AS first, max(day) AS last, count(*) AS articles
    FROM mentions, json_each(mentions.stated) AS stated
    GROUP BY 1, 2, 3, 4;

-- Families whose mentions changed since their identities were worked out.
CREATE TABLE unsettled (
    family TEXT NOT NULL PRIMARY KEY
) STRICT;

-- What people say of identities: merge, split, or undo of one of these. A row is never changed. The
-- sides are named as they were then.
CREATE TABLE corrections (
    number      INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    at          TEXT    NOT NULL,
    kind        TEXT    NOT NULL,
    undoes      INTEGER UNIQUE REFERENCES corrections (number),
    first_id    TEXT,
    first_name  TEXT,
    second_id   TEXT,
    second_name TEXT
) STRICT;
-- The mentions on each side of a correction, in order. They stay here when an article or a later
-- extractor has them no more.
CREATE TABLE corrected_mentions (
    correction INTEGER NOT NULL REFERENCES corrections (number),
    side       INTEGER NOT NULL,
    position   INTEGER NOT NULL,
    mention    TEXT    NOT NULL,
    PRIMARY KEY (correction, side, position)
) STRICT;
CREATE INDEX corrected_mentions_by_mention ON corrected_mentions (mention);

-- The number of the rules that the identities were worked out with.
CREATE TABLE people_rules (
    rules INTEGER NOT NULL
) STRICT;

CREATE INDEX quotes_unnamed ON quotes (speaker_key) WHERE anonymous = 1;
