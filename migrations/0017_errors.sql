-- Why a run ended before it was done, if it failed.
ALTER TABLE runs ADD COLUMN error TEXT;
