/** Results that go in one message come out as they went in. */
import { deserialize, serialize } from 'node:v8';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { ResultPacker, resultsOf, type PlainResult } from '../../../src-main/core/packed-results.ts';
import type { PackedResults } from '../../../src-main/core/worker-protocol.ts';

const floats = fc.float32Array({ maxLength: 30 });
const result: fc.Arbitrary<PlainResult> = fc.record(
  {
    tile: fc.nat(),
    score: fc.double({ min: 0, max: 1, noNaN: true }),
    classIndex: fc.nat({ max: 255 }),
    values: floats,
    detections: floats,
    shapes: floats,
    mask: fc.uint8Array({ maxLength: 100 }),
    sharpness: fc.oneof(fc.constant(null), fc.double({ min: 0, max: 100, noNaN: true })),
  },
  { requiredKeys: ['tile', 'score', 'classIndex', 'values', 'detections'] },
);

it('as they were, in their order, whatever a model says of a tile, message after message', () => {
  fc.assert(
    fc.property(fc.array(fc.array(result, { maxLength: 60 }), { maxLength: 4 }), (messages) => {
      const packer = new ResultPacker();
      for (const results of messages) {
        for (const each of results) packer.add(each);
        expect(packer.count).toBe(results.length);
        const sent = deserialize(serialize(packer.take())) as PackedResults;
        expect(packer.count).toBe(0);
        expect(resultsOf(sent)).toEqual(results);
      }
    }),
  );
});

it('what was taken stays as it is while others come', () => {
  const packer = new ResultPacker();
  const of = (tile: number): PlainResult => ({
    tile,
    score: 0.5,
    classIndex: 1,
    values: Float32Array.of(tile, 2),
    detections: new Float32Array(0),
    mask: Uint8Array.of(tile),
  });
  packer.add(of(1));
  const first = packer.take();
  packer.add(of(2));
  expect(resultsOf(first)).toEqual([of(1)]);
  expect(resultsOf(packer.take())).toEqual([of(2)]);
});

it('results that come as they are stay so', () => {
  const plain: PlainResult[] = [
    { tile: 1, score: 0, classIndex: 255, values: new Float32Array(0), detections: new Float32Array(0) },
  ];
  expect(resultsOf(plain)).toBe(plain);
});
