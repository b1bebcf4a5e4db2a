/** `gigatile analyze` with several images: one after the other, a case each, one table at the end. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, join, resolve } from 'node:path';
import type { BatchItem } from '../../contract/batch.ts';
import { formatError, GigatileError } from '../../contract/errors.ts';
import type { RunParameters } from '../../contract/run.ts';
import { Batch, imagesAtOnce } from '../../engine/batch/batch.ts';
import { newItem } from '../../engine/batch/batch-file.ts';
import type { StoredBatch } from '../../engine/batch/batch-file.ts';
import { writeSummaries } from '../../engine/batch/write-summary.ts';
import { imageNameOf } from '../../engine/case-location.ts';
import type { CaseSession } from '../../engine/case-session.ts';
import type { EngineParts } from '../../engine/engine.ts';
import { dataDir } from '../data-dir.ts';
import { regionsOf, type RegionFiles } from '../region-files.ts';
import { duration, linePrinter } from '../progress.ts';
import { writeOutputs } from '../write-outputs.ts';

export interface BatchOrder {
  images: readonly string[];
  model: string;
  parameters: RunParameters;
  regions: RegionFiles;
  /** Folder of the cases. */
  cases: string | undefined;
  out: string | undefined;
  atOnce: number | undefined;
  retryFailed: boolean;
  anew: boolean;
  /** Who agreed that pixels go to the model's endpoint. */
  consentBy: string | null;
  json: boolean;
}

const progressMs = 1000;

function storedBatch({ images, model, parameters, cases, consentBy }: BatchOrder): StoredBatch {
  return {
    schema: 1,
    id: 'command-line',
    name: `${images.length} images`,
    createdAt: new Date().toISOString(),
    model,
    modelName: model,
    parameters,
    casesIn: cases === undefined ? null : resolve(cases),
    consentBy,
    state: 'paused',
    reason: null,
    items: images.map((path) => newItem(path, imageNameOf(path))),
  };
}

/** Beside the outputs, else beside the cases, else in the data folder: for the same images and model in the same place. */
function summaryFolder({ out, cases, images, model }: BatchOrder): string {
  if (out !== undefined) return resolve(out);
  if (cases !== undefined) return resolve(cases);
  const key = createHash('sha256')
    .update([model, ...images].join('\n'))
    .digest('hex')
    .slice(0, 12);
  return join(dataDir(), 'summaries', key);
}

function itemLine(item: BatchItem, total: number): string {
  const head = `[${item.index + 1}/${total}] ${item.name}: ${item.state}`;
  const { tiles } = item;
  const parts = [
    item.reused ? 'analysed before' : '',
    tiles === null ? '' : `${tiles.done} tiles done, ${tiles.skipped} skipped, ${tiles.failed} failed`,
    item.findings === null ? '' : `${item.findings} findings`,
    item.seconds > 0 && !item.reused ? `${item.seconds.toFixed(1)} s` : '',
    item.error === null ? '' : formatError(item.error),
  ];
  return [head, ...parts.filter((part) => part !== '')].join('; ');
}

function progressOf(items: readonly BatchItem[]): string {
  const ended = items.filter(({ state }) => !['waiting', 'running', 'paused'].includes(state)).length;
  const running = items
    .filter(({ state }) => state === 'running')
    .map(({ name, tiles, etaSeconds }) => {
      const toDo = tiles === null ? 0 : tiles.total - tiles.skipped;
      const percent = tiles === null || toDo === 0 ? 0 : ((tiles.done + tiles.failed) / toDo) * 100;
      const eta = etaSeconds === null ? '' : `, ETA ${duration(etaSeconds)}`;
      return `${name} ${percent.toFixed(0)} %${eta}`;
    });
  return `${ended}/${items.length} images  ${running.join('  ')}`;
}

const finished: ReadonlySet<string> = new Set(['complete', 'complete-with-gaps', 'failed', 'cancelled']);

export async function analyzeBatch(engine: EngineParts, order: BatchOrder): Promise<number> {
  const { json, out, cases } = order;
  for (const folder of [out, cases]) {
    if (folder !== undefined && existsSync(folder) && !statSync(folder).isDirectory()) {
      throw new GigatileError('usage', 'With several images, --case and --out name folders', {
        where: folder,
      });
    }
  }
  const folder = summaryFolder(order);
  const say = (event: Record<string, unknown>): void =>
    void process.stdout.write(`${JSON.stringify(event)}\n`);
  const batch: Batch = new Batch({
    batch: storedBatch(order),
    cases: engine.cases,
    atOnce: order.atOnce ?? imagesAtOnce(availableParallelism()),
    save: () => undefined,
    // One file for all of the scenes: what is left out need not be in each.
    ofImage: (image) => regionsOf(order.regions, image, { excludeMayMiss: true }),
    retryFailed: order.retryFailed,
    anew: order.anew,
    ...(out !== undefined && {
      ended: (session: CaseSession, { no }) =>
        writeOutputs(engine, session, no, join(out, basename(session.file.path, '.gigatile'))),
    }),
  });
  mkdirSync(folder, { recursive: true });
  const interrupt = (): void => void batch.pause('Interrupted by the person');
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  const total = order.images.length;
  if (json) say({ event: 'batch-started', images: total, summary: folder });
  const printer = linePrinter();
  const following = follow();
  batch.start();
  await batch.rests();
  await batch.close();
  await following;
  printer.end();
  await writeSummaries(batch, folder);
  process.off('SIGINT', interrupt);
  process.off('SIGTERM', interrupt);

  async function follow(): Promise<void> {
    const told = new Map<number, string>();
    let last = 0;
    for await (const { items } of batch.follow()) {
      let hasEnded = false;
      for (const item of items) {
        if (told.get(item.index) === item.state) continue;
        told.set(item.index, item.state);
        if (!finished.has(item.state)) continue;
        hasEnded = true;
        if (json) say({ event: 'image-finished', ...item, case: batch.stored.items[item.index]?.casePath });
        else {
          printer.end();
          process.stdout.write(`${itemLine(item, total)}\n`);
        }
      }
      // What is known survives whatever ends this program.
      if (hasEnded) await writeSummaries(batch, folder);
      if (Date.now() - last < progressMs) continue;
      last = Date.now();
      if (json) {
        const running = batch.items().filter(({ state }) => state === 'running');
        say({ event: 'batch-progress', counts: batch.summary().counts, running });
      } else printer.show(progressOf(batch.items()));
    }
  }

  const { counts, state, reason, findings } = batch.summary();
  const code = exitCodeOf(state, reason, counts);
  if (json) say({ event: 'batch-finished', state, reason, images: total, counts, findings, summary: folder });
  else {
    const said = Object.entries(counts).flatMap(([name, n]) => (n > 0 ? [`${n} ${name}`] : []));
    process.stdout.write(`${total} images: ${said.join(', ')}; ${findings} findings\nwrote ${folder}\n`);
    if (code === 130)
      process.stdout.write('Go on with the same command: what is complete is not done again.\n');
    else if (state === 'paused') process.stderr.write(`gigatile: ${reason ?? 'paused'}\n`);
  }
  return code;
}

function exitCodeOf(state: string, reason: string | null, counts: Record<string, number>): number {
  if (state === 'paused' || state === 'interrupted') return reason?.startsWith('Interrupted') ? 130 : 1;
  if ((counts['failed'] ?? 0) + (counts['cancelled'] ?? 0) + (counts['paused'] ?? 0) > 0) return 1;
  return (counts['complete-with-gaps'] ?? 0) > 0 ? 3 : 0;
}
