/** The first schema. Migrations are never edited after a release: a change is a new file. */
export const version = 1;

export const sql = `
CREATE TABLE image (
  id INTEGER PRIMARY KEY,
  path TEXT NOT NULL,
  name TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  modified_ms REAL NOT NULL,
  info TEXT NOT NULL CHECK (json_valid(info)),
  -- JPEG, for lists and reports when the image itself is not at hand
  thumbnail BLOB,
  added_at TEXT NOT NULL
) STRICT;

CREATE TABLE run (
  no INTEGER PRIMARY KEY,
  image INTEGER NOT NULL REFERENCES image (id),
  state TEXT NOT NULL CHECK (state IN ('running','paused','interrupted','cancelled','complete','complete-with-gaps','failed')),
  step TEXT NOT NULL CHECK (step IN ('preprocess','analyze','synthesize','store','finished')),
  -- grows each time the run is taken up: a result from an older epoch is never written
  epoch INTEGER NOT NULL DEFAULT 0,
  model_path TEXT NOT NULL,
  model_sha256 TEXT NOT NULL,
  manifest TEXT NOT NULL CHECK (json_valid(manifest)),
  fit TEXT NOT NULL CHECK (json_valid(fit)),
  parameters TEXT NOT NULL CHECK (json_valid(parameters)),
  threshold REAL NOT NULL,
  grid TEXT NOT NULL CHECK (json_valid(grid)),
  provider TEXT,
  reason TEXT,
  created_at TEXT NOT NULL,
  finished_at TEXT,
  worked_ms INTEGER NOT NULL DEFAULT 0,
  software TEXT NOT NULL
) STRICT;

-- state: 0 pending, 1 running, 2 done, 3 waiting, 4 failed, 5 skipped (contract/run.ts)
CREATE TABLE tile (
  run INTEGER NOT NULL REFERENCES run (no),
  idx INTEGER NOT NULL,
  state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 5),
  attempts INTEGER NOT NULL DEFAULT 0,
  crashes INTEGER NOT NULL DEFAULT 0,
  epoch INTEGER NOT NULL DEFAULT 0,
  wake_ms INTEGER,
  skip INTEGER NOT NULL DEFAULT 0,
  content REAL NOT NULL,
  score REAL,
  class INTEGER,
  error TEXT,
  PRIMARY KEY (run, idx),
  CHECK ((state = 3) = (wake_ms IS NOT NULL)),
  CHECK ((state = 5) = (skip <> 0))
) STRICT, WITHOUT ROWID;

-- what the model said about a tile, before merging: float32 little-endian
CREATE TABLE tile_result (
  run INTEGER NOT NULL,
  idx INTEGER NOT NULL,
  tile_values BLOB NOT NULL,
  detections BLOB NOT NULL,
  PRIMARY KEY (run, idx),
  FOREIGN KEY (run, idx) REFERENCES tile (run, idx)
) STRICT, WITHOUT ROWID;

-- the merged result of synthesize, in the order of ordinal: score descending, then y, x
CREATE TABLE finding (
  run INTEGER NOT NULL REFERENCES run (no),
  ordinal INTEGER NOT NULL,
  id TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('detection','tile')),
  x REAL NOT NULL, y REAL NOT NULL, width REAL NOT NULL, height REAL NOT NULL,
  class INTEGER NOT NULL,
  score REAL NOT NULL,
  tile INTEGER NOT NULL,
  PRIMARY KEY (run, ordinal)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX finding_by_id ON finding (run, id);

-- every decision ever made, oldest first; the newest of a finding is in force, verdict NULL takes it back
CREATE TABLE decision (
  seq INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES run (no),
  finding TEXT NOT NULL,
  verdict TEXT CHECK (verdict IN ('accepted','rejected')),
  previous TEXT,
  reviewer TEXT NOT NULL,
  model_sha256 TEXT NOT NULL,
  at TEXT NOT NULL
) STRICT;
CREATE INDEX decision_by_finding ON decision (run, finding, seq);

CREATE TABLE event (
  seq INTEGER PRIMARY KEY,
  at TEXT NOT NULL,
  run INTEGER REFERENCES run (no),
  kind TEXT NOT NULL,
  data TEXT NOT NULL CHECK (json_valid(data))
) STRICT;
`;
