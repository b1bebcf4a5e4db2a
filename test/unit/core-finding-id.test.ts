import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findingId, type FindingIdentity } from '../../src-main/core/finding-id.ts';
import { murmur3 } from '../../src-main/core/murmur3.ts';

const finding: FindingIdentity = {
  kind: 'detection',
  x: 1,
  y: 2,
  width: 3,
  height: 4,
  classIndex: 0,
  score: 0.5,
};

describe('murmur3', () => {
  // Values of the reference implementation, as published.
  it.each([
    ['', 0, '00000000000000000000000000000000'],
    ['', 1, '88c4adec54d201b954d201b954d201b9'],
    ['The quick brown fox jumps over the lazy dog', 0, '2f1583c3ecee2c675d7bf66ce5e91d2c'],
  ])('hashes %j with seed %d as the reference does', (text, seed, expected) => {
    const words = murmur3(new TextEncoder().encode(text), seed);
    expect(words.map((word) => word.toString(16).padStart(8, '0')).join('')).toBe(expected);
  });
});

describe('finding ids', () => {
  it('are UUIDs of version 8', () => {
    fc.assert(
      fc.property(fc.string(), fc.double({ noNaN: true }), fc.nat(254), (key, x, classIndex) => {
        expect(findingId(key, { ...finding, x, classIndex })).toMatch(
          /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
        );
      }),
    );
  });

  it('never change from one version of the program to the next', () => {
    expect(findingId('a', finding)).toBe('bc5d86e9-3187-849b-99b3-ba2fa3711947');
  });

  it('depend on everything that makes a finding, and on nothing else', () => {
    const other: Partial<FindingIdentity>[] = [
      { kind: 'tile' },
      { x: 1.0000001 },
      { y: 3 },
      { width: 4 },
      { height: 3 },
      { classIndex: 1 },
      { score: 0.25 },
    ];
    const ids = [
      findingId('key', finding),
      findingId('kez', finding),
      findingId('key', finding, 1),
      ...other.map((change) => findingId('key', { ...finding, ...change })),
    ];
    expect(new Set(ids).size).toBe(ids.length);
    expect(findingId('key', { ...finding })).toBe(ids[0]);
  });

  it('tell a hundred thousand boxes on a whole-pixel grid apart', () => {
    const ids = new Set<string>();
    for (let x = 0; x < 400; x++) {
      for (let y = 0; y < 250; y++) ids.add(findingId('key', { ...finding, x, y }));
    }
    expect(ids.size).toBe(100_000);
  });

  it('tell findings that agree in everything apart by their turn, and only those', () => {
    const a = findingId('key', finding);
    const b = findingId('key', finding, 1);
    const c = findingId('key', { ...finding, x: 9 });
    expect(new Set([a, b, c]).size).toBe(3);
    expect(findingId('key', finding, 0)).toBe(a);
    expect(findingId('key', finding, 1)).toBe(b);
  });
});
