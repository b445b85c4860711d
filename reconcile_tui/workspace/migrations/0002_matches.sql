CREATE TABLE pair (
  left_key INTEGER NOT NULL,
  right_key INTEGER NOT NULL,
  bits REAL NOT NULL,
  probability REAL NOT NULL,
  class TEXT NOT NULL,
  PRIMARY KEY (left_key, right_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX pair_right ON pair (right_key);

CREATE TABLE record_group (
  id TEXT PRIMARY KEY,
  record_type TEXT NOT NULL,
  class TEXT NOT NULL,
  score REAL NOT NULL,
  size INTEGER NOT NULL,
  systems TEXT NOT NULL DEFAULT '',        -- e.g. D+H+H, for display and filtering
  title TEXT NOT NULL DEFAULT '',          -- a name to recognise the group by; raw CRM text
  differs TEXT NOT NULL DEFAULT '[]',      -- field names as JSON
  cells_at_risk INTEGER NOT NULL DEFAULT 0,
  consent_at_risk INTEGER NOT NULL DEFAULT 0,
  state TEXT NOT NULL DEFAULT 'open',      -- open, decided, unsure, skipped, changed
  outcome TEXT NOT NULL DEFAULT '',
  uncertainty REAL NOT NULL DEFAULT 0,
  assignee TEXT NOT NULL DEFAULT '',
  newest TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX group_risk ON record_group (consent_at_risk DESC, cells_at_risk DESC, id);
CREATE INDEX group_class ON record_group (class, state);
CREATE INDEX group_score ON record_group (score DESC, id);

CREATE TABLE group_member (
  record_key INTEGER PRIMARY KEY,
  group_id TEXT NOT NULL
) STRICT;
CREATE INDEX member_group ON group_member (group_id);

CREATE TABLE match_run (
  id INTEGER PRIMARY KEY,
  record_type TEXT NOT NULL,
  at TEXT NOT NULL,
  model TEXT NOT NULL,   -- JSON, readable
  report TEXT NOT NULL   -- JSON
) STRICT;
