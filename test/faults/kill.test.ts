/** Real processes, killed with SIGKILL at random moments: what comes out at the end is what an undisturbed run gives. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { tileStateCode } from '../../src-main/contract/run.ts';
import { checkLog } from '../../src-main/engine/check-log.ts';
import { replayTiles } from '../../src-main/engine/tile-replay.ts';
import { CaseFile } from '../../src-main/store/case-file.ts';
import { gigatile, startGigatile } from '../support/cli.ts';
import { tissuePicture } from '../support/tissue-png.ts';

let folder: string;
let image: string;
let undisturbed: string[];
let undisturbedMs: number;

const options = ['--model', 'he-nuclei', '--mpp', '0.5', '--tile', '128', '--workers', '2', '--json'];
const analyze = (casePath: string): string[] => ['analyze', image, ...options, '--case', casePath];

/** Every finding with its id, place and score, in order: two runs are the same exactly where these are. */
function findingsOf(casePath: string, run = 1): string[] {
  const file = CaseFile.openReadOnly(casePath);
  try {
    return [...file.findings.all(run)].map(
      (f) => `${f.ordinal} ${f.id} ${f.x} ${f.y} ${f.classIndex} ${f.score}`,
    );
  } finally {
    file.close();
  }
}

function workersOf(pid: number): number[] {
  try {
    return execFileSync('pgrep', ['-P', String(pid), '-f', 'inference.entry'], { encoding: 'utf8' })
      .split('\n')
      .filter(Boolean)
      .map(Number);
  } catch (error) {
    if (error instanceof Error && 'status' in error && error.status === 1) return []; // pgrep: none found
    throw error;
  }
}

/** Tiles whose worker died under them and that are not done again yet. */
function hasHitTiles(casePath: string): boolean {
  if (!existsSync(casePath)) return false;
  const file = CaseFile.openReadOnly(casePath);
  try {
    return [...file.tiles.load(1)].some(({ crashes, state }) => crashes > 0 && state !== tileStateCode.done);
  } finally {
    file.close();
  }
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gigatile-kill-'));
  image = join(folder, 'tissue.png');
  writeFileSync(image, tissuePicture(3600, 3000).png);
  const casePath = join(folder, 'undisturbed.gigatile');
  const from = Date.now();
  expect(gigatile(folder, analyze(casePath)).code).toBe(0);
  undisturbedMs = Date.now() - from;
  undisturbed = findingsOf(casePath);
  expect(undisturbed.length).toBeGreaterThan(1000);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('goes on as if nothing had happened when workers are killed', async () => {
  const casePath = join(folder, 'workers.gigatile');
  const child = startGigatile(folder, analyze(casePath));
  const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
  let said = '';
  child.stdout?.on('data', (part: Buffer) => (said += part.toString()));
  let killed = 0;
  while (child.exitCode === null && killed < 3) {
    const [worker] = workersOf(child.pid ?? -1);
    // A tile whose worker dies twice under it counts as poison, rightly: each that was hit gets its second chance first.
    if (worker !== undefined && !hasHitTiles(casePath)) {
      await sleep(Math.random() * 400);
      if (workersOf(child.pid ?? -1).includes(worker)) {
        process.kill(worker, 'SIGKILL');
        killed++;
      }
    }
    await sleep(500);
  }
  expect(await ended, said.slice(-2000)).toBe(0);
  expect(killed).toBeGreaterThan(0);
  expect(findingsOf(casePath)).toEqual(undisturbed);
});

it('ends with exactly the same findings when everything is killed, again and again, and resumed', async () => {
  for (const round of [1, 2, 3]) {
    const casePath = join(folder, `all-${round}.gigatile`);
    let args = analyze(casePath);
    let kills = 0;
    for (; kills < 4; kills++) {
      const child = startGigatile(folder, args);
      const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
      const outcome = await Promise.race([
        ended,
        sleep(300 + Math.random() * undisturbedMs, 'time' as const),
      ]);
      if (outcome !== 'time') break;
      process.kill(-(child.pid ?? 0), 'SIGKILL');
      await ended;
      const known = gigatile(folder, ['runs', casePath, '--json']);
      // Before the run was written there is nothing to resume, and nothing was lost either.
      const begun = known.code === 0 && known.json().length > 0;
      if (begun) expect(known.json()[0]?.['state'], `round ${round}`).toMatch(/interrupted|complete/);
      if (begun && known.json()[0]?.['state'] === 'complete') break;
      args = begun ? ['resume', casePath, '--json'] : analyze(casePath);
    }
    const state = gigatile(folder, ['runs', casePath, '--json']).json()[0]?.['state'];
    if (state !== 'complete') {
      const last = gigatile(folder, args);
      expect(last.code, last.stderr).toBe(0);
      expect(last.json().at(-1)).toMatchObject({ event: 'finished', state: 'complete' });
    }
    expect(findingsOf(casePath), `round ${round}, ${kills} kills`).toEqual(undisturbed);
  }
});

it.each(['workers', 'all-1', 'all-2', 'all-3'])(
  'has no tile twice and none missing after all that, and a log that says so (%s)',
  (name) => {
    const file = CaseFile.openReadOnly(join(folder, `${name}.gigatile`));
    try {
      expect(replayTiles(file.events.list(1))).not.toBeNull();
      expect(checkLog(file)).toEqual([]);
      const counts = file.tiles.counts(1);
      const results = [...file.tiles.results(1)].map(({ tile }) => tile);
      expect(results.length).toBe(counts.done);
      expect(new Set(results).size).toBe(counts.done);
      expect(counts).toMatchObject({ pending: 0, running: 0, waiting: 0, failed: 0 });
    } finally {
      file.close();
    }
  },
);
