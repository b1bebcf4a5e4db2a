/** Remote models: what a run has cost, what was said of each tile, and of the image. */
export const version = 3;

export const sql = `
-- contract/model-remote.ts: RemoteUsage, SceneDescription
ALTER TABLE run ADD COLUMN usage TEXT CHECK (usage IS NULL OR json_valid(usage));
ALTER TABLE run ADD COLUMN scene TEXT CHECK (scene IS NULL OR json_valid(scene));

-- TileNote
CREATE TABLE tile_note (
  run INTEGER NOT NULL,
  idx INTEGER NOT NULL,
  note TEXT NOT NULL CHECK (json_valid(note)),
  PRIMARY KEY (run, idx),
  FOREIGN KEY (run, idx) REFERENCES tile (run, idx)
) STRICT, WITHOUT ROWID;
`;
