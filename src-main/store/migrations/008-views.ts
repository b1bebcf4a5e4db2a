/**
 * Views for people who query a case with SQL (docs/exports.md): names in place of numbers, and of decisions what is in force. Nothing
 * in the program reads them. A migration that changes a table beneath them drops and makes them anew.
 */
export const version = 8;

/** See store/decision-store.ts: a decision that the newest word about it does not undo. */
const counts = `x.action = 'decide' AND (SELECT y.action FROM decision y WHERE y.about = x.seq ORDER BY y.seq DESC LIMIT 1) IS NOT 'undo'`;
const className = (run: string, index: string): string =>
  `json_extract(${run}.manifest, '$.classes[' || ${index} || '].name')`;

export const sql = `
CREATE VIEW runs AS
SELECT r.no AS run, r.state, r.step, r.completion, r.reason,
  json_extract(r.manifest, '$.name') AS model, json_extract(r.manifest, '$.version') AS model_version, r.model_sha256,
  json_extract(r.manifest, '$.task') AS task, r.threshold, r.provider, r.created_at, r.finished_at, r.worked_ms / 1000.0 AS seconds,
  (SELECT count(*) FROM tile t WHERE t.run = r.no) AS tiles,
  (SELECT count(*) FROM tile t WHERE t.run = r.no AND t.state = 2) AS tiles_done,
  (SELECT count(*) FROM tile t WHERE t.run = r.no AND t.state = 5) AS tiles_skipped,
  (SELECT count(*) FROM tile t WHERE t.run = r.no AND t.state = 4) AS tiles_failed,
  (SELECT count(*) FROM finding f WHERE f.run = r.no AND f.score >= r.threshold) AS findings
FROM run r;

CREATE VIEW tiles AS
SELECT t.run, t.idx AS tile, t.idx % json_extract(r.grid, '$.columns') AS tile_column, t.idx / json_extract(r.grid, '$.columns') AS tile_row,
  CASE t.state WHEN 0 THEN 'pending' WHEN 1 THEN 'running' WHEN 2 THEN 'done' WHEN 3 THEN 'waiting' WHEN 4 THEN 'failed' ELSE 'skipped' END AS state,
  CASE t.skip WHEN 0 THEN NULL WHEN 1 THEN 'background' WHEN 2 THEN 'no-data' WHEN 3 THEN 'outside-region' WHEN 4 THEN 'content-gate' ELSE 'other' END AS skip_reason,
  t.score, ${className('r', 't.class')} AS class, t.attempts,
  json_extract(t.error, '$.code') AS error, json_extract(t.error, '$.message') AS error_message, t.sharpness, t.pen
FROM tile t JOIN run r ON r.no = t.run;

CREATE VIEW findings AS
SELECT f.run, f.id, f.ordinal, f.kind, ${className('r', 'coalesce(d.class, f.class)')} AS class, ${className('r', 'f.class')} AS model_class,
  f.score, f.score >= r.threshold AS above_threshold, f.x, f.y, f.width, f.height, f.tile,
  d.verdict, d.note, CASE WHEN d.verdict IS NOT NULL THEN d.reviewer END AS reviewer, CASE WHEN d.verdict IS NOT NULL THEN d.at END AS decided_at
FROM finding f JOIN run r ON r.no = f.run
LEFT JOIN decision d ON d.seq = (SELECT x.seq FROM decision x WHERE x.run = f.run AND x.finding = f.id AND ${counts} ORDER BY x.seq DESC LIMIT 1);

CREATE VIEW decisions AS
SELECT x.seq, x.run, x.finding, x.action, x.about, x.verdict, ${className('r', 'x.class')} AS class, x.note,
  x.previous AS previous_verdict, ${className('r', 'x.previous_class')} AS previous_class, x.reviewer, x.at, x.model_sha256, ${counts} AS counts
FROM decision x JOIN run r ON r.no = x.run;
`;
