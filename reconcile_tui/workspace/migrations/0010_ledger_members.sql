-- A group of the ledger is found again by its least record; one that decisions have touched by any of its records, for what held it
-- together may be gone by then.
ALTER TABLE forecast_group ADD COLUMN least INTEGER NOT NULL DEFAULT 0;
UPDATE forecast_group SET least = (SELECT min(value) FROM json_each(records));
CREATE INDEX forecast_least ON forecast_group (least, side);
CREATE TABLE forecast_member (
  record_key INTEGER NOT NULL,
  id TEXT NOT NULL,
  PRIMARY KEY (record_key, id)
) STRICT, WITHOUT ROWID;
