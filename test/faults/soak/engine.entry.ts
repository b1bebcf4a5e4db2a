/** The real engine with real workers, alive for hours: one review after the other, as the soak test orders them. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { modelsDir } from '../../../src-main/cli/environment.ts';
import { toPlainError } from '../../../src-main/contract/errors.ts';
import type { CaseSession } from '../../../src-main/engine/case-session.ts';
import { ChildWorkerHost } from '../../../src-main/engine/child-worker-host.ts';
import { createEngine } from '../../../src-main/engine/engine.ts';
import { writeExport } from '../../../src-main/engine/export-run.ts';
import type { RunConductor } from '../../../src-main/engine/run-conductor.ts';
import { asGigatileError } from '../../../src-main/store/sqlite-errors.ts';
import type { Order, Report } from './protocol.ts';

const engine = await createEngine({
  host: new ChildWorkerHost(),
  shell: { kind: 'web' },
  dataDir: process.env['GIGATILE_DATA_DIR'] ?? '',
  modelsDir,
  version: 'test',
});

/** For the positive control: memory that is never given back. */
const leak = process.env['GIGATILE_TEST_LEAK'] === undefined ? null : Buffer.alloc(250e6, 1);

let conductor: RunConductor | null = null;

/** The time of day is set by so much. */
let offset = 0;
const realNow = Date.now.bind(Date);
Date.now = () => realNow() + offset;

const report = (message: Report): void => void process.send?.(message);

/** One taking-up of the run; how it rests. */
async function conduct(session: CaseSession): Promise<Report> {
  const known = session.file.runs.list().at(-1);
  if (known?.step !== 'finished') {
    conductor =
      known === undefined
        ? await session.startRun('he-nuclei', { mpp: 0.5, tileSize: 128, workers: 2, threads: 1, batch: 1 })
        : session.resumeRun(known.no, false);
    await conductor.ended;
    const { run, lastError } = conductor.event();
    conductor = null;
    if (run.step !== 'finished') return { kind: 'rests', state: run.state, error: lastError };
  }
  return { kind: 'finished' };
}

async function review({ image, folder }: Extract<Order, { kind: 'review' }>): Promise<Report> {
  const session = await engine.cases.borrow(image, folder);
  try {
    const found = await conduct(session);
    if (found.kind !== 'finished') return found;
    const out = join(folder, 'out');
    mkdirSync(out, { recursive: true });
    await writeExport(session, engine.images, 1, 'csv', join(out, 'findings.csv'));
    await writeExport(session, engine.images, 1, 'geojson', join(out, 'findings.geojson'));
    return found;
  } finally {
    await engine.cases.giveBack(session);
  }
}

process.on('message', (order: Order) => {
  switch (order.kind) {
    case 'review':
      review(order).then(report, (error: unknown) =>
        report({ kind: 'refused', error: toPlainError(asGigatileError(error, order.folder)) }),
      );
      break;
    case 'pause':
      void conductor?.stop({ state: 'paused', reason: null });
      break;
    case 'set-clock':
      offset += order.byMs;
      break;
    case 'close':
      void engine.close().then(() => process.disconnect());
      break;
  }
});
if (leak !== null) process.on('exit', () => void leak.length);
report({ kind: 'ready' });
