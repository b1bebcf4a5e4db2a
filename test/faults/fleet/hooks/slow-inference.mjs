/**
 * Preloaded into workers (`node --import`): each inference waits besides computing, as a large model does, without heating the machine.
 * GIGATILE_TEST_SLOW_MS says how long.
 */
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';

const ms = Number(process.env.GIGATILE_TEST_SLOW_MS);
if (process.argv[1]?.includes('inference.entry')) {
  const here = createRequire(import.meta.url);
  const { InferenceSession } = createRequire(here.resolve('onnxruntime-node'))('onnxruntime-common');
  const { run } = InferenceSession.prototype;
  InferenceSession.prototype.run = async function slowly(...args) {
    await sleep(ms);
    return run.apply(this, args);
  };
}
