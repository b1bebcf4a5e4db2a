/** How far a run is, in steps that are worth asking the engine for its numbers again. */
import type { RunView } from '../../src-main/contract/run.ts';

/** The engine goes through all tiles for them: asked at every change, it would do little else beside a large run. */
const steps = 100;

export function runStep({ id, state, tiles }: Pick<RunView, 'id' | 'state' | 'tiles'>): string {
  const step = state === 'running' ? Math.floor((tiles.done / Math.max(1, tiles.total)) * steps) : '';
  return `${id} ${state} ${step}`;
}
