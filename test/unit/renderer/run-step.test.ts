/** The engine is not asked for a run's numbers at every tile. */
import { describe, expect, it } from 'vitest';
import type { RunView } from '../../../src-main/contract/run.ts';
import { runStep } from '../../../src-renderer/state/run-step.ts';

const run = (done: number, state: RunView['state'] = 'running') =>
  runStep({ id: 'run-1', state, tiles: { done, total: 1_000_000 } as RunView['tiles'] });

describe('the numbers of a run', () => {
  it('are asked for a hundred times while it goes on, and once more when it has ended', () => {
    const asked = new Set<string>();
    for (let done = 0; done < 1_000_000; done += 500) asked.add(run(done));
    expect(asked.size).toBe(100);
    expect(asked.has(run(1_000_000, 'complete'))).toBe(false);
  });
});
