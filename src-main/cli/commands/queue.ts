/** `gigatile worker` and `gigatile queue`: one more machine, and what the machines do. */
import { hostname } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { GigatileError } from '../../contract/errors.ts';
import type { FleetAct, FleetView } from '../../contract/fleet.ts';
import { Execution } from '../../engine/execution.ts';
import { ChildWorkerHost } from '../../engine/child-worker-host.ts';
import { ImageService } from '../../engine/image-service.ts';
import { actOnFleet } from '../../scale/fleet-acts.ts';
import { fleetView } from '../../scale/fleet-view.ts';
import { ModelCache } from '../../scale/model-parts.ts';
import { openMetrics } from '../../scale/open-metrics.ts';
import { connectQueue, disconnectQueue, type QueueConnection } from '../../scale/queue/connection.ts';
import { connectWhenThere } from '../../scale/worker/connect-when-there.ts';
import { FleetWorker } from '../../scale/worker/fleet-worker.ts';
import { ModelFolders } from '../../scale/worker/model-folders.ts';
import { readSlideMap } from '../../scale/worker/slide-map.ts';
import { dataDir } from '../data-dir.ts';
import { modelsDir, version } from '../environment.ts';
import { addressOf } from '../queue-options.ts';

const say = (text: string): void => void process.stderr.write(`${new Date().toISOString()} ${text}\n`);

/** So long a worker that is stopped takes its leave at most. */
const farewellMs = 15_000;

export async function worker(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      queue: { type: 'string' },
      slides: { type: 'string', multiple: true },
      models: { type: 'string', multiple: true },
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
  let code = 0;
  const stopped = new AbortController();
  const stop = (signal: NodeJS.Signals): void => {
    code = signal === 'SIGINT' ? 130 : 0;
    stopped.abort();
    // Connections to a server that went without a word cannot be closed; its chunk goes to others either way.
    setTimeout(() => process.exit(code), farewellMs).unref();
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  const connection = await connectWhenThere(address, name, say, stopped.signal);
  if (connection === null) return code;
  const { database } = connection;
  const cache = new ModelCache(database, join(dataDir(), 'queue-models'));
  const models = new ModelFolders(values.models ?? [], cache);
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
  if (stopped.signal.aborted) fleetWorker.stop();
  stopped.signal.addEventListener('abort', () => fleetWorker.stop());
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
  const runRows = runs.map(({ id, image, model, state, chunks, tiles, tilesPerSecond }) => [
    id.slice(0, 8),
    image,
    model,
    state,
    `${chunks.done}/${chunks.total}`,
    String(chunks.working),
    String(tiles.done),
    String(tiles.failed),
    tilesPerSecond === null ? '-' : tilesPerSecond.toFixed(1),
  ]);
  const workerRows = workers.map((one) => [
    one.name,
    one.host,
    one.isAbsent ? `not heard of for ${Math.round(one.silentSeconds)} s` : one.state,
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
      : table([
          ['run', 'image', 'model', 'state', 'chunks', 'working', 'done', 'failed', 'tiles/s'],
          ...runRows,
        ]),
    workers.length === 0
      ? 'No workers. Start one with: gigatile worker --queue <its address>'
      : table([['worker', 'host', 'state', 'chunks', 'tiles', 'tiles/s'], ...workerRows]),
  ];
  if (refused.length > 0) parts.push(refused.join('\n'));
  return `${parts.join('\n\n')}\n`;
}

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
  const order = act === 'show' ? null : readAct(act, id, amount);
  const connection = await connectQueue(address, 'queue', false, (error) => say(error.message));
  try {
    if (order === null) await show(connection, values);
    else {
      const count = await actOnFleet(connection, order);
      if (order.act === 'redrive') process.stdout.write(`${count} chunks are tried again\n`);
    }
    return 0;
  } finally {
    await disconnectQueue(connection);
  }
}

async function show(
  connection: QueueConnection,
  { json, metrics }: { json: boolean; metrics: boolean },
): Promise<void> {
  const view = await fleetView(connection);
  if (metrics) process.stdout.write(openMetrics(view));
  else if (json) process.stdout.write(`${JSON.stringify(view)}\n`);
  else {
    process.stdout.write(printed(view));
    const dead = view.runs.reduce((sum, { chunks }) => sum + chunks.dead, 0);
    if (dead > 0)
      process.stdout.write(`\n${dead} chunks were given up. Try them again: gigatile queue redrive\n`);
  }
}

/** @throws {GigatileError} usage */
function readAct(act: string, run: string | undefined, amount: string | undefined): FleetAct {
  switch (act) {
    case 'redrive':
      return run === undefined ? { act } : { act, run };
    case 'pause':
    case 'resume':
    case 'cancel':
    case 'remove':
    case 'priority': {
      if (run === undefined)
        throw new GigatileError('usage', `queue ${act} takes a run`, { hint: 'See "gigatile queue".' });
      if (act !== 'priority') return { act, run };
      if (amount === undefined || !/^-?\d{1,4}$/.test(amount) || Math.abs(Number(amount)) > 1000) {
        throw new GigatileError(
          'usage',
          'queue priority takes a run and a whole number from -1000 to 1000; larger goes first',
        );
      }
      return { act, run, priority: Number(amount) };
    }
    default:
      throw new GigatileError('usage', `"queue ${act}" is not known`, {
        hint: 'show, pause, resume, cancel, priority, remove or redrive.',
      });
  }
}
