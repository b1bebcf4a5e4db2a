/** Outlines of findings (rotated boxes, instance masks, regions, key points), what segmenters say about each pixel, image quality. */
export const version = 2;

export const sql = `
-- shapes of a tile's detections, in their order (core/shape.ts), float32 little-endian
ALTER TABLE tile_result ADD COLUMN shapes BLOB;
-- classes of a segmented tile's pixels (core/segment-mask), compressed
ALTER TABLE tile_result ADD COLUMN mask BLOB;

-- sharpness of the tile's pixels (core/quality/focus.ts), and how much of its core is covered by pen, 0-1
ALTER TABLE tile ADD COLUMN sharpness REAL;
ALTER TABLE tile ADD COLUMN pen REAL NOT NULL DEFAULT 0;

CREATE TABLE finding_next (
  run INTEGER NOT NULL REFERENCES run (no),
  ordinal INTEGER NOT NULL,
  id TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('detection','tile','region')),
  x REAL NOT NULL, y REAL NOT NULL, width REAL NOT NULL, height REAL NOT NULL,
  class INTEGER NOT NULL,
  score REAL NOT NULL,
  tile INTEGER NOT NULL,
  PRIMARY KEY (run, ordinal)
) STRICT, WITHOUT ROWID;
INSERT INTO finding_next SELECT run, ordinal, id, kind, x, y, width, height, class, score, tile FROM finding;
DROP TABLE finding;
ALTER TABLE finding_next RENAME TO finding;
CREATE UNIQUE INDEX finding_by_id ON finding (run, id);

-- in a table of its own, so that lists and counts of findings never read outlines
CREATE TABLE finding_shape (
  run INTEGER NOT NULL,
  ordinal INTEGER NOT NULL,
  shape BLOB NOT NULL,
  PRIMARY KEY (run, ordinal)
) STRICT, WITHOUT ROWID;
`;
