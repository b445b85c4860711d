-- One row per run of the readiness checks; `totals` holds counts by check, for the trend.
CREATE TABLE check_run (
  id INTEGER PRIMARY KEY,
  at TEXT NOT NULL,
  pull INTEGER NOT NULL,      -- newest pull the run looked at
  totals TEXT NOT NULL        -- JSON {check: [count, settled]}
) STRICT;

-- The findings of the newest run. `unknown` says why a check could not be computed (then count is 0).
CREATE TABLE finding (
  check_id TEXT PRIMARY KEY,
  count INTEGER NOT NULL,
  unknown TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;

-- The first rows of each finding; `records` and `detail` as JSON. Values are raw CRM text.
CREATE TABLE finding_row (
  id INTEGER PRIMARY KEY,
  check_id TEXT NOT NULL,
  records TEXT NOT NULL,      -- keys
  detail TEXT NOT NULL
) STRICT;
CREATE INDEX finding_row_check ON finding_row (check_id, id);

-- How many findings of a check the decisions in force on a group will have settled once they are applied.
CREATE TABLE finding_settled (
  group_id TEXT NOT NULL,
  check_id TEXT NOT NULL,
  settled INTEGER NOT NULL,
  PRIMARY KEY (group_id, check_id)
) STRICT, WITHOUT ROWID;

-- Answers of the questionnaire, append-only; the newest one stands.
CREATE TABLE answer (
  id INTEGER PRIMARY KEY,
  question TEXT NOT NULL,
  answer TEXT NOT NULL,
  author TEXT NOT NULL,
  at TEXT NOT NULL
) STRICT;
