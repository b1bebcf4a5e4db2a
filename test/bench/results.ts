/**
 * Where measured figures go: a line of JSON a run in results/<name>.json, and the newest of each as a table in
 * results/README.md (`node test/bench/results.ts` writes it anew).
 */
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { basename, join } from 'node:path';

const folder = join(import.meta.dirname, 'results');

/** One line of the table. */
export interface Figure {
  what: string;
  ours: string;
  against: string;
  /** The ratio or the figure that the target is about. */
  result: string;
  target: string;
  reached: boolean;
}

export interface Entry {
  at: string;
  cpu: string | null;
  /** Load of the machine by others and us while it was measured, 1 minute mean. */
  load?: number;
  figures?: Figure[];
}

/** Appends a run's figures and writes the table anew. `details` is whatever helps to understand them later. */
export function record(name: string, figures: Figure[], details: object, load: number): void {
  const entry = {
    at: new Date().toISOString(),
    cpu: cpus()[0]?.model ?? null,
    load,
    figures,
    ...details,
  };
  mkdirSync(folder, { recursive: true });
  appendFileSync(join(folder, `${name}.json`), `${JSON.stringify(entry)}\n`);
  writeTable();
  for (const figure of figures) {
    console.log(
      `${figure.what}: ${figure.ours} against ${figure.against}: ${figure.result} ` +
        `(target ${figure.target}: ${figure.reached ? 'reached' : 'missed'})`,
    );
  }
  process.exitCode = figures.every((figure) => figure.reached) ? 0 : 1;
}

interface DisplayTiles {
  ours?: { warm: number };
  openslide?: { warm: number };
  ratio?: number;
}

/** Figures of a run that was stored without them. */
function figuresOf(name: string, entry: Entry & DisplayTiles): Figure[] {
  if (entry.figures) return entry.figures;
  if (name === 'display-tiles' && entry.ours && entry.openslide && entry.ratio !== undefined) {
    return [
      {
        what: 'Display tiles, warm',
        ours: `${Math.round(entry.ours.warm).toLocaleString('en')} tiles/s`,
        against: `OpenSlide deep zoom in Python, ${Math.round(entry.openslide.warm).toLocaleString('en')} tiles/s`,
        result: `${Math.round(entry.ratio)} times`,
        target: '150 times',
        reached: entry.ratio >= 150,
      },
    ];
  }
  return [];
}

export function writeTable(): void {
  if (!existsSync(folder)) return;
  const rows: string[] = [];
  for (const file of readdirSync(folder).filter((each) => each.endsWith('.json'))) {
    const name = basename(file, '.json');
    const last = readFileSync(join(folder, file), 'utf8').trim().split('\n').at(-1);
    if (!last) continue;
    const entry = JSON.parse(last) as Entry & DisplayTiles;
    const load = entry.load === undefined ? '' : `, load ${entry.load.toFixed(1)}`;
    for (const figure of figuresOf(name, entry)) {
      rows.push(
        `| ${figure.what} | ${figure.ours} | ${figure.against} | **${figure.result}** | ${figure.target} | ${figure.reached ? 'yes' : 'no'} | ${entry.at.slice(0, 10)}, ${entry.cpu ?? 'unknown'}${load} |`,
      );
    }
  }
  const text = [
    '# Measured figures',
    '',
    'The newest run of each benchmark; both sides of a comparison are measured in one run, on the same machine. Written by',
    '`node test/bench/<name>.bench.ts`, do not edit. Ratios hold better than the figures.',
    '',
    '| What | Gigatile | Against | Result | Target | Reached | When, where |',
    '|---|---|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
  writeFileSync(join(folder, 'README.md'), text);
}

if (process.argv[1] === import.meta.filename) writeTable();
