/** Commands that only look: `info`, `runs`, `doctor`. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { GigatileError } from '../../contract/errors.ts';
import type { RunView } from '../../contract/run.ts';
import type { PreparationView } from '../../contract/preparation.ts';
import { doctor as examine } from '../../engine/doctor.ts';
import type { ImageService } from '../../engine/image-service.ts';
import { prepareImage } from '../../engine/preparation.ts';
import { runView } from '../../engine/run-view.ts';
import { CaseFile } from '../../store/case-file.ts';
import { lockOwner } from '../../store/case-lock.ts';
import { dataDir } from '../data-dir.ts';
import { modelsDir, version, withEngine } from '../environment.ts';
import { imagePath } from '../image-path.ts';
import { linePrinter, preparationLine } from '../progress.ts';
import { ChildWorkerHost } from '../../engine/child-worker-host.ts';

function read(args: string[], command: string, least: number): { json: boolean; names: string[] } {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { json: { type: 'boolean', default: false } },
  });
  if (positionals.length < least || positionals.length > 1) {
    throw new GigatileError('usage', `${command} takes ${least === 1 ? 'one file' : 'at most one name'}`);
  }
  return { json: values.json, names: positionals };
}

const print = (line: string): void => void process.stdout.write(`${line}\n`);

export async function info(args: string[]): Promise<number> {
  const prepare = args.includes('--prepare');
  const { json, names } = read(
    args.filter((arg) => arg !== '--prepare'),
    'info',
    1,
  );
  const path = imagePath(names[0] ?? '');
  return withEngine(async ({ images }) => {
    const preparation = await preparationOf(images, path, prepare, json);
    const { info: image, fingerprint } = await images.open(path);
    if (json) {
      print(
        JSON.stringify({ ...image, fingerprint, ...(preparation && { preparation: preparation.state }) }),
      );
      return 0;
    }
    print(`${image.name}: ${image.format}${image.vendor === null ? '' : ` (${image.vendor})`}`);
    print(
      `size          ${image.width} x ${image.height}, ${image.bands} bands, ${image.dtype}, ${image.compression}`,
    );
    if (image.mpp) print(`resolution    ${image.mpp.x} x ${image.mpp.y} µm per px`);
    if (image.objectivePower !== null) print(`objective     ${image.objectivePower}x`);
    if (image.geo)
      print(`geo           EPSG ${image.geo.epsg ?? 'unknown'}, ${image.geo.transform.join(', ')}`);
    if (image.noData !== null) print(`no data       ${image.noData}`);
    for (const [i, level] of image.levels.entries()) {
      print(
        `level ${String(i).padEnd(8)}${level.width} x ${level.height}, 1/${level.downsample.toFixed(4)}, tiles ${level.tileWidth} x ${level.tileHeight}`,
      );
    }
    if (image.associated.length > 0) print(`associated    ${image.associated.join(', ')}`);
    if (preparation !== null) {
      const isReady = preparation.state === 'ready';
      print(
        `prepared      ${isReady ? 'yes' : 'no: it has no tiles, so a pyramid is made when it is first shown or analysed, or with --prepare'}`,
      );
    }
    print(`fingerprint   ${fingerprint}`);
    return 0;
  });
}

/** How far the pyramid of a large image without tiles is; with `prepare` it is made, with progress on stderr. */
async function preparationOf(
  images: ImageService,
  path: string,
  prepare: boolean,
  json: boolean,
): Promise<PreparationView | null> {
  if (prepare) {
    const printer = linePrinter();
    const interrupted = new AbortController();
    process.once('SIGINT', () => interrupted.abort());
    const onProgress = (fraction: number): void => {
      if (!json) printer.show(preparationLine(fraction));
    };
    try {
      await prepareImage(images, path, onProgress, interrupted.signal);
    } finally {
      printer.end();
    }
  }
  return images.preparation(path, 'look');
}

/** A run that the file calls running, but whose process has gone, is interrupted. */
function shown(view: RunView, alive: boolean): RunView {
  if (view.state !== 'running' || alive) return view;
  return { ...view, state: 'interrupted', reason: 'The program ended while this run was going on' };
}

/** Of a remote model: what the run has cost, and what the image shows. */
function remoteLines({ usage, scene }: RunView): string[] {
  const lines: string[] = [];
  if (usage !== undefined) {
    const { requests, inputTokens, outputTokens, usd } = usage;
    const money = usd === null ? '' : `, ${usd.toFixed(4)} USD`;
    lines.push(`${requests} answers, ${inputTokens} tokens sent, ${outputTokens} received${money}`);
  }
  if (scene !== undefined) lines.push(scene.text);
  return lines;
}

export async function runs(args: string[]): Promise<number> {
  const { json, names } = read(args, 'runs', 1);
  const path = resolve(names[0] ?? '');
  const alive = lockOwner(path) !== null;
  const file = CaseFile.openReadOnly(path);
  try {
    for (const run of file.runs.list()) {
      const counts = file.tiles.counts(run.no);
      const view = shown(runView('', run, counts, file.findings.countFrom(run.no, run.threshold)), alive);
      const failures = file.tiles.failures(run.no);
      if (json) {
        const { caseId: _none, ...rest } = view;
        print(JSON.stringify({ ...rest, failures }));
        continue;
      }
      print(
        `${view.id}  ${view.state}${view.reason === null ? '' : ` (${view.reason})`}  ${view.modelName} ${view.modelVersion}${view.provider === null ? '' : ` on ${view.provider}`}`,
      );
      const { total, done, skipped, failed, pending, running, waiting } = view.tiles;
      print(
        `       ${total} tiles: ${done} done, ${skipped} skipped, ${failed} failed, ${pending + running + waiting} to do; ${view.findings} findings; ${view.seconds.toFixed(1)} s`,
      );
      for (const line of remoteLines(view)) print(`       ${line}`);
      for (const group of failures) {
        print(
          `       ${group.count} failed: ${group.message} (tiles ${group.tiles.join(', ')}${group.count > group.tiles.length ? ' …' : ''})`,
        );
      }
    }
  } finally {
    file.close();
  }
  return 0;
}

export async function doctor(args: string[]): Promise<number> {
  const { json } = read(args, 'doctor', 0);
  return withEngine(async ({ images }) => {
    const options = {
      host: new ChildWorkerHost(),
      shell: { kind: 'web' as const },
      dataDir: dataDir(),
      modelsDir,
      version,
    };
    const checks = await examine(options, images);
    for (const check of checks) {
      if (json) print(JSON.stringify(check));
      else
        print(
          `${check.ok ? 'ok  ' : 'BAD '} ${check.name.padEnd(18)} ${check.detail}${check.hint === null ? '' : `\n     -> ${check.hint}`}`,
        );
    }
    return checks.every(({ ok }) => ok) ? 0 : 1;
  });
}
