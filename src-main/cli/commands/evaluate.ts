/** `gigatile evaluate`: a run's findings against annotated points, as precision, recall and F1. */
import { readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { GigatileError } from '../../contract/errors.ts';
import { pointsOfGeoJson, type PointSet } from '../../core/match-truth.ts';
import { evaluateRun } from '../../engine/evaluate.ts';
import { runIdOf, runNoOf } from '../../engine/run-id.ts';
import { CaseFile } from '../../store/case-file.ts';

export async function evaluate(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      truth: { type: 'string' },
      run: { type: 'string' },
      radius: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const [path] = positionals;
  if (path === undefined || positionals.length > 1 || values.truth === undefined) {
    throw new GigatileError('usage', 'evaluate takes one case file and --truth');
  }
  const truth = readTruth(values.truth);
  const radius = values.radius === undefined ? undefined : Number(values.radius);
  if (radius !== undefined && !(radius > 0)) {
    throw new GigatileError('usage', `--radius ${values.radius} is not a number of pixels above 0`);
  }
  const file = CaseFile.openReadOnly(resolve(path));
  try {
    const newest = file.runs.list().at(-1)?.no;
    if (newest === undefined)
      throw new GigatileError('run-not-found', 'This case has no run', { where: path });
    const no = values.run === undefined ? newest : runNoOf(values.run);
    const found = evaluateRun(file, no, truth, radius);
    if (values.json) process.stdout.write(`${JSON.stringify({ run: runIdOf(no), ...found })}\n`);
    else {
      const { precision, recall, f1, truePositives, falsePositives, falseNegatives } = found;
      process.stdout.write(
        `${runIdOf(no)}: ${found.findings} findings against ${found.truth} of ${basename(values.truth)}, matched within ${found.radius.toFixed(1)} px\n` +
          `precision ${precision.toFixed(3)}, recall ${recall.toFixed(3)}, F1 ${f1.toFixed(3)}\n` +
          `${truePositives} found, ${falseNegatives} missed, ${falsePositives} too many\n`,
      );
    }
    return 0;
  } finally {
    file.close();
  }
}

function readTruth(path: string): PointSet {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new GigatileError('file-not-found', 'The annotations cannot be read', { where: path, cause });
  }
  try {
    return pointsOfGeoJson(JSON.parse(text));
  } catch (cause) {
    throw new GigatileError('usage', `These are no annotations: ${(cause as Error).message}`, {
      where: path,
      hint: 'GeoJSON of points or polygons in pixels of the full image, as QuPath exports it and "gigatile sample --truth" writes it.',
      cause,
    });
  }
}
