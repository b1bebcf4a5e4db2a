/** A case's run as the exports see it: plain data, without paths or pictures of labels. */
import { basename } from 'node:path';
import type { FindingView } from '../contract/finding.ts';
import { leastPen, leastSharpness } from '../core/quality/focus.ts';
import { reportImage } from '../reports/report-data.ts';
import type { ReportData } from '../reports/report-data.ts';
import type { CaseSession } from './case-session.ts';
import { findingView } from './finding-views.ts';
import { valueNames } from './tile-view.ts';

export function reportData(session: CaseSession, no: number): ReportData {
  const { file, image } = session;
  const run = file.runs.get(no);
  const visible = session.conductor(no).visibleTiles();
  const names = valueNames(run);
  const values = new Float32Array(visible.state.length * names.length);
  for (const result of file.tiles.results(no)) {
    values.set(result.values.subarray(0, names.length), result.tile * names.length);
  }
  return {
    software: { name: 'Gigatile', version: run.software },
    generatedAt: new Date().toISOString(),
    image: reportImage(image.info),
    fingerprint: image.fingerprint,
    model: { manifest: run.manifest, sha256: run.modelSha256, file: basename(run.modelPath) },
    run: session.runView(no),
    runSoftware: run.software,
    notes: run.fit.notes,
    plan: run.grid,
    tiles: {
      states: visible.state,
      scores: visible.score,
      classes: visible.classIndex,
      skipReasons: visible.skip,
      values: names.length > 0 ? values : null,
      valueNames: names,
    },
    failures: file.tiles.failures(no),
    quality: file.tiles.quality(no, leastSharpness, leastPen),
    threshold: run.threshold,
    findings: function* (): Generator<FindingView> {
      for (const row of file.findings.all(no)) yield findingView(run.manifest, row);
    },
  };
}
