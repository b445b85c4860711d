CREATE TABLE plan (
  digest TEXT PRIMARY KEY,
  made_at TEXT NOT NULL,
  document BLOB NOT NULL  -- the plan file, zlib
) STRICT;

CREATE TABLE run (
  id INTEGER PRIMARY KEY,
  plan TEXT NOT NULL,
  kind TEXT NOT NULL DEFAULT 'apply' CHECK (kind IN ('apply', 'undo')),
  of_run INTEGER,
  started_at TEXT NOT NULL,
  finished_at TEXT,
  author TEXT NOT NULL
) STRICT;

-- One row per step of each write, durable before the next step: intent, answer, outcome.
CREATE TABLE journal (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES run (id),
  seq INTEGER NOT NULL,
  phase TEXT NOT NULL,
  at TEXT NOT NULL,
  detail TEXT NOT NULL DEFAULT '{}'  -- JSON
) STRICT;
CREATE INDEX journal_run ON journal (run, seq, id);

-- What a record held before the first write of a run touched it.
CREATE TABLE prior_state (
  run INTEGER NOT NULL REFERENCES run (id),
  system TEXT NOT NULL,
  table_name TEXT NOT NULL,
  record_id TEXT NOT NULL,
  etag TEXT,
  state TEXT NOT NULL,  -- JSON
  PRIMARY KEY (run, system, table_name, record_id)
) STRICT, WITHOUT ROWID;
