/**
 * Display tiles over a MessagePort, as in the desktop window: the real engine and its image worker in this process and its child,
 * the page's side of the port in a thread of its own, six requests in flight.
 * `node test/bench/display-port.bench.ts [requests] [repeats of the texture]`; adds to test/bench/results/display-port.json.
 */
import { once } from 'node:events';
import { loadavg } from 'node:os';
import { isMainThread, MessageChannel, parentPort, Worker, workerData } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { bytePaths } from '../../src-main/contract/bytes.ts';
import { serveBytes } from '../../src-main/electron/bytes-port.ts';
import { ChildWorkerHost } from '../../src-main/engine/child-worker-host.ts';
import { createEngine } from '../../src-main/engine/engine.ts';
import { freshHome } from '../support/served-app.ts';
import { bigSlide } from './big-slide.ts';
import { record } from './results.ts';
import { percentile, tileRequests } from './tile-requests.ts';

const inFlight = 6;
const passes = 9;

async function page(): Promise<void> {
  const { port, paths } = workerData as { port: MessagePort; paths: string[] };
  const waiting = new Map<number, (status: number) => void>();
  let lastId = 0;
  port.on('message', ({ id, status }: { id: number; status: number }) => waiting.get(id)?.(status));
  const get = (path: string): Promise<number> =>
    new Promise((resolve) => {
      waiting.set(++lastId, resolve);
      port.postMessage({ id: lastId, path });
    });
  const seconds: number[] = [];
  const p95: number[] = [];
  for (let pass = 0; pass < passes; pass++) {
    const latencies: number[] = [];
    const queue = paths.values();
    const start = performance.now();
    await Promise.all(
      Array.from({ length: inFlight }, async () => {
        for (const path of queue) {
          const at = performance.now();
          const status = await get(path);
          if (status !== 200) throw new Error(`${path}: ${status}`);
          latencies.push(performance.now() - at);
        }
      }),
    );
    seconds.push((performance.now() - start) / 1000);
    p95.push(percentile(latencies, 0.95));
  }
  parentPort?.postMessage({ seconds, p95 }, []);
  port.close();
}

async function bench(): Promise<void> {
  const count = Number(process.argv[2] ?? 1000);
  const load = loadavg()[0] ?? 0;
  const path = bigSlide(Number(process.argv[3] ?? 3));
  const { home, remove } = freshHome();
  const engine = await createEngine({
    host: new ChildWorkerHost(),
    shell: { kind: 'electron' },
    dataDir: home,
    modelsDir: home,
    version: 'bench',
  });
  try {
    const session = await engine.cases.open(path);
    const { id, image } = session.view();
    const paths = tileRequests(image.display.levels, count).map((request) => bytePaths.tile(id, ...request));
    const { port1, port2 } = new MessageChannel();
    // Node's port has what Electron's has (MessagePortMain), with the message itself in place of an event.
    const served = {
      postMessage: (message: unknown) => port1.postMessage(message),
      start: () => undefined,
      on: (event: 'message' | 'close', listener: (event: { data: unknown }) => void) =>
        port1.on(event, (data: unknown) => listener({ data })),
    };
    serveBytes(served, (asked) => engine.bytes(asked));
    const worker = new Worker(import.meta.filename, {
      workerData: { port: port2, paths },
      transferList: [port2],
    });
    const [{ seconds, p95 }] = (await once(worker, 'message')) as [{ seconds: number[]; p95: number[] }];
    const rate = count / percentile(seconds.slice(1), 0.5);
    const warm = percentile(p95.slice(1), 0.5);
    const shown = (n: number): string => Math.round(n).toLocaleString('en');
    await record(
      'display-port',
      [
        {
          what: `Display tiles through the port: ${count} requests, ${inFlight} in flight; 95 of 100 come within`,
          ours: `${warm.toFixed(2)} ms (the first time ${(p95[0] ?? 0).toFixed(1)} ms), ${shown(rate)} tiles/s`,
          against: 'the design',
          result: `${warm.toFixed(2)} ms`,
          target: '2 ms',
          reached: warm < 2,
        },
      ],
      { seconds, p95 },
      load,
    );
  } finally {
    await engine.close();
    remove();
  }
}

await (isMainThread ? bench() : page());
