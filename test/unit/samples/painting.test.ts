import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { makePainter, sampleLayout } from '../../../src-main/samples/painters.ts';
import { PathologyBlocks } from '../../../src-main/samples/pathology/render-block.ts';
import type { SampleKind } from '../../../src-main/samples/sample-protocol.ts';

function digest(kind: SampleKind, seed: number, x: number, y: number, before?: [number, number]): string {
  const layout = sampleLayout(kind);
  const painter = makePainter({ kind, width: 4096, height: 3072, seed }, true);
  if (before) painter.paint(...before);
  const block = painter.paint(x, y);
  const hash = createHash('sha256').update(block.truth);
  for (let row = 0; row < layout.blockSize; row += layout.tileSize) {
    for (let column = 0; column < layout.blockSize; column += layout.tileSize) {
      const pixels = block.tile(column, row, layout.tileSize);
      hash.update(Buffer.from(pixels.buffer, pixels.byteOffset, pixels.byteLength));
    }
  }
  return hash.digest('hex');
}

describe.each(['pathology', 'satellite'] as const)('a block of the %s sample', (kind) => {
  test('depends on the seed and its place, not on what was painted before', () => {
    const once = digest(kind, 7, 1024, 1024);
    expect(digest(kind, 7, 1024, 1024, [0, 1024])).toBe(once);
    expect(digest(kind, 8, 1024, 1024)).not.toBe(once);
    expect(digest(kind, 7, 2048, 1024)).not.toBe(once);
  });
});

describe('the pathology sample', () => {
  const spec = { seed: 3, width: 4096, height: 3072 };

  test('is the same in blocks of any size: no seams, no nucleus lost or told twice', () => {
    const large = new PathologyBlocks(spec, 1024).render(0, 1024);
    const small = new PathologyBlocks(spec, 512);
    const key = (n: { x: number; y: number; a: number }): string => `${n.x} ${n.y} ${n.a}`;
    const nuclei: string[] = [];
    for (const [x, y] of [
      [0, 0],
      [512, 0],
      [0, 512],
      [512, 512],
    ] as const) {
      const block = small.render(x, 1024 + y);
      nuclei.push(...block.nuclei.map(key));
      for (let row = 0; row < 512; row += 256) {
        for (let column = 0; column < 512; column += 256) {
          const expected = large.tile(x + column, y + row, 256);
          expect(Buffer.compare(block.tile(column, row, 256), expected)).toBe(0);
        }
      }
    }
    expect(large.nuclei.length).toBeGreaterThan(300);
    expect(nuclei.sort()).toEqual(large.nuclei.map(key).sort());
  });

  test('has dark blue nuclei on pink tissue, and clean glass', () => {
    const block = new PathologyBlocks(spec, 1024).render(0, 1024);
    let darker = 0;
    const tile = (x: number, y: number): Uint8Array =>
      block.tile(Math.floor(x / 256) * 256, Math.floor(y / 256) * 256, 256);
    const some = block.nuclei.filter((_, i) => i % 7 === 0);
    const means: number[] = [];
    for (let row = 0; row < 1024; row += 256) {
      for (let column = 0; column < 1024; column += 256) {
        const pixels = block.tile(column, row, 256);
        let sum = 0;
        for (let i = 0; i < pixels.length; i += 3) sum += pixels[i] as number;
        means.push(sum / (pixels.length / 3));
      }
    }
    const mean = means.reduce((a, b) => a + b, 0) / means.length;
    for (const nucleus of some) {
      const x = Math.floor(nucleus.x);
      const y = Math.floor(nucleus.y - 1024);
      const at = ((y % 256) * 256 + (x % 256)) * 3;
      const [red, , blue] = tile(x, y).subarray(at, at + 3);
      if ((red as number) < mean - 40 && (blue as number) > (red as number)) darker++;
    }
    expect(darker / some.length).toBeGreaterThan(0.9);
    const glass = new PathologyBlocks(spec, 1024).render(0, 0).tile(0, 0, 256);
    expect(glass.reduce((a, b) => Math.min(a, b))).toBeGreaterThan(228);
  });
});

describe('the satellite sample', () => {
  test('counts every pixel once, and has a slanted edge without data', () => {
    const painter = makePainter({ kind: 'satellite', width: 2000, height: 1500, seed: 1 }, true);
    const total: Record<string, number> = {};
    for (const [x, y] of [
      [0, 0],
      [1024, 0],
      [0, 1024],
      [1024, 1024],
    ] as const) {
      for (const [name, count] of Object.entries(painter.paint(x, y).counts)) {
        total[name] = (total[name] ?? 0) + count;
      }
    }
    expect(Object.values(total).reduce((a, b) => a + b, 0)).toBe(2000 * 1500);
    // Two triangles, each 9 % of the width at its base.
    expect((total['no data'] ?? 0) / (2000 * 1500)).toBeCloseTo(0.09, 2);
    for (const name of ['vegetation', 'other']) expect(total[name]).toBeGreaterThan(100_000);
  });
});
