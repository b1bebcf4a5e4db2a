/**
 * A whole review in one process of the real engine: opens or resumes the case, runs the model to the end, decides, exports, closes.
 * Arguments: case, image, folder for exports. One JSON line says how it ended: exit code 0, or 1 with the error that a person would
 * be told; 70 where there is none that a person could be told.
 */
import { call } from '@orpc/server';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { GigatileError } from '../../../src-main/contract/errors.ts';
import { modelsDir } from '../../../src-main/cli/environment.ts';
import type { CaseSession } from '../../../src-main/engine/case-session.ts';
import { ChildWorkerHost } from '../../../src-main/engine/child-worker-host.ts';
import { createEngine } from '../../../src-main/engine/engine.ts';
import type { EngineParts } from '../../../src-main/engine/engine.ts';
import { writeExport } from '../../../src-main/engine/export-run.ts';
import { asGigatileError } from '../../../src-main/store/sqlite-errors.ts';
import { acknowledge } from './acknowledge.ts';
import type { Tell } from './acknowledge.ts';
import { beCareless } from './careless.ts';
import { pretendNetworkShare } from './network-share.ts';
import { ScriptedHost } from './scripted-host.ts';
import { weaken } from './weaken.ts';

const [casePath = '', image = '', out = ''] = process.argv.slice(2);
const env = process.env;

/** Formats that hold no time of day. */
const formats = [
  ['csv', 'findings.csv'],
  ['geojson', 'findings.geojson'],
] as const;

async function review(engine: EngineParts, tell: Tell): Promise<void> {
  const session = await engine.cases.open(image, casePath);
  tell({ told: 'opened' });
  const no = await runToEnd(session, tell);
  await decide(engine, session, tell);
  mkdirSync(out, { recursive: true });
  for (const [format, name] of formats) {
    await writeExport(session, engine.images, no, format, join(out, name));
    tell({ told: 'export', name });
  }
}

async function runToEnd(session: CaseSession, tell: Tell): Promise<number> {
  const known = session.file.runs.list().at(-1);
  if (known?.step !== 'finished') {
    const conductor =
      known === undefined
        ? await session.startRun('he-nuclei', { mpp: 0.5, tileSize: 160, workers: 1, threads: 1, batch: 1 })
        : session.resumeRun(known.no, false);
    tell({ told: 'started' });
    await conductor.ended;
    const { run, lastError } = conductor.event();
    if (run.step !== 'finished') {
      if (lastError) throw GigatileError.fromPlain(lastError);
      throw new Error(`The run rests as ${run.state} and does not say why`);
    }
  }
  tell({ told: 'finished' });
  return known?.no ?? 1;
}

async function decide(engine: EngineParts, session: CaseSession, tell: Tell): Promise<void> {
  if (env['GIGATILE_TEST_DECIDE'] === undefined) return;
  const { id: caseId, file } = session;
  const findings = [...file.findings.all(1)].slice(0, 6);
  for (const [i, { id: findingId }] of findings.entries()) {
    const verdict = i % 2 === 0 ? 'accepted' : 'rejected';
    const decision = { caseId, runId: 'run-1', findingId, verdict, reviewer: 'A. Reader' } as const;
    await call(engine.router.decisions.set, decision);
    tell({ told: 'decision', finding: findingId, verdict });
  }
}

async function main(): Promise<void> {
  weaken(env['GIGATILE_TEST_SYNCHRONOUS'], env['GIGATILE_TEST_CHECKPOINT_PAGES']);
  if (env['GIGATILE_TEST_PLACE'] === 'network') pretendNetworkShare();
  if (env['GIGATILE_TEST_CARELESS'] !== undefined) beCareless();
  const tell = acknowledge(env['GIGATILE_TEST_TOLD']);
  const engine = await createEngine({
    host: env['GIGATILE_TEST_WORKERS'] === 'real' ? new ChildWorkerHost() : new ScriptedHost(),
    shell: { kind: 'web' },
    dataDir: env['GIGATILE_DATA_DIR'] ?? '',
    modelsDir,
    version: 'test',
  });
  try {
    await review(engine, tell);
  } finally {
    await engine.close();
  }
  tell({ told: 'closed' });
}

try {
  await main();
  process.stdout.write('{"ended":"well"}\n');
} catch (caught) {
  // As the command line does.
  const error = asGigatileError(caught, casePath);
  const isTold = error instanceof GigatileError && error.code !== 'internal';
  process.stdout.write(
    `${JSON.stringify(isTold ? { error: error.toPlain() } : { defect: String(error) })}\n`,
  );
  if (!isTold) process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = isTold ? 1 : 70;
}
