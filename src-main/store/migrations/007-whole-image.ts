/** What a detector found in the whole image at once, beside the tiles. */
export const version = 7;

export const sql = `
-- level-0 pixels, float32 little-endian as in tile_result
CREATE TABLE whole_image_result (
  run INTEGER PRIMARY KEY REFERENCES run (no),
  detections BLOB NOT NULL,
  shapes BLOB
) STRICT;
`;
