-- The ledger, one row per group of records that share a target. `side`: 'now' (the snapshot) or 'after' (the plan applied).
-- A group's cells are one JSON text (see workspace/ledger.py), written in bulk; its counts stand beside it.
DROP TABLE forecast_cell;
DROP TABLE forecast_group;
CREATE TABLE forecast_group (
  side TEXT NOT NULL,
  id TEXT NOT NULL,
  record_type TEXT NOT NULL,
  review_group TEXT,               -- the group in the queue
  confluent INTEGER NOT NULL,
  exhaustive INTEGER NOT NULL,
  collision INTEGER NOT NULL,
  certain INTEGER NOT NULL,
  order_dependent INTEGER NOT NULL,
  intended INTEGER NOT NULL,
  wiped INTEGER NOT NULL,
  at_risk INTEGER NOT NULL,        -- records
  blocked INTEGER NOT NULL,        -- records
  first INTEGER NOT NULL,          -- cells of the first system
  records TEXT NOT NULL,           -- keys as JSON
  cells TEXT NOT NULL              -- JSON
) STRICT;
CREATE UNIQUE INDEX forecast_id ON forecast_group (side, id);
CREATE INDEX forecast_review ON forecast_group (review_group, side);
CREATE INDEX forecast_stake ON forecast_group (side, certain + order_dependent DESC, id);

-- Groups of 'now' that a decision has changed or dissolved, where 'after' is kept as what differs from 'now'.
CREATE TABLE forecast_superseded (id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
DELETE FROM forecast_total;
