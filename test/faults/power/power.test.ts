/**
 * The power goes between any two system calls of a whole review. Whatever of the unsynced writes is kept, dropped, torn or reordered:
 * the case opens, is sound, and holds exactly what had been promised.
 */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { tissuePicture } from '../../support/tissue-png.ts';
import { seededRandom } from '../simulation/random.ts';
import { again, isLong, putFigures, seed } from '../support/figures.ts';
import { placeIn, review } from '../support/review.ts';
import { whyNoTrace } from '../support/strace.ts';
import type { Cut } from './disk.ts';
import { outcomeOf } from './promises.ts';
import { record, replay } from './replay.ts';
import type { Recording, Replayed } from './replay.ts';

const reason = whyNoTrace();
if (reason !== null) console.log(`skipped: ${reason}`);

/** Often enough that the log is taken into the file in the middle of the run, and begun anew. */
const checkpointPages = 12;
const rounds = isLong ? 8 : 1;
const resumes = isLong ? 40 : 3;

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'gigatile-power-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function replayed(recording: Recording, cuts: readonly Cut[]): Promise<Replayed> {
  const all: Replayed = { moments: 0, cuts: 0, promises: 0, lost: 0, corrupt: 0, examples: [] };
  for (let round = 0; round < rounds; round++) {
    const found = await replay(recording, { seed: seed + round, cuts });
    all.moments = found.moments;
    all.promises = found.promises;
    for (const figure of ['cuts', 'lost', 'corrupt'] as const) all[figure] += found[figure];
    all.examples.push(...found.examples);
  }
  return all;
}

function words({ cuts, moments, promises, lost, corrupt }: Replayed): string {
  return `${cuts} cuts at ${moments} moments with ${promises} promises: ${lost} lost one, ${corrupt} damaged`;
}

function expectNothingLost(found: Replayed): void {
  expect(found.promises, again).toBeGreaterThan(10);
  expect(found, again).toMatchObject({ lost: 0, corrupt: 0 });
}

it.skipIf(reason !== null)(
  'keeps every promise, and a case that was cut goes on to the same end',
  async () => {
    const recording = await record({ checkpointPages });
    const found = await replayed(recording, ['dropped', 'seeded', ...(isLong ? (['kept'] as const) : [])]);
    expectNothingLost(found);

    const random = seededRandom(seed);
    const chosen = new Set(Array.from({ length: resumes }, () => random.whole(0, recording.events.length)));
    let resumed = 0;
    await replay(recording, {
      seed,
      cuts: ['seeded'],
      only: chosen,
      visit: async (cut, index) => {
        const home = join(folder, `cut-${index}`);
        cpSync(cut, home, { recursive: true });
        const place = placeIn(home);
        writeFileSync(place.image, 'pixels');
        expect(await review(place), `${again}, call ${index}`).toMatchObject({ code: 0, ended: 'well' });
        const { tiles, findings } = outcomeOf(home, home, []);
        expect({ tiles, findings }, again).toEqual({
          tiles: recording.outcome.tiles,
          findings: recording.outcome.findings,
        });
        resumed++;
      },
    });
    expect(resumed, again).toBeGreaterThan(0);
    putFigures('power-full', {
      'synchronous=FULL, write-ahead log': words(found),
      'of these taken up again, with the undisturbed results': resumed,
      seed,
    });
  },
);

it.skipIf(reason !== null)('keeps every promise on a network share', async () => {
  const found = await replayed(await record({ isNetwork: true }), ['dropped', 'seeded']);
  expectNothingLost(found);
  putFigures('power-network', { 'synchronous=FULL, rollback journal (network shares)': words(found) });
});

it.skipIf(reason !== null).each(['NORMAL', 'OFF'])(
  'would notice: synchronous=%s fails this test',
  async (synchronous) => {
    const found = await replayed(await record({ synchronous, checkpointPages }), ['dropped', 'seeded']);
    expect(found.lost, again).toBeGreaterThan(10);
    if (synchronous === 'OFF') expect(found.corrupt, again).toBeGreaterThan(0);
    putFigures(`power-control-${synchronous.toLowerCase()}`, {
      [`synchronous=${synchronous} (must fail, and does)`]: words(found),
    });
  },
);

it.skipIf(!isLong || reason !== null)('keeps every promise with real workers', async () => {
  const image = join(folder, 'tissue.png');
  writeFileSync(image, tissuePicture(1400, 1100, 100).png);
  const found = await replayed(await record({ image }), ['dropped', 'seeded']);
  expectNothingLost(found);
  putFigures('power-real', { 'synchronous=FULL, with real workers': words(found) });
});
