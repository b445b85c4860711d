-- The ledger: one row per cell the sync would overwrite. `side` is 'now' (the snapshot) or 'after' (the plan applied).
CREATE TABLE forecast_group (
  side TEXT NOT NULL,
  id TEXT NOT NULL,
  record_type TEXT NOT NULL,
  review_group TEXT,  -- the group in the queue
  confluent INTEGER NOT NULL,
  exhaustive INTEGER NOT NULL,
  certain INTEGER NOT NULL,
  order_dependent INTEGER NOT NULL,
  records TEXT NOT NULL,  -- keys as JSON
  PRIMARY KEY (side, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX forecast_review ON forecast_group (side, review_group);

CREATE TABLE forecast_cell (
  side TEXT NOT NULL,
  group_id TEXT NOT NULL,
  record_key INTEGER NOT NULL,
  field TEXT NOT NULL,
  certainty TEXT NOT NULL,
  value_now TEXT,
  after TEXT NOT NULL,         -- JSON list
  overwritten_by TEXT NOT NULL -- JSON list of keys
) STRICT;
CREATE INDEX forecast_cell_group ON forecast_cell (side, group_id);

CREATE TABLE forecast_total (
  id INTEGER PRIMARY KEY,
  at TEXT NOT NULL,
  side TEXT NOT NULL,
  profile TEXT NOT NULL,
  totals TEXT NOT NULL  -- JSON
) STRICT;
