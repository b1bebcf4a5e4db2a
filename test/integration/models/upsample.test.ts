/** Outputs of fewer pixels than the input, brought to its resolution: against ONNX Runtime's own Resize. */
import * as fc from 'fast-check';
import onnxProto from 'onnx-proto';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { upsampled, type Upsampling } from '../../../src-main/models/segment/upsample.ts';
import { eachPixel, fieldOf } from '../../../src-main/models/segment/tile-pixels.ts';
import { onnxBytes } from '../../support/onnx-file.ts';

const { onnx } = onnxProto;
const { STRING } = onnx.AttributeProto.AttributeType;
const text = (name: string, value: string): onnxProto.onnx.IAttributeProto => ({
  name,
  type: STRING,
  s: new TextEncoder().encode(value),
});

function resizing(how: Upsampling): Uint8Array {
  return onnxBytes({
    inputs: [
      ['x', 'float32', ['n', 'c', 'h', 'w']],
      ['sizes', 'int64', [4]],
    ],
    outputs: [['y', 'float32', ['n', 'c', 'H', 'W']]],
    graph: {
      node: [
        {
          opType: 'Resize',
          input: ['x', '', '', 'sizes'],
          output: ['y'],
          attribute:
            how === 'bilinear'
              ? [text('mode', 'linear'), text('coordinate_transformation_mode', 'half_pixel')]
              : [
                  text('mode', 'nearest'),
                  text('coordinate_transformation_mode', 'asymmetric'),
                  text('nearest_mode', 'floor'),
                ],
        },
      ],
    },
  });
}

test.each(['nearest', 'bilinear'] as const)('%s is what ONNX Runtime does', async (how) => {
  const session = await InferenceSession.create(resizing(how));
  const sizes = fc.record({
    planes: fc.integer({ min: 1, max: 4 }),
    height: fc.integer({ min: 1, max: 12 }),
    width: fc.integer({ min: 1, max: 12 }),
    down: fc.constantFrom(1, 2, 4, 7),
    across: fc.constantFrom(1, 2, 3, 4),
    seed: fc.integer({ min: 1, max: 1000 }),
  });
  await fc.assert(
    fc.asyncProperty(sizes, async ({ planes, height, width, down, across, seed }) => {
      const dims = [1, planes, height, width];
      const data = Float32Array.from({ length: planes * height * width }, (_, i) =>
        Math.sin(i * 12.9898 + seed),
      );
      const seen = { x: 5, y: -3, width: width * across, height: height * down };
      const field = upsampled(
        fieldOf('x', { dims, data }, { i: 0, count: 1, seen, wanted: seen }, planes, 'NCHW'),
        seen,
        how,
      );
      const ours = new Float32Array(planes * seen.height * seen.width);
      eachPixel(field, seen, (at, from) => {
        for (let p = 0; p < planes; p++)
          ours[p * seen.height * seen.width + at] = Number(field.data[from + p * field.plane]);
      });
      const wanted = BigInt64Array.from([1, planes, seen.height, seen.width], BigInt);
      const { y } = await session.run({
        x: new Tensor('float32', data, dims),
        sizes: new Tensor('int64', wanted, [4]),
      });
      const theirs = y!.data as Float32Array;
      expect(theirs.length).toBe(ours.length);
      ours.forEach((value, i) => expect(Math.abs(value - theirs[i]!)).toBeLessThan(1e-5));
    }),
    { numRuns: 60 },
  );
});
