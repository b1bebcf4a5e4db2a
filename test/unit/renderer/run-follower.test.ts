import { describe, expect, it } from 'vitest';
import { encodeFindingFrame } from '../../../src-main/contract/finding-frame.ts';
import type { RunEvent } from '../../../src-main/contract/run.ts';
import { encodeTileFrame } from '../../../src-main/contract/tile-frame.ts';
import { planGrid } from '../../../src-main/core/grid.ts';
import type { Connection } from '../../../src-renderer/client/connection.ts';
import { RunFollower } from '../../../src-renderer/state/run-follower.ts';
import type { TileStateBuffer } from '../../../src-renderer/state/tile-state-buffer.ts';

const grid = planGrid({
  imageWidth: 400,
  imageHeight: 100,
  scaleX: 1,
  scaleY: 1,
  tileWidth: 100,
  tileHeight: 100,
  overlap: 0,
});

/** A run in an engine: tiles change, each with a revision; events are what the engine would stream. */
class Engine {
  states = [0, 0, 0, 0];
  revisions = [0, 0, 0, 0];
  revision = 0;
  generation = 1;
  readonly asked: number[] = [];

  change(index: number, state: number): RunEvent {
    this.states[index] = state;
    this.revisions[index] = ++this.revision;
    return this.event();
  }

  event(state: RunEvent['run']['state'] = 'running'): RunEvent {
    return {
      run: {
        id: 'r',
        caseId: 'c',
        modelId: 'm',
        modelName: 'M',
        modelVersion: '1',
        modelSha256: '00',
        parameters: {},
        threshold: 0.5,
        state,
        step: 'analyze',
        grid,
        tiles: { total: 4, pending: 0, running: 0, waiting: 0, done: 4, skipped: 0, failed: 0 },
        findings: 0,
        createdAt: '',
        finishedAt: null,
        seconds: 0,
        provider: null,
        reason: null,
      },
      revision: this.revision,
      tilesPerSecond: null,
      etaSeconds: null,
      lastError: null,
    };
  }

  frame(since: number): ArrayBuffer {
    this.asked.push(since);
    const changed = [0, 1, 2, 3].filter((index) => (this.revisions[index] ?? 0) > since);
    return encodeTileFrame(
      { revision: this.revision, tileCount: 4, generation: this.generation },
      changed.length,
      (position, out) => {
        out.index = changed[position] ?? 0;
        out.state = this.states[out.index] ?? 0;
        out.score = 0;
        out.classIndex = 255;
        out.skipReason = 0;
      },
    ).slice().buffer;
  }
}

function connectionTo(engine: Engine, streams: (() => AsyncGenerator<RunEvent>)[]): Connection {
  const watch = () => {
    const next = streams.shift();
    return next === undefined ? Promise.reject(new Error('no engine')) : Promise.resolve(next());
  };
  // Only what the follower uses.
  return {
    kind: 'web',
    api: { runs: { watch } },
    bytes: (path: string) =>
      Promise.resolve({
        type: 'application/octet-stream',
        data: path.startsWith('/findings/')
          ? encodeFindingFrame(0, () => {
              throw new RangeError('no finding');
            }).slice().buffer
          : engine.frame(Number(new URL(path, 'http://x').searchParams.get('since'))),
      }),
  } as unknown as Connection;
}

function follow(engine: Engine, streams: (() => AsyncGenerator<RunEvent>)[]) {
  let tiles: TileStateBuffer | null = null;
  const problems: string[] = [];
  const follower = new RunFollower(
    connectionTo(engine, streams),
    { caseId: 'c', runId: 'r' },
    { width: 400, height: 100 },
    {
      onEvent: () => undefined,
      onTiles: (next) => {
        tiles = next;
      },
      onFindings: () => undefined,
      onFindingsError: (error) => problems.push(error.message),
      onProblem: (error) => problems.push(error.message),
    },
  );
  return {
    done: follower.follow(),
    problems,
    seen: () => [0, 1, 2, 3].map((index) => tiles?.at(index).state),
  };
}

describe('following a run', () => {
  it('ends with the states of the last event, however fast the events come', async () => {
    const engine = new Engine();
    const { done, seen, problems } = follow(engine, [
      async function* () {
        yield engine.change(0, 1);
        yield engine.change(0, 2);
        yield engine.change(1, 2);
        await Promise.resolve();
        yield engine.change(2, 4);
        yield engine.change(3, 5);
        yield engine.event('complete');
      },
    ]);
    await done;
    expect(seen()).toEqual([2, 2, 4, 5]);
    expect(problems).toEqual([]);
  });

  it('asks only for what came after, and for all again when the engine loaded the run anew', async () => {
    const engine = new Engine();
    const settle = () => new Promise((resolve) => setTimeout(resolve, 5));
    const { done, seen } = follow(engine, [
      async function* () {
        yield engine.change(0, 2);
        await settle();
        yield engine.change(1, 2);
        await settle();
        engine.generation = 2;
        engine.revision = 0;
        engine.revisions = [0, 0, 0, 0];
        engine.change(0, 4);
        yield engine.event('interrupted');
      },
    ]);
    await done;
    expect(engine.asked).toEqual([0, 1, 2, 0]);
    expect(seen()).toEqual([4, 0, 0, 0]);
  });

  it('takes the stream up again after it broke', async () => {
    const engine = new Engine();
    const { done, seen, problems } = follow(engine, [
      async function* () {
        yield engine.change(0, 2);
        throw new Error('link lost');
      },
      async function* () {
        yield engine.change(1, 2);
        yield engine.event('complete');
      },
    ]);
    await done;
    expect(problems).toEqual(['link lost']);
    expect(seen().slice(0, 2)).toEqual([2, 2]);
  });
});
