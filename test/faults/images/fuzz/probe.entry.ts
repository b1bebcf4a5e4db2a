/** A worker process like those of the application, for the fuzzer: opens and reads what it is told, and says what happened. */
import { readFileSync, writeFileSync } from 'node:fs';
import { readLimits } from '../../../../src-main/core/limits.ts';
import { imageOpener } from '../../../../src-main/workers/image-opener.ts';
import { guardMemory } from '../../../../src-main/workers/memory-guard.ts';
import { workerPort } from '../../../../src-main/workers/port.ts';
import { Coverage } from './coverage.ts';
import { exercise } from './exercise.ts';
import type { ProbeAnswer, ProbeProgress, ProbeRequest } from './probe-protocol.ts';

const port = workerPort<ProbeRequest, ProbeAnswer | ProbeProgress>();
const limits = readLimits(process.env);
guardMemory(limits.imageWorkerBytes);
const opener = imageOpener(limits);
const coverage = process.env['GIGATILE_FUZZ_COVERAGE'] === '1' ? new Coverage() : null;
const started = coverage?.start();

/** Linux: the high-water mark of resident memory can be set back. */
function resetPeak(): void {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // Another system, or not allowed: then readPeak answers null or the process's whole life.
  }
}

function readPeak(): number | null {
  try {
    const text = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    return text === undefined ? null : Number(text) * 1024;
  } catch {
    return null;
  }
}

async function answer(request: ProbeRequest): Promise<ProbeAnswer> {
  await started;
  resetPeak();
  const from = performance.now();
  const verdict = await exercise(
    (path) => opener.open(path),
    request,
    (begun) => port.post({ id: request.id, begun }),
  );
  const milliseconds = performance.now() - from;
  const blocks = await coverage?.taken();
  return {
    id: request.id,
    ...verdict,
    milliseconds,
    peakBytes: readPeak(),
    ...(blocks && { blocks }),
  };
}

// A rejection that nobody waits for, or an error in a callback, would end the application's worker: so it ends this one.
port.onMessage((request) => {
  void answer(request).then((done) => port.post(done));
});
