/** A worker that computes as long as a small model does: the same work for each tile, and the answer of a classifier. */
import { parentPort, workerData } from 'node:worker_threads';
import type { FromInference, ToInference } from '../../src-main/core/worker-protocol.ts';
import { resultOf } from './million-case.ts';

const { rounds } = workerData as { rounds: number };
const say = (message: FromInference): void => parentPort?.postMessage(message, []);

/** Work, not time: others on the machine make it slower, and then all of it. */
export function work(count: number): number {
  let x = 1.1;
  for (let i = 0; i < count; i++) x = Math.sqrt(x * 1.000_000_1 + i);
  return x;
}

parentPort?.on('message', (message: ToInference) => {
  if (message.kind === 'init') say({ kind: 'ready', provider: 'cpu' });
  if (message.kind !== 'lease') return;
  const { lease, epoch } = message;
  const results = [];
  for (const tile of message.tiles) {
    if (work(rounds) === 0) return;
    results.push(resultOf(tile));
    if (results.length === 4) say({ kind: 'tiles', lease, epoch, results: results.splice(0) });
  }
  if (results.length > 0) say({ kind: 'tiles', lease, epoch, results });
  say({ kind: 'lease-done', lease, epoch });
});
