-- New articles whose mentions are yet to be made, in the order in which they came: at the end of a run,
-- when that is done for many together.
CREATE TABLE ungathered (
    number  INTEGER NOT NULL PRIMARY KEY,
    article TEXT    NOT NULL UNIQUE REFERENCES articles (id)
) STRICT;

-- New mentions have no speaker yet: they come here when they have one.
DROP INDEX mentions_by_speaker;
CREATE INDEX mentions_by_speaker ON mentions (speaker, day IS NULL, day, id) WHERE speaker IS NOT NULL;

-- Nothing asks for quotes by their speaker's name: mentions lead to them.
DROP INDEX quotes_by_speaker;
