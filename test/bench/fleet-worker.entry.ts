/**
 * `gigatile worker` whose inference only waits: the real loop, leases, heartbeats, results and statements, without pixels and a model.
 * `node fleet-worker.entry.ts <queue> <name> <ms a tile> <boxes a tile>`
 */
import type { WorkerHost, WorkerProcess } from '../../src-main/core/worker-host.ts';
import type { FromInference, ToInference } from '../../src-main/core/worker-protocol.ts';
import type { Execution } from '../../src-main/engine/execution.ts';
import type { ImageService } from '../../src-main/engine/image-service.ts';
import { queueAddress } from '../../src-main/scale/queue/address.ts';
import { connectQueue, disconnectQueue } from '../../src-main/scale/queue/connection.ts';
import { FleetWorker } from '../../src-main/scale/worker/fleet-worker.ts';
import { resultOf } from './million-case.ts';

const [queue = '', name = '', ms, boxes] = process.argv.slice(2);
const tileMs = Number(ms);
/** As many nuclei as a tile of tissue holds. */
const detections = new Float32Array(6 * Number(boxes)).fill(0.5);

class WaitingHost implements WorkerHost {
  fork<Out, In>(): WorkerProcess<Out, In> {
    let say: (message: FromInference) => void = () => undefined;
    let exit: (how: { code: number | null; signal: string | null }) => void = () => undefined;
    /** When the tiles so far are done: timers are late by a bit, which must not add up. */
    let free = 0;
    const worker: WorkerProcess<ToInference, FromInference> = {
      pid: undefined,
      post: (message) => {
        if (message.kind === 'init') setImmediate(() => say({ kind: 'ready', provider: 'cpu' }));
        if (message.kind !== 'lease') return;
        const { lease, epoch, tiles } = message;
        const now = performance.now();
        // A pause was none of this tile's.
        free = (now - free > 100 ? now : free) + tiles.length * tileMs;
        setTimeout(
          () => {
            const results = Array.from(tiles, (tile) => ({ ...resultOf(tile), detections }));
            say({ kind: 'tiles', lease, epoch, results });
            say({ kind: 'lease-done', lease, epoch });
          },
          Math.max(0, free - now),
        );
      },
      onMessage: (listener) => (say = listener),
      onExit: (listener) => (exit = listener),
      kill: () => setImmediate(() => exit({ code: null, signal: 'SIGKILL' })),
    };
    return worker as unknown as WorkerProcess<Out, In>;
  }
}

const say = (text: string): void => void process.stderr.write(`${name}: ${text}\n`);
const connection = await connectQueue(queueAddress(queue), `worker ${name}`, true, (error) =>
  say(error.message),
);
const worker = new FleetWorker({
  ...connection,
  name,
  say,
  host: new WaitingHost(),
  images: {
    forget: () => undefined,
    open: () => Promise.resolve({ fingerprint: 'f'.repeat(64) }),
  } as unknown as ImageService,
  execution: {
    check: () => Promise.resolve(),
    plan: () => Promise.resolve({ workers: 1, threads: 1, batch: 1, from: 'person' }),
  } as unknown as Execution,
  models: { path: () => Promise.resolve('/nowhere/model.onnx') },
  slides: [],
});
process.once('SIGTERM', () => worker.stop());
await worker.run();
await disconnectQueue(connection);
