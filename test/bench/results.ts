/**
 * Where measured figures go: the last runs in results/<name>.json, and the newest of each as a table in results/README.md
 * (`node test/bench/results.ts` writes it anew).
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { basename, join } from 'node:path';
import { format, resolveConfig } from 'prettier';

/** Runs that are kept of each benchmark. */
const kept = 20;

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

/** Adds a run's figures and writes the table anew. `details` is whatever helps to understand them later. */
export async function record(name: string, figures: Figure[], details: object, load: number): Promise<void> {
  const entry = {
    at: new Date().toISOString(),
    cpu: cpus()[0]?.model ?? null,
    load,
    figures,
    ...details,
  };
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${name}.json`);
  await write(path, JSON.stringify([...readEntries(path), entry].slice(-kept)));
  await writeTable();
  for (const figure of figures) {
    console.log(
      `${figure.what}: ${figure.ours} against ${figure.against}: ${figure.result} ` +
        (hasTarget(figure)
          ? `(target ${figure.target}: ${figure.reached ? 'reached' : 'missed'})`
          : '(no target)'),
    );
  }
  process.exitCode = figures.every((figure) => figure.reached) ? 0 : 1;
}

function hasTarget({ target }: Figure): boolean {
  return target !== 'none' && target !== 'none yet';
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

/** As `npm run format` would leave it. */
async function write(path: string, text: string): Promise<void> {
  writeFileSync(path, await format(text, { ...(await resolveConfig(path)), filepath: path }));
}

/** Entries of a file, oldest first: a list, one entry, or one a line with the newest in the last line. */
function readEntries(path: string): (Entry & DisplayTiles)[] {
  if (!existsSync(path)) return [];
  const text = readFileSync(path, 'utf8').trim();
  if (text === '') return [];
  const lastLine = text.split('\n').at(-1) ?? '';
  const found: unknown = JSON.parse(lastLine.startsWith('{') && lastLine !== text ? lastLine : text);
  return (Array.isArray(found) ? found : [found]) as (Entry & DisplayTiles)[];
}

export async function writeTable(): Promise<void> {
  if (!existsSync(folder)) return;
  const rows: string[] = [];
  for (const file of readdirSync(folder).filter((each) => each.endsWith('.json'))) {
    const name = basename(file, '.json');
    const entry = readEntries(join(folder, file)).at(-1);
    if (!entry) continue;
    const load = entry.load === undefined ? '' : `, load ${entry.load.toFixed(1)}`;
    for (const figure of figuresOf(name, entry)) {
      rows.push(
        `| ${figure.what} | ${figure.ours} | ${figure.against} | **${figure.result}** | ${figure.target} | ${hasTarget(figure) ? (figure.reached ? 'yes' : 'no') : ''} | ${entry.at.slice(0, 10)}, ${entry.cpu ?? 'unknown'}${load} |`,
      );
    }
  }
  const text = [
    '# Measured figures',
    '',
    'The newest run of each benchmark; both sides of a comparison are measured in one run, on the same machine. Written by',
    '`node test/bench/<name>.bench.ts`, do not edit. Ratios hold better than the figures.',
    '',
    'Display tiles are measured on a slide of 40,700 x 40,300 pixels, whose levels libvips rounds down and deep zoom rounds up, so that',
    'OpenSlide must scale most of them, as it must with real slides: hardly any scanner writes sides that can be halved to the end. The',
    'rows that say "exact levels only" are of a slide of which every level is exactly half the one before, where OpenSlide is at its best;',
    'they have no target.',
    '',
    '| What | Gigatile | Against | Result | Target | Reached | When, where |',
    '|---|---|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
  await write(join(folder, 'README.md'), text);
}

if (process.argv[1] === import.meta.filename) await writeTable();
