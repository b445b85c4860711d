-- What the last match run of a record type was made on, so that the next one looks only at what has changed.
CREATE TABLE match_basis (
  record_type TEXT PRIMARY KEY,
  settings TEXT NOT NULL,  -- digest of field map, matching settings and version
  seen BLOB NOT NULL,      -- record keys (int64), then digests of the records' mapped values (uint64)
  judged TEXT NOT NULL,    -- judgements as JSON: [[left key, right key, same], ...]
  tally BLOB NOT NULL      -- Arrow stream: how often values are held, as digests; see matching/tally.py
) STRICT;
