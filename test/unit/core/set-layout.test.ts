import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { layOutSet, partFinder, setGap } from '../../../src-main/core/set-layout.ts';

const pictures = fc.array(
  fc.record({ width: fc.integer({ min: 1, max: 900 }), height: fc.integer({ min: 1, max: 900 }) }),
  { minLength: 1, maxLength: 60 },
);

describe('a set on one canvas', () => {
  it('has each picture once, within the canvas, and a gap around it', () => {
    fc.assert(
      fc.property(pictures, (sizes) => {
        const named = sizes.map((size, i) => ({ name: `${i}.png`, ...size }));
        const layout = layOutSet(named);
        expect(layout.parts.map(({ name, width, height }) => ({ name, width, height }))).toEqual(named);
        for (const [i, part] of layout.parts.entries()) {
          expect(part.x + part.width).toBeLessThanOrEqual(layout.width);
          expect(part.y + part.height).toBeLessThanOrEqual(layout.height);
          for (const other of layout.parts.slice(i + 1)) {
            const apart =
              Math.abs(part.x - other.x) >= Math.max(0, (part.x < other.x ? part : other).width) + setGap ||
              Math.abs(part.y - other.y) >= (part.y < other.y ? part : other).height + setGap;
            expect(apart).toBe(true);
          }
        }
      }),
    );
  });

  it('finds whose cell a place lies in', () => {
    fc.assert(
      fc.property(pictures, (sizes) => {
        const { parts } = layOutSet(sizes.map((size, i) => ({ name: `${i}.png`, ...size })));
        const find = partFinder(parts);
        for (const part of parts) {
          expect(find(part.x, part.y)).toBe(part);
          expect(find(part.x + part.width - 0.5, part.y + part.height - 0.5)).toBe(part);
          expect(find(part.x + part.width + setGap / 2, part.y)).toBe(part);
        }
      }),
    );
  });
});
