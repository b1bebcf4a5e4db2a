/** `gigatile worker` and `gigatile queue`: one more machine, and what the machines do. */
import { hostname } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { GigatileError } from '../../contract/errors.ts';
import { Execution } from '../../engine/execution.ts';
import { ChildWorkerHost } from '../../engine/child-worker-host.ts';
import { ImageService } from '../../engine/image-service.ts';
import { fleetView, type FleetView } from '../../scale/fleet-view.ts';
import { ModelCache } from '../../scale/model-parts.ts';
import { openMetrics } from '../../scale/open-metrics.ts';
import { connectQueue, disconnectQueue } from '../../scale/queue/connection.ts';
import { isUnreachable } from '../../scale/queue/queue-errors.ts';
import { FleetWorker } from '../../scale/worker/fleet-worker.ts';
import { readSlideMap } from '../../scale/worker/slide-map.ts';
import { dataDir, modelsDir, version } from '../environment.ts';
import { addressOf } from '../queue-options.ts';

const say = (text: string): void => void process.stderr.write(`${new Date().toISOString()} ${text}\n`);

export async function worker(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      queue: { type: 'string' },
      slides: { type: 'string', multiple: true },
      concurrency: { type: 'string' },
      name: { type: 'string' },
    },
  });
  const address = addressOf(values.queue);
  const concurrency = values.concurrency === undefined ? undefined : Number(values.concurrency);
  if (
    concurrency !== undefined &&
    !(Number.isInteger(concurrency) && concurrency >= 1 && concurrency <= 64)
  ) {
    throw new GigatileError(
      'usage',
      `--concurrency ${values.concurrency} is not a whole number from 1 to 64`,
    );
  }
  const slides = readSlideMap(values.slides ?? []);
  const name = values.name ?? `${hostname()}-${process.pid}`;
  const host = new ChildWorkerHost();
  const execution = new Execution({ host, dataDir: dataDir(), modelsDir, version });
  const images = new ImageService(host);
  // That the server is away is said once, by the loop that waits for it.
  const connection = await connectQueue(address, `worker ${name}`, true, (error) => {
    if (!isUnreachable(error)) say(error.message);
  });
  const { database } = connection;
  const models = new ModelCache(database, join(dataDir(), 'queue-models'));
  const fleetWorker = new FleetWorker({
    ...connection,
    name,
    say,
    host,
    execution,
    images,
    models,
    slides,
    concurrency,
  });
  let code = 0;
  const stop = (signal: NodeJS.Signals): void => {
    code = signal === 'SIGINT' ? 130 : 0;
    fleetWorker.stop();
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  say(`Worker ${name} serves ${address.label}. Ctrl-C ends it; its chunk goes to others.`);
  try {
    await fleetWorker.run();
  } finally {
    images.close();
    await disconnectQueue(connection);
  }
  return code;
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_cell, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0))) ?? [];
  return rows
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function printed({ runs, workers }: FleetView): string {
  const runRows = runs.map(({ id, image, model, state, chunks, tiles }) => [
    id.slice(0, 8),
    image,
    model,
    state,
    `${chunks.done}/${chunks.total}`,
    String(chunks.working),
    String(tiles.done),
    String(tiles.failed),
  ]);
  const workerRows = workers.map((one) => [
    one.name,
    one.host,
    one.silentSeconds > 15 ? `not heard of for ${Math.round(one.silentSeconds)} s` : one.state,
    String(one.chunks),
    String(one.tiles),
    one.tilesPerSecond === null ? '-' : one.tilesPerSecond.toFixed(1),
  ]);
  const refused = workers.flatMap(({ name, refused: runsRefused }) =>
    runsRefused.map(({ run, why }) => `${name} leaves ${run.slice(0, 8)} to others: ${why}`),
  );
  const parts = [
    runs.length === 0
      ? 'No runs in this queue.'
      : table([['run', 'image', 'model', 'state', 'chunks', 'working', 'done', 'failed'], ...runRows]),
    workers.length === 0
      ? 'No workers. Start one with: gigatile worker --queue <its address>'
      : table([['worker', 'host', 'state', 'chunks', 'tiles', 'tiles/s'], ...workerRows]),
  ];
  if (refused.length > 0) parts.push(refused.join('\n'));
  return `${parts.join('\n\n')}\n`;
}

const states = { pause: 'paused', resume: 'open', cancel: 'closed' } as const;

export async function queue(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      queue: { type: 'string' },
      json: { type: 'boolean', default: false },
      metrics: { type: 'boolean', default: false },
    },
  });
  const [act = 'show', id, amount, ...more] = positionals;
  const address = addressOf(values.queue);
  if (more.length > 0) throw new GigatileError('usage', `queue ${act} takes no "${more[0] ?? ''}"`);
  const connection = await connectQueue(address, 'queue', false, (error) => say(error.message));
  const { database, jobs } = connection;
  try {
    switch (act) {
      case 'show': {
        const view = await fleetView(database);
        const dead = await jobs.deadChunks();
        if (values.metrics) process.stdout.write(openMetrics(view));
        else if (values.json) process.stdout.write(`${JSON.stringify({ ...view, dead })}\n`);
        else {
          process.stdout.write(printed(view));
          if (dead.length > 0)
            process.stdout.write(
              `\n${dead.length} chunks were given up. Try them again: gigatile queue redrive\n`,
            );
        }
        return 0;
      }
      case 'redrive': {
        const count = await jobs.redrive();
        process.stdout.write(`${count} chunks are tried again\n`);
        return 0;
      }
      case 'pause':
      case 'resume':
      case 'cancel':
      case 'priority':
      case 'remove': {
        const run = await theRun(database, id);
        if (act === 'priority') {
          const priority = Number(amount);
          if (amount === undefined || !Number.isInteger(priority)) {
            throw new GigatileError(
              'usage',
              'queue priority takes a run and a whole number; larger goes first',
            );
          }
          await database.query('UPDATE run SET priority = $2 WHERE id = $1', [run, priority]);
        } else if (act === 'remove') {
          await jobs.dropQueue(run);
          await database.query('DELETE FROM run WHERE id = $1', [run]);
        } else await database.query('UPDATE run SET state = $2 WHERE id = $1', [run, states[act]]);
        return 0;
      }
      default:
        throw new GigatileError('usage', `"queue ${act}" is not known`, {
          hint: 'show, pause, resume, cancel, priority, remove or redrive.',
        });
    }
  } finally {
    await disconnectQueue(connection);
  }
}

/** By the beginning of its id. */
async function theRun(
  database: Parameters<typeof fleetView>[0],
  beginning: string | undefined,
): Promise<string> {
  const found = await database.query<{ id: string }>('SELECT id FROM run WHERE starts_with(id, $1)', [
    beginning ?? '',
  ]);
  if (beginning === undefined || found.length !== 1) {
    throw new GigatileError(
      'run-not-found',
      `${found.length} runs of this queue are meant by "${beginning ?? ''}"`,
      {
        hint: 'See "gigatile queue".',
      },
    );
  }
  return found[0]?.id ?? '';
}
