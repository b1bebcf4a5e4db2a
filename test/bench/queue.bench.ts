/**
 * What a queue costs beside the work: submitting a million tiles, and taking, keeping and ending chunks by eight workers at once whose
 * inference only waits. `node test/bench/queue.bench.ts [tiles]`; needs Debian's postgresql.
 */
import { loadavg } from 'node:os';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { TestPostgres } from '../support/postgres.ts';
import { writeOutcomes, type TileOutcome } from '../../src-main/scale/chunk-results.ts';
import {
  connectQueue,
  disconnectQueue,
  type QueueConnection,
} from '../../src-main/scale/queue/connection.ts';
import { queueAddress } from '../../src-main/scale/queue/address.ts';
import type { FleetRunSpec } from '../../src-main/scale/fleet-run.ts';
import { submit } from '../../src-main/scale/submit.ts';
import { record } from './results.ts';

const million = Number(process.argv[2] ?? 1_000_000);
const chunkTiles = 500;
const workers = 8;
/** Of each run that is measured. */
const chunksTaken = 96;
/** What stands for inference, so that workers come one after the other as they do in work. */
const waitMs = 1000;
/** What a chunk's inference takes on one worker at least (reference: 5 to 30 s a chunk). */
const chunkSeconds = 5;

const postgres = await TestPostgres.create();
const address = queueAddress(postgres.url);
const seconds = (from: number): number => (performance.now() - from) / 1000;

/** Nobody reads it here. */
const spec = { schema: 1 } as unknown as FleetRunSpec;

function outcomesOf(tiles: readonly number[]): TileOutcome[] {
  return tiles.map((tile) => ({
    kind: 'done',
    epoch: 1,
    result: {
      tile,
      score: 0.5,
      classIndex: 0,
      sharpness: 0.1,
      values: Float32Array.of(1, 2),
      // As many nuclei as a tile of tissue holds.
      detections: new Float32Array(6 * 40).fill(0.5),
    },
  }));
}

async function submitted({ database, jobs }: QueueConnection, id: string, tiles: number): Promise<number> {
  const chunks = Array.from({ length: Math.ceil(tiles / chunkTiles) }, (_one, chunk) =>
    Array.from(
      { length: Math.min(chunkTiles, tiles - chunk * chunkTiles) },
      (_tile, at) => chunk * chunkTiles + at,
    ),
  );
  const from = performance.now();
  await submit(database, jobs, id, spec, chunks);
  return seconds(from);
}

/** Seconds of coordination a chunk, on each of the workers at the same time. */
async function coordinated(id: string, chunks: number): Promise<number> {
  let taken = 0;
  let spent = 0;
  await Promise.all(
    Array.from({ length: workers }, async () => {
      const { database, jobs } = await connectQueue(address, 'bench', false, (error) => {
        throw error;
      });
      while (taken++ < chunks) {
        const from = performance.now();
        const job = await jobs.take(id);
        if (job === null) break;
        const [plan] = await database.query<{ tiles: number[] }>(
          'UPDATE chunk SET taken = taken + 1, taken_by = $3, taken_at = now() WHERE run = $1 AND no = $2 RETURNING tiles',
          [id, job.data.chunk, 'bench'],
        );
        await jobs.touch(id, job);
        const made = performance.now();
        const outcomes = outcomesOf(plan?.tiles ?? []);
        await sleep(waitMs * (0.5 + Math.random()));
        spent -= (performance.now() - made) / 1000;
        await database.transaction(async (sql) => {
          await sql.query('UPDATE chunk SET done_at = now() WHERE run = $1 AND no = $2', [
            id,
            job.data.chunk,
          ]);
          await jobs.complete(sql, id, job);
          await writeOutcomes(sql, id, job.data.chunk, outcomes);
        });
        spent += seconds(from);
      }
      await disconnectQueue({ database, jobs });
    }),
  );
  return spent / chunks;
}

try {
  const connection = await connectQueue(address, 'bench', false, (error) => {
    throw error;
  });
  const few = await submitted(connection, 'few', 10_000 * 10);
  const many = await submitted(connection, 'many', million);
  const perFew = await coordinated('few', chunksTaken);
  const perMany = await coordinated('many', chunksTaken);
  await disconnectQueue(connection);
  const share = perMany / (chunkSeconds + perMany);
  const growth = perMany / perFew;
  await record(
    'queue',
    [
      {
        what: `Submitting ${million} tiles in chunks of ${chunkTiles}`,
        ours: `${many.toFixed(1)} s`,
        against: `100000 tiles: ${few.toFixed(2)} s`,
        result: `${many.toFixed(1)} s`,
        target: '10 s',
        reached: many <= 10,
      },
      {
        what: `Taking, keeping and ending a chunk of ${chunkTiles} tiles with 40 boxes each, ${workers} workers at once on these cores`,
        ours: `${(perMany * 1000).toFixed(1)} ms`,
        against: `a chunk of ${chunkSeconds} s`,
        result: `${(share * 100).toFixed(2)} %`,
        target: '2 %',
        reached: share <= 0.02,
      },
      {
        what: 'The same in a run of a million tiles and in one of 100000',
        ours: `${(perMany * 1000).toFixed(1)} ms`,
        against: `${(perFew * 1000).toFixed(1)} ms`,
        result: `${growth.toFixed(2)} times`,
        target: '1.2 times',
        reached: growth <= 1.2,
      },
    ],
    { few, many, perFew, perMany },
    loadavg()[0] ?? 0,
  );
} finally {
  await postgres.remove();
}
