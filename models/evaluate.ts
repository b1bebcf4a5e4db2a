/**
 * How well a built-in model finds hand-annotated nuclei: `node models/evaluate.ts [--model he-nuclei] [folder]`.
 *
 * The folder holds <name>.png pictures in H&E and centroids.json: { name: { pts: [[x, y], …], sizes: [[width, height], …] } },
 * as made from the CC0 part of the 2018 Data Science Bowl. Those files do not say their resolution, and most have a violet
 * ground instead of white glass. So four ways are judged: the pixels as they are; each picture scaled until its median
 * nucleus is 8 µm wide (16 px); that with each channel stretched until the brightest pixels are white; and, of the scaled ones, with
 * the stains of each picture as `--stain macenko` estimates them. The latter is told for the pink ones apart, by their names;
 * what the scaled ones give is also told for each picture, and for the violet ones and those on white glass.
 */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import * as ort from 'onnxruntime-node';
import { macenko } from '../src-main/core/macenko.ts';
import { matchPoints } from '../src-main/core/match-truth.ts';
import { unmixing } from '../src-main/core/stains.ts';
import { openImage } from '../src-main/images/open-image.ts';
import { createCodecs } from '../src-main/workers/codecs/codecs.ts';
import { setWeights } from '../src-main/models/onnx-file/set-weights.ts';
import { shared, unmixingWeights } from './builder/nuclei-graph.ts';

/** Width of a usual nucleus, µm. */
const usualNucleus = 8;
/** Largest distance between a detection and its nucleus, µm: half a usual box. */
const radius = shared.boxRadius * shared.mpp;

interface Annotated {
  pts: [number, number][];
  sizes: [number, number][];
}

interface Counts {
  truePositives: number;
  falsePositives: number;
  falseNegatives: number;
}

const none: Counts = { truePositives: 0, falsePositives: 0, falseNegatives: 0 };

export interface Evaluation {
  pictures: number;
  nuclei: number;
  asTheyAre: Scores;
  scaled: Scores;
  scaledAndWhite: Scores;
  scaledWithOwnStains: Scores;
  /** Scaled, of the pictures that are pink throughout: with the published stains, and with their own. */
  pink: Scores;
  pinkWithOwnStains: Scores;
  violet: Scores;
  white: Scores;
  /** Scaled. */
  ofEach: Map<string, Scores>;
}

export interface Scores {
  precision: number;
  recall: number;
  f1: number;
}

/** @param id of a model with the outputs of he-nuclei */
export async function evaluate(folder: string, id: string): Promise<Evaluation> {
  const truth = JSON.parse(await readFile(join(folder, 'centroids.json'), 'utf8')) as Record<
    string,
    Annotated
  >;
  const model = await readFile(resolve(import.meta.dirname, id, `${id}.onnx`));
  const session = await ort.InferenceSession.create(model, { logSeverityLevel: 3 });
  const codecs = await createCodecs();
  const totals = {
    asTheyAre: { ...none },
    scaled: { ...none },
    scaledAndWhite: { ...none },
    scaledWithOwnStains: { ...none },
    pink: { ...none },
    pinkWithOwnStains: { ...none },
    violet: { ...none },
    white: { ...none },
  };
  const ofEach = new Map<string, Scores>();
  for (const [name, { pts, sizes }] of Object.entries(truth)) {
    const source = await openImage(join(folder, `${name}.png`), codecs);
    const scale = usualNucleus / shared.mpp / median(sizes.map(([w, h]) => Math.sqrt(w * h)));
    add(totals.asTheyAre, await judge(session, source, pts, 1, false));
    const scaled = await judge(session, source, pts, scale, false);
    const withOwn = await judgeWithOwnStains(model, source, pts, scale);
    add(totals.scaled, scaled);
    add(totals.scaledWithOwnStains, withOwn);
    ofEach.set(name, scores(scaled));
    if (pinkOnes.has(name)) {
      add(totals.pink, scaled);
      add(totals.pinkWithOwnStains, withOwn);
    } else add(whiteOnes.has(name) ? totals.white : totals.violet, scaled);
    add(totals.scaledAndWhite, await judge(session, source, pts, scale, true));
    source.close();
  }
  await session.release();
  return {
    pictures: Object.keys(truth).length,
    nuclei: totals.scaled.truePositives + totals.scaled.falseNegatives,
    asTheyAre: scores(totals.asTheyAre),
    scaled: scores(totals.scaled),
    scaledAndWhite: scores(totals.scaledAndWhite),
    scaledWithOwnStains: scores(totals.scaledWithOwnStains),
    pink: scores(totals.pink),
    pinkWithOwnStains: scores(totals.pinkWithOwnStains),
    violet: scores(totals.violet),
    white: scores(totals.white),
    ofEach,
  };
}

/** Of the CC0 part: those in which eosin covers everything. */
const pinkOnes = new Set(['4193474b', '57bd029b', '87ea7289', '8f27ebc7']);
/** Those on white glass; the rest is violet throughout. */
const whiteOnes = new Set(['00ae65c1', '0e4c2e27']);

type Source = Awaited<ReturnType<typeof openImage>>;

async function judgeWithOwnStains(
  model: Uint8Array,
  source: Source,
  pts: readonly [number, number][],
  scale: number,
): Promise<Counts> {
  const { data } = await scaledPixels(source, scale);
  const stains = macenko(data);
  const file =
    stains === null
      ? model
      : setWeights(model, unmixingWeights, Float32Array.from(unmixing(...stains).flat()));
  const session = await ort.InferenceSession.create(file, { logSeverityLevel: 3 });
  try {
    return await judge(session, source, pts, scale, false);
  } finally {
    await session.release();
  }
}

async function scaledPixels(source: Source, scale: number) {
  const { info } = source;
  const [width, height] = [Math.round(info.width * scale), Math.round(info.height * scale)];
  const { data } = await source.readScaled(
    { x: 0, y: 0, width: info.width, height: info.height },
    width,
    height,
  );
  if (!(data instanceof Uint8Array)) throw new TypeError(`${info.name} has ${info.dtype} pixels`);
  return { data, width, height };
}

async function judge(
  session: ort.InferenceSession,
  source: Source,
  pts: readonly [number, number][],
  scale: number,
  white: boolean,
): Promise<Counts> {
  const { data, width, height } = await scaledPixels(source, scale);
  const output = await session.run({
    image: new ort.Tensor('uint8', white ? whitened(data) : data, [1, height, width, 3]),
  });
  const rows = output['detections']?.data;
  if (!(rows instanceof Float32Array)) throw new TypeError('no detections');
  const found: [number, number][] = [];
  for (let i = 0; i < rows.length; i += 7) {
    const number = (column: number): number => rows[i + column] ?? Number.NaN;
    if (number(5) >= 0.5) found.push([(number(1) + number(3)) / 2, (number(2) + number(4)) / 2]);
  }
  const nuclei = pts.map(([x, y]): [number, number] => [x * scale, y * scale]);
  const { truePositives, falsePositives, falseNegatives } = matchPoints(
    pointSet(found),
    pointSet(nuclei),
    radius / shared.mpp,
  );
  return { truePositives, falsePositives, falseNegatives };
}

/** RGB with each channel's 99th percentile at 245. */
function whitened(data: Uint8Array): Uint8Array {
  const brightest = [0, 1, 2].map((channel) => {
    const values = data.filter((_, i) => i % 3 === channel).sort();
    return values[Math.floor(values.length * 0.99)] ?? 255;
  });
  return data.map((value, i) => Math.min(255, Math.round((value * 245) / (brightest[i % 3] ?? 255))));
}

function pointSet(points: readonly [number, number][]): { x: Float64Array; y: Float64Array } {
  return {
    x: Float64Array.from(points, ([x]) => x),
    y: Float64Array.from(points, ([, y]) => y),
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function add(total: Counts, more: Counts): void {
  total.truePositives += more.truePositives;
  total.falsePositives += more.falsePositives;
  total.falseNegatives += more.falseNegatives;
}

function scores({ truePositives: hits, falsePositives, falseNegatives }: Counts): Scores {
  const share = (of: number): number => (of === 0 ? 0 : hits / of);
  const f1 = share((2 * hits + falsePositives + falseNegatives) / 2);
  return { precision: share(hits + falsePositives), recall: share(hits + falseNegatives), f1 };
}

function line(name: string, { precision, recall, f1 }: Scores): string {
  return `${name}: precision ${precision.toFixed(3)}, recall ${recall.toFixed(3)}, F1 ${f1.toFixed(3)}`;
}

if (import.meta.main) {
  const data = process.env['GIGATILE_TEST_DATA'] ?? resolve(import.meta.dirname, '../../shared/data');
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { model: { type: 'string', default: 'he-nuclei' } },
  });
  const result = await evaluate(positionals[0] ?? join(data, 'pathology/dsb2018-cc0'), values.model);
  console.log(`${result.pictures} pictures, ${result.nuclei} nuclei, matched within ${radius} µm`);
  console.log(line('pixels as they are', result.asTheyAre));
  console.log(line(`scaled to a median nucleus of ${usualNucleus} µm`, result.scaled));
  console.log(line('scaled, and the ground made white', result.scaledAndWhite));
  console.log(line('scaled, with the stains of each picture (Macenko)', result.scaledWithOwnStains));
  console.log(line('the pink ones, scaled', result.pink));
  console.log(line('the pink ones, scaled, with their own stains (Macenko)', result.pinkWithOwnStains));
  console.log(line('the violet ones, scaled', result.violet));
  console.log(line('those on white glass, scaled', result.white));
  for (const [name, ofOne] of result.ofEach) console.log(line(`${name}, scaled`, ofOne));
}
