-- What the publisher asks of copies of each version, as its page or its server states it.
CREATE TABLE reservations (
    article     TEXT    NOT NULL,
    version     INTEGER NOT NULL,
    reservation TEXT    NOT NULL,
    PRIMARY KEY (article, version, reservation),
    FOREIGN KEY (article, version) REFERENCES versions (article, version)
) STRICT;
