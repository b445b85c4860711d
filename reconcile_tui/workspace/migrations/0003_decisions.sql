-- Append-only: undo and redo are entries too.
CREATE TABLE decision (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  at TEXT NOT NULL,
  author TEXT NOT NULL,
  group_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  payload TEXT NOT NULL DEFAULT '{}',  -- JSON
  note TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX decision_group ON decision (group_id, seq);
CREATE TRIGGER decision_kept BEFORE DELETE ON decision BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;
CREATE TRIGGER decision_unchanged BEFORE UPDATE ON decision BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;

-- Which decisions are not in force because an undo entry (`by`) took them back; derived from the log, kept for speed.
CREATE TABLE decision_undone (seq INTEGER PRIMARY KEY, by INTEGER NOT NULL) STRICT;

-- same / different between records, derived from the decisions in force; survives re-pull and re-match. The newest word on a pair stands.
CREATE TABLE judgement (
  left_key INTEGER NOT NULL,
  right_key INTEGER NOT NULL,
  decision INTEGER NOT NULL,
  same INTEGER NOT NULL,
  group_id TEXT NOT NULL,
  PRIMARY KEY (left_key, right_key, decision)
) STRICT, WITHOUT ROWID;
CREATE INDEX judgement_group ON judgement (group_id);

-- The mapped values a decided group's records had when they were decided on; what differs now was changed since.
CREATE TABLE decision_basis (
  group_id TEXT NOT NULL,
  record_key INTEGER NOT NULL,
  record_values TEXT NOT NULL,  -- JSON
  PRIMARY KEY (group_id, record_key)
) STRICT, WITHOUT ROWID;

-- Ids that a merge has changed: decisions and plans made before go on meaning the same record.
CREATE TABLE record_alias (
  system TEXT NOT NULL,
  table_name TEXT NOT NULL,
  old_id TEXT NOT NULL,
  new_id TEXT NOT NULL,
  PRIMARY KEY (system, table_name, old_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE acceptance (
  id INTEGER PRIMARY KEY,
  check_id TEXT NOT NULL,
  reason TEXT NOT NULL,
  author TEXT NOT NULL,
  at TEXT NOT NULL,
  count INTEGER NOT NULL
) STRICT;
