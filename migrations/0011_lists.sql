-- What lists show, kept ready: it is worked out of the other tables, again where they changed.

-- Everybody who is quoted: `whose` is an identity where the speaker is `named`, else the quotes'
-- speaker_key. `keys` are the folded names, a line each; `summary` has the totals, the most frequent
-- names, roles, affiliations and outlets, and of roles over time those of most articles.
CREATE TABLE listed_speakers (
    whose   TEXT    NOT NULL,
    named   INTEGER NOT NULL,
    name    TEXT    NOT NULL,
    keys    TEXT    NOT NULL,
    quotes  INTEGER NOT NULL,
    summary TEXT    NOT NULL,
    PRIMARY KEY (whose, named)
) STRICT;
CREATE INDEX listed_speakers_in_order ON listed_speakers (quotes DESC, name, named, whose, keys);

-- Speakers whose row there is to be worked out.
CREATE TABLE unlisted_speakers (
    whose TEXT    NOT NULL,
    named INTEGER NOT NULL,
    PRIMARY KEY (whose, named)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER mention_made AFTER INSERT ON mentions WHEN NEW.speaker IS NOT NULL BEGIN
    INSERT INTO unlisted_speakers VALUES (NEW.speaker, 1) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER mention_gone AFTER DELETE ON mentions WHEN OLD.speaker IS NOT NULL BEGIN
    INSERT INTO unlisted_speakers VALUES (OLD.speaker, 1) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER mention_changed
AFTER UPDATE OF speaker, name, kind, outlet, day, quotes, stated ON mentions
WHEN (OLD.speaker, OLD.name, OLD.kind, OLD.outlet, OLD.day, OLD.quotes, OLD.stated)
    IS NOT (NEW.speaker, NEW.name, NEW.kind, NEW.outlet, NEW.day, NEW.quotes, NEW.stated)
BEGIN
    INSERT INTO unlisted_speakers SELECT OLD.speaker, 1 WHERE OLD.speaker IS NOT NULL ON CONFLICT DO NOTHING;
    INSERT INTO unlisted_speakers SELECT NEW.speaker, 1 WHERE NEW.speaker IS NOT NULL ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER speaker_changed AFTER UPDATE ON speakers BEGIN
    INSERT INTO unlisted_speakers VALUES (NEW.id, 1) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER speaker_gone AFTER DELETE ON speakers BEGIN
    DELETE FROM listed_speakers WHERE whose = OLD.id AND named = 1;
END;
CREATE TRIGGER unnamed_made AFTER INSERT ON quotes
WHEN NEW.anonymous = 1 AND NEW.speaker_key IS NOT NULL BEGIN
    INSERT INTO unlisted_speakers VALUES (NEW.speaker_key, 0) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER unnamed_changed AFTER UPDATE ON quotes WHEN OLD.anonymous = 1 OR NEW.anonymous = 1 BEGIN
    INSERT INTO unlisted_speakers SELECT OLD.speaker_key, 0
        WHERE OLD.anonymous = 1 AND OLD.speaker_key IS NOT NULL ON CONFLICT DO NOTHING;
    INSERT INTO unlisted_speakers SELECT NEW.speaker_key, 0
        WHERE NEW.anonymous = 1 AND NEW.speaker_key IS NOT NULL ON CONFLICT DO NOTHING;
END;

INSERT INTO unlisted_speakers SELECT id, 1 FROM speakers;
INSERT INTO unlisted_speakers SELECT DISTINCT speaker_key, 0 FROM quotes
    WHERE anonymous = 1 AND speaker_key IS NOT NULL;

-- A speaker's mentions in the order in which they are read.
DROP INDEX mentions_by_speaker;
CREATE INDEX mentions_by_speaker ON mentions (speaker, day IS NULL, day, id);

-- Clusters of which several outlets have quotes: the day of the last one, and whether another outlet
-- has other words inside what both quote.
CREATE TABLE statements (
    cluster TEXT    NOT NULL PRIMARY KEY,
    last    TEXT    NOT NULL,
    altered INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX statements_in_order ON statements (last DESC, cluster);
CREATE INDEX altered_statements_in_order ON statements (last DESC, cluster) WHERE altered;
