/** Why a run came to its end. */
export const version = 4;

export const sql = `
-- contract/run.ts: Completion
ALTER TABLE run ADD COLUMN completion TEXT
  CHECK (completion IS NULL OR completion IN ('all-ended','minimum-reached','tolerance-exceeded'));
`;
