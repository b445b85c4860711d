-- One row per pulled table. Records of table `no` live in rec_<system>_<table>; a record's key is (no << 40) | _row.
CREATE TABLE record_table (
  no INTEGER PRIMARY KEY,
  system TEXT NOT NULL,
  name TEXT NOT NULL,
  storage TEXT NOT NULL UNIQUE,
  columns TEXT NOT NULL DEFAULT '[]',  -- metadata as JSON
  UNIQUE (system, name)
) STRICT;

-- One row per table and pull; `cursor` is where a killed pull goes on, `next_since` where the next incremental one starts.
CREATE TABLE pull (
  id INTEGER PRIMARY KEY,
  system TEXT NOT NULL,
  table_name TEXT NOT NULL,
  mode TEXT NOT NULL CHECK (mode IN ('full', 'changes')),
  since TEXT,
  started_at TEXT NOT NULL,
  finished_at TEXT,
  cursor TEXT,
  next_since TEXT,
  records INTEGER NOT NULL DEFAULT 0,
  changed INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX pull_table ON pull (system, table_name, id);

CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
