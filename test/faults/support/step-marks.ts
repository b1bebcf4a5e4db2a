/**
 * Says in a file, at once, how far this process is: at which step its run, or at the exports. Can be held there until somebody has
 * come to disturb it. Only entry files of tests load this.
 */
import { appendFileSync } from 'node:fs';
import { RunStore } from '../../../src-main/store/run-store.ts';

/** GIGATILE_TEST_MARKS: the file. GIGATILE_TEST_HOLD: where the process stops (SIGSTOP), the first time that it gets there. */
export function mark(name: string): void {
  const { GIGATILE_TEST_MARKS: path, GIGATILE_TEST_HOLD: held } = process.env;
  if (path !== undefined) appendFileSync(path, `${name}\n`);
  if (name !== held) return;
  delete process.env['GIGATILE_TEST_HOLD'];
  process.kill(process.pid, 'SIGSTOP');
}

/** From now on each step of a run that is taken up says that it begins: what conducts a run reads it there. */
export function markSteps(): void {
  const { prototype } = RunStore;
  // eslint-disable-next-line typescript/unbound-method -- called with their own `this` below
  const { get, beginEpoch } = prototype;
  let last: string | null = null;
  prototype.beginEpoch = function begin(this: RunStore, no) {
    const epoch = beginEpoch.call(this, no);
    last = '';
    return epoch;
  };
  prototype.get = function read(this: RunStore, no) {
    const run = get.call(this, no);
    if (last !== null && run.step !== last) {
      last = run.step;
      mark(last === 'finished' ? 'exports' : last);
    }
    return run;
  };
}
