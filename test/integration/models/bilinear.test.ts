/** Against Pillow itself: what models were trained on. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { PixelMemory } from '../../../src-main/core/pixel-kernel/pixel-memory.ts';
import { BilinearResize } from '../../../src-main/models/input/bilinear.ts';
import type { Samples } from '../../../src-main/models/input/samples.ts';

const folder = mkdtempSync(join(tmpdir(), 'gigatile-bilinear-'));
afterAll(() => rmSync(folder, { recursive: true }));

const types = {
  // Name, Pillow's mode, numpy's type.
  bytes: { dtype: 'uint8', bands: 3, mode: 'RGB', numpy: 'u1' },
  gray: { dtype: 'uint8', bands: 1, mode: 'L', numpy: 'u1' },
  integers: { dtype: 'int32', bands: 1, mode: 'I', numpy: 'i4' },
  floats: { dtype: 'float32', bands: 1, mode: 'F', numpy: 'f4' },
} as const;

const sizes = [
  { from: { width: 448, height: 448 }, to: { width: 224, height: 224 } },
  { from: { width: 693, height: 693 }, to: { width: 350, height: 350 } },
  { from: { width: 100, height: 37 }, to: { width: 41, height: 90 } },
  { from: { width: 64, height: 640 }, to: { width: 64, height: 7 } },
  { from: { width: 640, height: 3 }, to: { width: 5, height: 3 } },
  { from: { width: 7, height: 5 }, to: { width: 224, height: 224 } },
  { from: { width: 1, height: 1 }, to: { width: 3, height: 2 } },
  { from: { width: 33, height: 33 }, to: { width: 32, height: 32 } },
];

interface Case {
  name: keyof typeof types;
  size: (typeof sizes)[number];
  data: Samples;
}

const cases: Case[] = (Object.keys(types) as (keyof typeof types)[]).flatMap((name) =>
  sizes.map((size) => ({ name, size, data: noise(name, size.from) })),
);

/** Noise, with flats at the ends of the range: where rounding and clipping show. */
function noise(name: keyof typeof types, { width, height }: { width: number; height: number }): Samples {
  let state = width * 31 + height;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  const length = width * height * types[name].bands;
  const value = (i: number): number => ((i >> 5) % 3 === 0 ? (i % 2) * 255 : next() & 255);
  if (types[name].dtype === 'uint8') return Uint8Array.from({ length }, (_, i) => value(i));
  if (types[name].dtype === 'int32') return Int32Array.from({ length }, (_, i) => value(i) * 1001 - 70_000);
  return Float32Array.from({ length }, (_, i) => value(i) / 255 - 0.3);
}

const script = `
import json, sys
import numpy as np
from PIL import Image
for case in json.loads(sys.argv[1]):
    data = np.fromfile(case['in'], case['numpy'])
    shape = (case['from']['height'], case['from']['width']) + ((3,) if case['bands'] == 3 else ())
    image = Image.fromarray(data.reshape(shape), case['mode'])
    done = image.resize((case['to']['width'], case['to']['height']), Image.BILINEAR)
    np.asarray(done).astype(case['numpy']).tofile(case['out'])
`;

const orders = cases.map(({ name, size, data }, i) => {
  const order = { ...types[name], ...size, in: join(folder, `${i}.in`), out: join(folder, `${i}.out`) };
  writeFileSync(order.in, data);
  return order;
});
execFileSync('/usr/bin/python3', ['-c', script, JSON.stringify(orders)]);

describe('bilinear resize equals Pillow', () => {
  test.each(cases.map((each, i) => ({ ...each, i })))(
    '$name, $size.from.width x $size.from.height to $size.to.width x $size.to.height',
    ({ name, size, data, i }) => {
      const { bands, dtype } = types[name];
      let byKernel: Uint8Array | null = null;
      const resize = new BilinearResize(size.from, size.to, bands, dtype);
      const into = data.slice(0, 0).constructor as new (length: number) => Samples;
      const length = size.to.width * size.to.height * bands;
      const found = new into(length);
      if (found instanceof Uint8Array) {
        // The kernel gives the same, and writes nothing beyond its place.
        const memory = new PixelMemory(16 * 1024 * 1024);
        const inMemory = memory.take(data.length)!;
        inMemory.set(data);
        const target = memory.take(length + 64)!;
        target.fill(77);
        const kernel = new BilinearResize(size.from, size.to, bands, dtype);
        const half = Math.ceil(size.from.height / 2);
        const middle = half * size.from.width * bands;
        kernel.add(inMemory.subarray(0, middle), half);
        kernel.add(inMemory.subarray(middle), size.from.height - half);
        kernel.finish(target.subarray(0, length));
        byKernel = target.slice(0, length);
        expect(target.subarray(length)).toEqual(new Uint8Array(64).fill(77));
      }
      // In parts of rows, and twice: nothing of the first picture may be left.
      for (let round = 0; round < 2; round++) {
        const rowLength = size.from.width * bands;
        for (let row = 0; row < size.from.height; row += 100) {
          const rows = Math.min(100, size.from.height - row);
          resize.add(data.subarray(row * rowLength, (row + rows) * rowLength), rows);
        }
        resize.finish(found);
      }
      const bytes = readFileSync(orders[i]!.out);
      const expected = new into(found.length);
      new Uint8Array(expected.buffer).set(bytes);
      expect(bytes.length).toBe(found.byteLength);
      if (byKernel !== null) expect(byKernel).toEqual(expected);
      let worst = 0;
      for (const [at, value] of expected.entries()) {
        worst = Math.max(
          worst,
          Math.abs(value - found[at]!) / (dtype === 'float32' ? Math.abs(value) + 0.3 : 1),
        );
      }
      expect(worst).toBeLessThanOrEqual(dtype === 'float32' ? 1e-6 : 0);
    },
  );
});
