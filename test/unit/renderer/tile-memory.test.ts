import { expect, test } from 'vitest';
import { tilesKept } from '../../../src-renderer/viewer/tile-memory.ts';

const bytesOf = (edge: number) => tilesKept({ tileWidth: edge, tileHeight: edge }) * edge * edge * 4;

test('tiles of any usual size take the same memory when they are kept', () => {
  for (const edge of [240, 256, 512, 800]) {
    expect(bytesOf(edge)).toBeLessThanOrEqual(64 * 1024 ** 2);
    expect(bytesOf(edge)).toBeGreaterThan(58 * 1024 ** 2);
  }
});

test('of very large tiles enough are kept for a screen, of tiny ones no endless number', () => {
  expect(tilesKept({ tileWidth: 1024, tileHeight: 1024 })).toBe(24);
  expect(tilesKept({ tileWidth: 4096, tileHeight: 4096 })).toBe(24);
  expect(tilesKept({ tileWidth: 64, tileHeight: 64 })).toBe(1000);
});
