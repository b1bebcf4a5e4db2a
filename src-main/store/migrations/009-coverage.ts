/** What each reviewer has looked at, and how closely. */
export const version = 9;

export const sql = `
CREATE TABLE coverage (
  reviewer TEXT PRIMARY KEY,
  -- core/look-coverage.ts: a byte a cell, the closest look; at most 96 x 96
  cells BLOB NOT NULL,
  changed_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`;
