/** A case's run as the exports see it: plain data, de-identified (reports/identity.ts). */
import { basename } from 'node:path';
import type { FindingView } from '../contract/finding.ts';
import type { IdentifyingPart } from '../contract/report.ts';
import type { RunView } from '../contract/run.ts';
import { closeLook, LookCoverage } from '../core/look-coverage.ts';
import { leastPen, leastSharpness } from '../core/quality/focus.ts';
import { privacyFilter, reportImage } from '../reports/identity.ts';
import type { ReportData } from '../reports/report-data.ts';
import { reviewOf } from '../reports/review.ts';
import { Turn } from '../reports/turn.ts';
import type { CaseSession } from './case-session.ts';
import { findingView } from './finding-views.ts';
import { storedSummary } from './stored-summary.ts';
import { valueNames } from './tile-view.ts';

export interface ReportOptions {
  /** ISO 8601; now where left out. The same moment gives the same bytes. */
  generatedAt?: string | undefined;
  /** What can name a person and is exported all the same. */
  include?: readonly IdentifyingPart[] | undefined;
  /** Nobody wants it any more. */
  signal?: AbortSignal | undefined;
}

/** @throws the signal's reason */
export async function reportData(
  session: CaseSession,
  no: number,
  options: ReportOptions = {},
): Promise<ReportData> {
  const { file, image } = session;
  const { include = [], signal, generatedAt = new Date().toISOString() } = options;
  const clean = privacyFilter(image.info, [image.path, image.name, file.path], include);
  const run = file.runs.get(no);
  const visible = session.conductor(no).visibleTiles();
  const names = valueNames(run);
  const written = storedSummary(file, no);
  const values = new Float32Array(visible.state.length * names.length);
  const turn = new Turn();
  for (const page of names.length > 0 ? file.tiles.valuePages(no) : []) {
    for (const each of page) values.set(each.values.subarray(0, names.length), each.tile * names.length);
    await turn.giveWay();
    signal?.throwIfAborted();
  }
  return {
    software: { name: 'Gigatile', version: session.version },
    generatedAt,
    image: reportImage(image.info, image.fingerprint, include),
    fingerprint: image.fingerprint,
    model: { manifest: run.manifest, sha256: run.modelSha256, file: basename(run.modelPath) },
    run: cleanRun(session.runView(no), clean),
    runSoftware: run.software,
    notes: run.fit.notes.map(clean),
    machine: machineOf(session, no),
    ...(file.events.last(no, 'codecs') !== null && { wasmCodecs: true }),
    review: reviewOf(file.decisions.stands(no)),
    coverage: closeLooks(session),
    ...(written && { remoteSummary: written }),
    annotations: file.annotations.list(),
    plan: run.grid,
    tiles: {
      states: visible.state,
      scores: visible.score,
      classes: visible.classIndex,
      skipReasons: visible.skip,
      values: names.length > 0 ? values : null,
      valueNames: names,
    },
    failures: file.tiles.failures(no).map((group) => ({ ...group, message: clean(group.message) })),
    quality: file.tiles.quality(no, leastSharpness, leastPen),
    threshold: run.threshold,
    findings: function* (): Generator<FindingView> {
      for (const row of file.findings.all(no)) yield findingView(run.manifest, row);
    },
  };
}

/** How much of the image each reviewer saw closely. */
function closeLooks({ file, image }: CaseSession): ReportData['coverage'] {
  return file.coverage.list().map(({ reviewer, cells }) => ({
    reviewer,
    share: new LookCoverage(image.info, cells).share(closeLook(image.info.mpp)),
  }));
}

function machineOf(session: CaseSession, no: number): string | null {
  const data = session.file.events.last(no, 'execution')?.data;
  if (typeof data !== 'object' || data === null || !('machine' in data)) return null;
  return typeof data.machine === 'string' ? data.machine : null;
}

/** What a run's view holds of other people's words. */
function cleanRun(run: RunView, clean: (text: string) => string): RunView {
  const { scene } = run;
  return {
    ...run,
    reason: run.reason === null ? null : clean(run.reason),
    ...(scene !== undefined && {
      scene: {
        ...scene,
        text: clean(scene.text),
        problem: scene.problem === null ? null : clean(scene.problem),
      },
    }),
  };
}
