/** Decisions that give another class, carry a note, and are undone or redone without anything being erased. */
export const version = 5;

export const sql = `
-- 'decide', or 'undo' and 'redo' of the decision that "about" names; verdict, class and note are what is in force after it
ALTER TABLE decision ADD COLUMN action TEXT NOT NULL DEFAULT 'decide' CHECK (action IN ('decide','undo','redo'));
ALTER TABLE decision ADD COLUMN about INTEGER REFERENCES decision (seq) CHECK ((about IS NULL) = (action = 'decide'));
-- index of the class that the reviewer gave; NULL: the model's
ALTER TABLE decision ADD COLUMN class INTEGER;
ALTER TABLE decision ADD COLUMN previous_class INTEGER;
ALTER TABLE decision ADD COLUMN note TEXT;
ALTER TABLE decision ADD COLUMN previous_note TEXT;
CREATE INDEX decision_by_about ON decision (about, seq) WHERE about IS NOT NULL;

-- what a reviewer drew: regions, points, measures; level-0 pixels
CREATE TABLE annotation (
  id TEXT PRIMARY KEY,
  -- contract/annotation.ts: Annotation, without its id
  data TEXT NOT NULL CHECK (json_valid(data)),
  author TEXT NOT NULL,
  created_at TEXT NOT NULL,
  changed_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`;
