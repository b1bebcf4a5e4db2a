/** Runs the test that a model brings with it, in a process that is thrown away. */
import { GigatileError } from '../contract/errors.ts';
import type { WorkerHost } from '../core/worker-host.ts';
import type { SelfTestResult } from '../core/worker-protocol.ts';
import { prepareSelfTest } from '../models/self-test/order.ts';
import { TrialWorker } from './trial-worker.ts';

const limitMs = 300_000;

export interface SelfTest extends SelfTestResult {
  output: string;
  tolerance: { relative: number; absolute: number; mismatchedPerMillion: number };
}

/**
 * @param path an .onnx file, or a folder with one
 * @throws {GigatileError} model-not-found, model-invalid, worker-crashed, worker-memory, worker-timeout, cancelled
 */
export async function selfTest(host: WorkerHost, path: string, signal?: AbortSignal): Promise<SelfTest> {
  const { order, output } = await prepareSelfTest(path);
  const worker = new TrialWorker(host);
  try {
    const result = await worker.selfTest(order, limitMs, signal);
    return { ...result, output, tolerance: order.tolerance };
  } finally {
    worker.end();
  }
}

/** @throws {GigatileError} model-invalid where the answers differ by more than the model allows */
export function requireWithin(test: SelfTest, where: string): void {
  if (test.isWithin) return;
  const { relative, absolute, mismatchedPerMillion } = test.tolerance;
  throw new GigatileError('model-invalid', 'The model does not give the answer that was published with it', {
    where,
    hint: `${test.mismatched} of ${test.total} numbers of ${test.output} differ by more than ${absolute} + ${relative} of the number (${mismatchedPerMillion} in a million may); the largest difference is ${test.largest.toPrecision(3)}.`,
  });
}
