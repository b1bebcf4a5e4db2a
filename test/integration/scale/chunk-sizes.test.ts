/** Chunks that workers cut and put together as they take them, on a real PostgreSQL: whatever happens, each tile is in one of them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { assert, asyncProperty, array, double, integer, nat, record } from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { TileOutcome } from '../../../src-main/scale/chunk-results.ts';
import { writeOutcomes } from '../../../src-main/scale/chunk-results.ts';
import { queueAddress } from '../../../src-main/scale/queue/address.ts';
import {
  connectQueue,
  disconnectQueue,
  type QueueConnection,
} from '../../../src-main/scale/queue/connection.ts';
import type { TakenJob } from '../../../src-main/scale/queue/jobs.ts';
import { submit } from '../../../src-main/scale/submit.ts';
import { takeChunk } from '../../../src-main/scale/worker/take-chunk.ts';
import { fleetSpec } from '../../support/fleet-spec.ts';
import { TestPostgres } from '../../support/postgres.ts';

let postgres: TestPostgres;
let queue: QueueConnection;

beforeAll(async () => {
  postgres = await TestPostgres.create();
  queue = await connectQueue(queueAddress(postgres.url), 'test', false, (error) => {
    throw error;
  });
});

afterAll(async () => {
  await disconnectQueue(queue);
  await postgres.remove();
});

const done = (tile: number): TileOutcome => ({
  kind: 'done',
  epoch: 1,
  result: {
    tile,
    score: 0,
    classIndex: 0,
    sharpness: null,
    values: new Float32Array(),
    detections: new Float32Array(),
  },
});

/** As a worker ends one. */
async function finish(run: string, job: TakenJob, tiles: readonly number[]): Promise<void> {
  await queue.database.transaction(async (sql) => {
    await sql.query('UPDATE chunk SET done_at = now() WHERE run = $1 AND no = $2', [run, job.data.chunk]);
    expect(await queue.jobs.complete(sql, run, job)).toBe(true);
    await writeOutcomes(sql, run, job.data.chunk, tiles.map(done));
  });
}

it('two transactions that wait for each other are both done', async () => {
  for (const run of ['left', 'right'])
    await submit(queue.database, queue.jobs, run, fleetSpec('a.svs'), [[0]]);
  let begun = 0;
  const both = Promise.withResolvers<void>();
  const raise = (first: string, second: string): Promise<void> =>
    queue.database.transaction(async (sql) => {
      const text = 'UPDATE run SET priority = priority + 1 WHERE id = $1';
      await sql.query(text, [first]);
      if (++begun === 2) both.resolve();
      await both.promise;
      await sql.query(text, [second]);
    });
  await Promise.all([raise('left', 'right'), raise('right', 'left')]);
  // Once more at least; again where the one that was sent back came before the other had its row.
  expect(begun).toBeGreaterThanOrEqual(3);
  const rows = await queue.database.query<{ priority: number }>(
    "SELECT priority FROM run WHERE id IN ('left', 'right')",
  );
  expect(rows.map(({ priority }) => priority)).toEqual([2, 2]);
});

const mostWaits = 500;

/** What is not done, with its job, for a person who looks for why. */
async function left(run: string): Promise<string> {
  const rows = await queue.database.query(
    `SELECT no, taken, done_at, job.* FROM chunk LEFT JOIN gigatile_jobs.job_common AS job
     ON job.data->>'run' = chunk.run AND (job.data->>'chunk')::integer = chunk.no
     WHERE run = $1 AND done_at IS NULL`,
    [run],
  );
  return JSON.stringify(rows);
}

it('each tile is in one chunk and has one result, by workers of any speed, of which some go away', async () => {
  let runs = 0;
  const worker = record({ tileMs: double({ min: 0.5, max: 3000, noNaN: true }), fate: nat(3) });
  await assert(
    asyncProperty(
      integer({ min: 1, max: 200 }),
      integer({ min: 1, max: 80 }),
      array(worker, { minLength: 1, maxLength: 12 }),
      async (count, size, workers) => {
        const run = `run${++runs}`;
        const wanted = Array.from({ length: count }, (_one, at) => at * 2);
        const chunks: number[][] = [];
        for (let at = 0; at < count; at += size) chunks.push(wanted.slice(at, at + size));
        await submit(queue.database, queue.jobs, run, fleetSpec('a.svs'), chunks);
        const rows = async (): Promise<number[]> => {
          const found = await queue.database.query<{ tiles: number[]; size: number }>(
            'SELECT tiles, size FROM chunk WHERE run = $1',
            [run],
          );
          for (const { tiles, size: told } of found) expect(told).toBe(tiles.length);
          return found.flatMap(({ tiles }) => tiles).sort((a, b) => a - b);
        };
        let waited = 0;
        for (let step = 0; ; step++) {
          const { tileMs, fate } = workers[step % workers.length]!;
          const job = await queue.jobs.take(run);
          if (job === null) {
            const [open] = await queue.database.query(
              'SELECT 1 FROM chunk WHERE run = $1 AND done_at IS NULL',
              [run],
            );
            if (open === undefined) break;
            // One that was given back is there in a moment.
            if (++waited > mostWaits) throw new Error(`chunks are left that nobody gets: ${await left(run)}`);
            await sleep(20);
            continue;
          }
          waited = 0;
          const options = { ...queue, name: 'w', isFixed: false, tileMs: step === 0 ? null : tileMs };
          const tiles = await takeChunk(options, job);
          expect(await rows()).toEqual(wanted);
          // Those that go away do so for a while only, or this would never end.
          if (fate === 0 && step < 10) {
            await queue.jobs.giveBack(run, job, 'it went away');
            await queue.database.query(
              `UPDATE gigatile_jobs.job_common SET start_after = now() WHERE state = 'retry'`,
            );
          } else if (tiles !== null) await finish(run, job, tiles);
        }
        expect(await rows()).toEqual(wanted);
        const results = await queue.database.query<{ tile: number }>(
          'SELECT tile FROM tile_result WHERE run = $1 ORDER BY tile',
          [run],
        );
        expect(results.map(({ tile }) => tile)).toEqual(wanted);
      },
    ),
    {
      numRuns: 6,
      endOnFailure: true,
      // The chunk with the highest number is taken along by another one that is then cut.
      examples: [
        [
          200,
          1,
          [
            { tileMs: 4.6, fate: 0 },
            { tileMs: 3000, fate: 0 },
          ],
        ],
      ],
    },
  );
});
