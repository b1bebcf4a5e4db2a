/** Parts of the inference worker that need no model. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FromInference, TileResult } from '../../../src-main/core/worker-protocol.ts';
import { resultsOf } from '../../../src-main/core/packed-results.ts';
import { disagreement } from '../../../src-main/workers/inference/agreement.ts';
import { halfFloat, numbersOf } from '../../../src-main/workers/inference/output-numbers.ts';
import { ResultPost } from '../../../src-main/workers/inference/result-post.ts';

const result = (tile: number): TileResult => ({
  tile,
  score: 0,
  classIndex: 0,
  values: new Float32Array(0),
  detections: new Float32Array(0),
});

describe('results on their way', () => {
  it('come all, in order, before their lease ends, and never more batches together than was said before', () => {
    const lease = fc.array(
      fc.record({
        tiles: fc.integer({ min: 0, max: 3 }),
        ms: fc.double({ min: 0.01, max: 60, noNaN: true }),
      }),
      {
        minLength: 1,
        maxLength: 40,
      },
    );
    fc.assert(
      fc.property(fc.array(lease, { maxLength: 6 }), (leases) => {
        let now = 0;
        let unposted = 0;
        let announced = 1;
        const come: number[] = [];
        const post = new ResultPost(
          (message: FromInference) => {
            if (message.kind !== 'tiles') throw new Error(message.kind);
            come.push(...resultsOf(message.results).map(({ tile }) => tile));
            announced = message.together ?? 1;
            unposted = 0;
          },
          () => now,
        );
        let next = 0;
        leases.forEach((batches, id) => {
          const order = { lease: id, epoch: 1, tiles: new Int32Array(batches.length) };
          for (const { tiles, ms } of batches) {
            now += ms;
            // Those in the worker's hands when it dies now: what the engine takes for it must hold all of them.
            unposted += tiles > 0 ? 1 : 0;
            expect(unposted).toBeLessThanOrEqual(announced);
            post.add(
              order,
              Array.from({ length: tiles }, () => result(next++)),
            );
          }
          post.flush(order);
          expect(come).toEqual(Array.from({ length: next }, (_, i) => i));
        });
      }),
    );
  });

  it('of a slow model come one by one, of a quick one together', () => {
    const messages = (ms: number): number => {
      let now = 0;
      let count = 0;
      const post = new ResultPost(
        () => count++,
        () => now,
      );
      const order = { lease: 1, epoch: 1, tiles: new Int32Array(64) };
      for (let i = 0; i < 64; i++) {
        now += ms;
        post.add(order, [result(i)]);
      }
      post.flush(order);
      return count;
    };
    expect(messages(50)).toBe(64);
    expect(messages(1)).toBeLessThan(10);
  });
});

describe('two providers', () => {
  const tensor = (data: number[], dims = [data.length]) => ({ out: { data, dims } });
  it('agree where they differ by rounding', () => {
    expect(disagreement(tensor([1, 2, 100]), tensor([1, 2.0005, 100.5]))).toBeNull();
    expect(disagreement(tensor([Number.NaN, 1]), tensor([Number.NaN, 1]))).toBeNull();
    expect(disagreement(tensor([Infinity, 1]), tensor([Infinity, 1]))).toBeNull();
  });
  it('disagree where a number, a shape or an output is another', () => {
    expect(disagreement(tensor([1, 2, 90]), tensor([1, 2, 100]))).toMatch(/^out differs by 10/);
    expect(disagreement(tensor([Number.NaN]), tensor([1]))).toMatch(/NaN/);
    expect(disagreement(tensor([Infinity, 0]), tensor([1, 0]))).not.toBeNull();
    expect(disagreement(tensor([1, 2], [1, 2]), tensor([1, 2], [2, 1]))).toMatch(/shape/);
    expect(disagreement({}, tensor([1]))).toMatch(/missing/);
  });
  it('may count some more peaks at a threshold, not many more', () => {
    const rows = (n: number) => tensor(Array<number>(n * 7).fill(0), [n, 7]);
    expect(disagreement(rows(101), rows(100))).toBeNull();
    expect(disagreement(rows(110), rows(100))).not.toBeNull();
  });
});

describe('numbers of outputs', () => {
  it('half floats are what a Float16Array says', () => {
    const view = new DataView(new ArrayBuffer(2));
    for (let bits = 0; bits < 0x10000; bits++) {
      view.setUint16(0, bits);
      expect(halfFloat(bits)).toBe(view.getFloat16(0));
    }
  });
  it('whole numbers of 64 bits are numbers, text is refused', () => {
    const int64 = { data: BigInt64Array.from([3n, -1n]), dims: [2], type: 'int64' };
    expect(numbersOf({ a: int64 } as never)['a']?.data).toEqual(Float64Array.from([3, -1]));
    const text = { data: ['a'], dims: [1], type: 'string' };
    expect(() => numbersOf({ a: text } as never)).toThrow(/output a is string/);
  });
});
