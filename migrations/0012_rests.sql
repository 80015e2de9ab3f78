-- Until when servers asked to be left alone (Retry-After), by origin (scheme, host and port).
CREATE TABLE rests (
    origin TEXT NOT NULL PRIMARY KEY,
    until  TEXT NOT NULL
) STRICT, WITHOUT ROWID;
