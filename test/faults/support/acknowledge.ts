/**
 * Writes down, at once, what a person or a program has been told: that a case is open, which tiles are done, that a decision was
 * taken. In a trace of the process these lines stand where the promise was made.
 */
import { openSync, writeSync } from 'node:fs';
import { VisibleTiles } from '../../../src-main/engine/visible-tiles.ts';

export type Told =
  | { told: 'opened' | 'started' | 'finished' | 'closed' }
  | { told: 'tiles'; done: number[] }
  | { told: 'decision'; finding: string; verdict: string }
  | { told: 'export'; name: string };

export type Tell = (told: Told) => void;

/** @param path of the file that lines are added to; undefined: nobody listens */
export function acknowledge(path: string | undefined): Tell {
  if (path === undefined) return () => undefined;
  const handle = openSync(path, 'a');
  const tell: Tell = (told) => void writeSync(handle, `${JSON.stringify(told)}\n`);
  // The screens are painted from here: the first moment at which a result can be seen.
  const { prototype } = VisibleTiles;
  // eslint-disable-next-line typescript/unbound-method -- called with its own `this` below
  const original = prototype.committed;
  prototype.committed = function committed(this: VisibleTiles, changes) {
    original.call(this, changes);
    const done = changes.flatMap((change) => (change.kind === 'done' ? [change.result.tile] : []));
    if (done.length > 0) tell({ told: 'tiles', done });
  };
  return tell;
}
