import { describe, expect, it } from 'vitest';
import { decodeFindingFrame, encodeFindingFrame } from '../../../src-main/contract/finding-frame.ts';
import { findingsNear, isStillNear, placeAmong } from '../../../src-renderer/overlay/findings-near.ts';
import type { ViewTransform } from '../../../src-renderer/overlay/view-transform.ts';
import { FindingSet } from '../../../src-renderer/state/finding-set.ts';

const edge = 100_000;

/** Over the whole image, in no order of place. */
function setOf(count: number): FindingSet {
  const bytes = encodeFindingFrame(count, (i) => ({
    x: (i * 7919) % (edge - 20),
    y: (i * 104_729) % (edge - 20),
    width: 20,
    height: 10,
    score: 0.5,
    classIndex: 0,
    verdict: 0,
  }));
  return new FindingSet(decodeFindingFrame(bytes.slice().buffer), { width: edge, height: edge });
}

const viewAt = (x: number, y: number, scale: number): ViewTransform => ({
  originX: -x * scale,
  originY: -y * scale,
  scale,
  width: 1000,
  height: 800,
  density: 1,
});

describe('the findings that are drawn', () => {
  const findings = setOf(20_000);

  it('are few, rising, and all that a view shows as long as it stays near', () => {
    const near = findingsNear(findings, viewAt(40_000, 40_000, 0.1));
    if (near === null) throw new Error('all are drawn');
    expect(near.ordinals.length).toBeLessThan(findings.count / 5);
    expect(near.ordinals).toEqual(near.ordinals.toSorted());
    const drawn = new Set(near.ordinals);
    let moved = 0;
    for (let x = 30_000; x < 50_000; x += 500) {
      const view = viewAt(x, 40_000 + x / 50, 0.1);
      if (!isStillNear(near, view)) continue;
      moved++;
      const rect = { x, y: 40_000 + x / 50, width: 10_000, height: 8000 };
      for (let i = 0; i < findings.count; i++) {
        const box = findings.box(i);
        const touches =
          box.x <= rect.x + rect.width &&
          box.x + box.width >= rect.x &&
          box.y <= rect.y + rect.height &&
          box.y + box.height >= rect.y;
        if (touches) expect(drawn.has(i)).toBe(true);
      }
    }
    expect(moved).toBeGreaterThan(10);
  });

  it('are gathered anew where the view leaves them, or is much closer', () => {
    const near = findingsNear(findings, viewAt(40_000, 40_000, 0.1));
    if (near === null) throw new Error('all are drawn');
    expect(isStillNear(near, viewAt(46_000, 40_000, 0.1))).toBe(false);
    expect(isStillNear(near, viewAt(44_000, 44_000, 0.2))).toBe(true);
    expect(isStillNear(near, viewAt(44_000, 44_000, 1))).toBe(false);
  });

  it('are all of them where they are few, or most of them are in view', () => {
    expect(findingsNear(setOf(100), viewAt(40_000, 40_000, 0.1))).toBeNull();
    expect(findingsNear(findings, viewAt(0, 0, 0.01))).toBeNull();
  });

  it('have their places among all', () => {
    const ordinals = Uint32Array.of(3, 8, 21);
    expect([3, 8, 21, 0, 9, 22, -1].map((each) => placeAmong(ordinals, each))).toEqual([
      0, 1, 2, -1, -1, -1, -1,
    ]);
  });
});
