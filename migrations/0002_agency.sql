-- The news agency that each version credits, and whether it is a live blog: both read from the page,
-- so versions kept before know neither until they are fetched again.
ALTER TABLE versions ADD COLUMN agency TEXT;
ALTER TABLE versions ADD COLUMN live INTEGER NOT NULL DEFAULT 0;
