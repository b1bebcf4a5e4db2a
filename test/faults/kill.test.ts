/**
 * kill -9 of a worker, of the engine, of all, at random moments of every step of the real command line. What comes out at the end is
 * what an undisturbed run gives, to the byte.
 */
import Database from 'better-sqlite3';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { checkLog } from '../../src-main/engine/check-log.ts';
import { CaseFile } from '../../src-main/store/case-file.ts';
import { tissuePicture } from '../support/tissue-png.ts';
import { seededRandom } from './simulation/random.ts';
import { blowName, countCalls, randomBlow, stepOf, strike } from './support/blows.ts';
import type { Blow } from './support/blows.ts';
import { again, isLong, putFigures, seed } from './support/figures.ts';
import { exportsOf, exportNames } from './support/review.ts';

/** Kills that found their victim. */
const wanted = isLong ? 240 : 20;
/** After so many a case is left in peace. */
const mostPerCase = 5;
const lanes = 2;

let folder: string;
let image: string;
let undisturbed: string[];
let wholeMs: number;
let counted: ReadonlyMap<string, number>;

const options = ['--model', 'he-nuclei', '--mpp', '0.5', '--tile', '128', '--workers', '2', '--json'];

interface Place {
  data: string;
  casePath: string;
  out: string;
}

function placeOf(name: string): Place {
  const data = join(folder, name);
  mkdirSync(data, { recursive: true });
  return { data, casePath: join(data, 'c.gigatile'), out: join(data, 'out') };
}

/** What a person would type next. */
function nextCommand({ casePath, out }: Place): string[] {
  const step = stepOf(casePath);
  if (step === null) return ['analyze', image, ...options, '--case', casePath, '--out', out];
  if (step !== 'finished') return ['resume', casePath, '--json', '--out', out];
  const missing = exportNames.find((name) => !existsSync(join(out, name))) ?? exportNames[0];
  mkdirSync(out, { recursive: true });
  return ['export', casePath, '--format', missing.split('.')[1] ?? '', '--out', join(out, missing)];
}

function isComplete({ casePath, out }: Place): boolean {
  return stepOf(casePath) === 'finished' && exportNames.every((name) => existsSync(join(out, name)));
}

async function toTheEnd(place: Place): Promise<void> {
  for (let commands = 0; !isComplete(place); commands++) {
    const { code, stderr } = await strike(place.data, nextCommand(place), place.casePath, null);
    expect(code, `${again}: ${stderr}`).toBe(0);
    expect(commands, again).toBeLessThan(5);
  }
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gigatile-kill-'));
  image = join(folder, 'tissue.png');
  writeFileSync(image, tissuePicture(1400, 1100, 100).png);
  const place = placeOf('undisturbed');
  const traced = placeOf('traced');
  counted = await countCalls(traced.data, nextCommand(traced));
  const from = Date.now();
  await toTheEnd(place);
  wholeMs = Date.now() - from;
  undisturbed = exportsOf(place);
  expect(undisturbed[0]?.split('\n').length).toBeGreaterThan(500);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Where a kill found the run: at which step, or at the exports that follow. */
function whereOf(place: Place): string {
  const step = stepOf(place.casePath);
  return step === null
    ? 'before the run was there'
    : step === 'finished'
      ? 'after the run, at the exports'
      : step;
}

function expectLikeUndisturbed(place: Place, story: string): void {
  expect(exportsOf(place), story).toEqual(undisturbed);
  const file = CaseFile.openReadOnly(place.casePath);
  try {
    expect(checkLog(file), story).toEqual([]);
    const results = [...file.tiles.results(1)].map(({ tile }) => tile);
    const counts = file.tiles.counts(1);
    expect(new Set(results).size, story).toBe(counts.done);
    expect(counts, story).toMatchObject({ pending: 0, running: 0, waiting: 0, failed: 0 });
  } finally {
    file.close();
  }
}

it('ends with the exports of an undisturbed run, whatever is killed and when', { timeout: 0 }, async () => {
  const victims = new Map<string, number>();
  const steps = new Map<string, number>();
  const count = (into: Map<string, number>, name: string): void =>
    void into.set(name, (into.get(name) ?? 0) + 1);
  let [kills, cases] = [0, 0];
  const lane = async (): Promise<void> => {
    while (kills < wanted) {
      const no = cases++;
      const random = seededRandom(seed + no);
      const place = placeOf(`case-${no}`);
      const story: string[] = [];
      for (
        let blows = 0;
        blows < mostPerCase * 3 && story.length < mostPerCase && !isComplete(place);
        blows++
      ) {
        const blow: Blow = randomBlow(random, counted, wholeMs);
        const { isHit, code, stderr } = await strike(place.data, nextCommand(place), place.casePath, blow);
        // What was not killed went well.
        if (code !== null) expect(code, `${again}, ${blowName(blow)}: ${stderr}`).toBe(0);
        if (!isHit) continue;
        kills++;
        count(victims, blow.at === 'call' ? 'engine at a system call' : blow.at);
        const where = whereOf(place);
        if (blow.at !== 'worker') count(steps, where);
        story.push(`${blowName(blow)} (${where})`);
      }
      await toTheEnd(place);
      expectLikeUndisturbed(place, `${again}, case ${no}: ${story.join('; ')}`);
      rmSync(place.data, { recursive: true });
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  const words = (map: Map<string, number>): string => [...map].map(([name, n]) => `${name} ${n}`).join(', ');
  putFigures('kill', {
    'kills (SIGKILL)': `${kills} in ${cases} cases: ${words(victims)}`,
    'the run was at': words(steps),
    'exports that differ from the undisturbed run': 0,
    seed,
  });
});

it('would notice one tile that was lost', async () => {
  const place = placeOf('robbed');
  await toTheEnd(place);
  const db = new Database(place.casePath);
  db.exec(`UPDATE run SET state = 'interrupted', step = 'synthesize';
    DELETE FROM tile_result WHERE idx = (SELECT idx FROM tile_result ORDER BY length(detections) DESC LIMIT 1)`);
  db.close();
  rmSync(place.out, { recursive: true });
  await toTheEnd(place);
  expect(exportsOf(place)).not.toEqual(undisturbed);
});
