import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeFindingFrame,
  encodeFindingFrame,
  type PackedFinding,
} from '../../../src-main/contract/finding-frame.ts';
import { FindingSet } from '../../../src-renderer/state/finding-set.ts';

const image = { width: 5000, height: 3000 };

function setOf(findings: readonly PackedFinding[]): FindingSet {
  const bytes = encodeFindingFrame(findings.length, (i) => {
    const finding = findings[i];
    if (finding === undefined) throw new RangeError('no finding');
    return finding;
  });
  return new FindingSet(decodeFindingFrame(bytes.slice().buffer), image);
}

const finding = fc.record<PackedFinding>({
  x: fc.integer({ min: -20, max: 4990 }),
  y: fc.integer({ min: -20, max: 2990 }),
  width: fc.integer({ min: 1, max: 400 }),
  height: fc.integer({ min: 1, max: 400 }),
  score: fc.integer({ min: 0, max: 64 }).map((n) => n / 64), // exact in float32
  classIndex: fc.integer({ min: 0, max: 5 }),
  verdict: fc.constantFrom(0 as const, 1 as const, 2 as const),
});

describe('findings', () => {
  it('that touch a rectangle are all visited, each once', () => {
    fc.assert(
      fc.property(
        fc.array(finding, { minLength: 150, maxLength: 300 }),
        fc.integer({ min: 0, max: 4500 }),
        fc.integer({ min: 0, max: 2500 }),
        fc.integer({ min: 1, max: 1000 }),
        (findings, x, y, size) => {
          const visited: number[] = [];
          setOf(findings).forEachNear({ x, y, width: size, height: size }, (ordinal) =>
            visited.push(ordinal),
          );
          expect(new Set(visited).size).toBe(visited.length);
          for (const [ordinal, box] of findings.entries()) {
            const touches =
              box.x <= x + size && box.x + box.width >= x && box.y <= y + size && box.y + box.height >= y;
            if (touches) expect(visited).toContain(ordinal);
          }
        },
      ),
    );
  });

  it('under a point: the smallest box around it at or above the threshold', () => {
    fc.assert(
      fc.property(
        fc.array(finding, { maxLength: 40 }),
        fc.integer({ min: 0, max: 4999 }),
        fc.integer({ min: 0, max: 2999 }),
        fc.integer({ min: 0, max: 64 }).map((n) => n / 64),
        (findings, x, y, threshold) => {
          const around = findings
            .filter((box) => box.score >= threshold)
            .filter((box) => x >= box.x && x <= box.x + box.width && y >= box.y && y <= box.y + box.height)
            .map((box) => box.width * box.height);
          const hit = setOf(findings).hit(x, y, 0, threshold);
          if (around.length === 0) return;
          expect(hit).not.toBeNull();
          const box = findings[hit ?? -1];
          expect(box === undefined ? null : box.width * box.height).toBe(Math.min(...around));
        },
      ),
    );
  });

  it('near a point count where no box is around it, within the slack only', () => {
    const set = setOf([{ x: 100, y: 100, width: 10, height: 10, score: 0.5, classIndex: 0, verdict: 0 }]);
    expect(set.hit(118, 105, 20, 0)).toBe(0);
    expect(set.hit(118, 105, 5, 0)).toBeNull();
    expect(set.hit(105, 105, 5, 0.6)).toBeNull();
  });

  it('are counted the same by threshold and by histogram', () => {
    fc.assert(
      fc.property(fc.array(finding, { maxLength: 60 }), (findings) => {
        const set = setOf(findings);
        expect(set.histogram(16, 0).reduce((sum, value) => sum + value, 0)).toBe(findings.length);
        expect(set.countFrom(0.5)).toBe(findings.filter((box) => box.score >= 0.5).length);
      }),
    );
  });
});
