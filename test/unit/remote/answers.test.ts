/** What counts as an answer, when a request may begin, what is said of the whole: whatever a stranger sends. */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { RemoteUsage } from '../../../src-main/contract/model-remote.ts';
import { readRegion } from '../../../src-main/remote/region-answer.ts';
import { regionResult } from '../../../src-main/remote/region-result.ts';
import { placeOf, sceneByRules, type SceneRegion } from '../../../src-main/remote/scene.ts';
import { Turns } from '../../../src-main/remote/turns.ts';
import { BudgetGate } from '../../../src-main/remote/usage.ts';
import { environmentSecrets, neededSecret } from '../../../src-main/remote/secrets.ts';
import { asManifest, remoteManifest } from '../../support/remote-model.ts';

const manifest = asManifest(remoteManifest({ baseUrl: 'http://127.0.0.1:1' }));

const answers = fc.record({
  label: fc.string(),
  analysis: fc.string(),
  objects: fc.array(
    fc.record({
      label: fc.oneof(fc.constantFrom('tree', 'TREE', 'house'), fc.string()),
      box: fc.array(fc.oneof(fc.double({ min: -0.1, max: 1.1, noNaN: true }), fc.double()), {
        minLength: 3,
        maxLength: 5,
      }),
      confidence: fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.double()),
    }),
    { maxLength: 4 },
  ),
});

it('every answer is a region whose boxes lie in the tile, or is sent back with what is wrong', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        answers.map((a) => JSON.stringify(a)),
        fc.string(),
        fc.json(),
      ),
      (text) => {
        const read = readRegion(text, manifest);
        if ('problem' in read) {
          expect(read.problem).not.toBe('');
          return;
        }
        for (const { x1, y1, x2, y2, confidence, classIndex } of read.objects) {
          expect(0 <= x1 && x1 < x2 && x2 <= 1 && 0 <= y1 && y1 < y2 && y2 <= 1).toBe(true);
          expect(confidence >= 0 && confidence <= 1).toBe(true);
          expect(manifest.classes[classIndex]).toBeDefined();
        }
        expect(read.note.label + read.note.analysis).not.toMatch(/[\p{Cc}]/u);
      },
    ),
  );
});

it('boxes that reach a little over the border are cut there, and it is said', () => {
  const object = { label: 'Tree', box: [-0.01, 0.5, 0.4, 1.015], confidence: 0.8 };
  const read = readRegion(JSON.stringify({ label: 'a', analysis: 'b', objects: [object, object] }), manifest);
  expect(read).toMatchObject({
    objects: [{ x1: 0, y2: 1, classIndex: 0 }, {}],
    note: { remarks: ['A box reached over the border and was cut there (2 times).'] },
  });
});

it.each([1.5, 95, -0.1])('a confidence of %d is sent back', (confidence) => {
  const object = { label: 'tree', box: [0, 0, 1, 1], confidence };
  const read = readRegion(JSON.stringify({ label: 'a', analysis: 'b', objects: [object] }), manifest);
  expect(read).toMatchObject({ problem: expect.stringContaining('confidence') });
});

it('a label that is none goes to "other" where the description has such a class', () => {
  const open = {
    ...manifest,
    classes: [...manifest.classes, { name: 'Other', color: [0, 0, 0] as [number, number, number] }],
  };
  const text = JSON.stringify({
    label: 'a',
    analysis: '',
    objects: [{ label: 'pond', box: [0, 0, 1, 1], confidence: 1 }],
  });
  expect(readRegion(text, open)).toMatchObject({ objects: [{ classIndex: 2 }] });
  expect(readRegion(text, manifest)).toMatchObject({ problem: expect.stringContaining('pond') });
});

it('boxes come back in pixels of the image, whatever the scale of the grid', () => {
  const read = readRegion(
    JSON.stringify({
      label: 'a',
      analysis: 'b',
      objects: [{ label: 'house', box: [0.25, 0.5, 0.75, 1], confidence: 0.75 }],
    }),
    manifest,
  );
  if ('problem' in read) throw new Error(read.problem);
  // Column 1 of a grid of 2 x 1, tiles of 100 x 50 model pixels, 8 image pixels each.
  const plan = {
    imageWidth: 1600,
    imageHeight: 400,
    scaleX: 8,
    scaleY: 8,
    tileWidth: 100,
    tileHeight: 50,
    overlap: 0,
    columns: 2,
    rows: 1,
  };
  const rect = { x: 100, y: 0, width: 100, height: 50 };
  const place = { plan, rect, core: rect, size: { width: 200, height: 50 }, keepAll: false };
  const result = regionResult(manifest, read, 1, place, () => 1);
  expect([...result.detections]).toEqual([1000, 200, 400, 200, 1, 0.75]);
  expect(result).toMatchObject({ tile: 1, score: 0.75, classIndex: 1 });
  expect([...result.values]).toEqual([1, 0.75]);
});

it('never more requests are under way than allowed, and all get their turn', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 5 }),
      fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 20 }),
      async (atOnce, waits) => {
        const turns = new Turns({ atOnce, perMinute: null });
        const { signal } = new AbortController();
        let running = 0;
        let most = 0;
        let done = 0;
        await Promise.all(
          waits.map(async (wait) => {
            await turns.next(signal);
            most = Math.max(most, ++running);
            for (let i = 0; i < wait; i++) await Promise.resolve();
            running--;
            turns.done();
            done++;
          }),
        );
        expect(most).toBeLessThanOrEqual(atOnce);
        expect(done).toBe(waits.length);
      },
    ),
    { numRuns: 50 },
  );
});

it('requests keep their distance, and a pause holds all of them', async () => {
  const turns = new Turns({ atOnce: 9, perMinute: 60_000 / 40 });
  const { signal } = new AbortController();
  const begun: number[] = [];
  turns.pause(60);
  const start = performance.now();
  for (let i = 0; i < 3; i++) {
    await turns.next(signal);
    begun.push(performance.now() - start);
  }
  // Timers may be late, never early (by more than their rounding).
  for (const [i, at] of begun.entries()) expect(at).toBeGreaterThan(57 + 40 * i);
});

it('who waits for a turn is let go when it is aborted, and its place is free', async () => {
  const turns = new Turns({ atOnce: 1, perMinute: null });
  turns.pause(3_600_000);
  const abort = new AbortController();
  const waiting = turns.next(abort.signal);
  abort.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow();
});

it('a budget is passed by less than one answer that is dearer than any before', () => {
  const cost = (tokens: number): RemoteUsage => ({
    requests: 1,
    inputTokens: tokens,
    outputTokens: 0,
    usd: null,
  });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1000 }),
      fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 1, max: 8 }),
      (limit, costs, atOnce) => {
        const gate = new BudgetGate({ tokens: limit }, cost(0));
        const queue = [...costs];
        const underWay: number[] = [];
        for (;;) {
          const may = queue.length > 0 && underWay.length < atOnce ? gate.ask() : 'wait';
          if (may === 'over') break;
          if (may === 'go') {
            gate.begin();
            underWay.push(queue.shift() ?? 0);
          } else {
            const ended = underWay.shift();
            if (ended === undefined) break;
            gate.end(cost(ended));
          }
        }
        for (const rest of underWay) gate.end(cost(rest));
        const spent = gate.usage.inputTokens;
        expect(spent).toBeLessThan(limit + atOnce * Math.max(...costs));
        // All of one price: the budget is never passed, unless the very first one alone does it.
        const [first = 0] = costs;
        if (costs.every((each) => each === first)) expect(spent).toBeLessThanOrEqual(Math.max(limit, first));
      },
    ),
  );
});

it('places of a grid have names', () => {
  expect(placeOf(0, 0, 3, 3)).toBe('top left');
  expect(placeOf(1, 1, 3, 3)).toBe('centre');
  expect(placeOf(2, 1, 3, 3)).toBe('right');
  expect(placeOf(5, 0, 6, 1)).toBe('right');
  expect(placeOf(0, 0, 1, 1)).toBeNull();
});

it('a description by rules says how much, where, and what was left out', () => {
  const at = (column: number, row: number, label: string, trees: number): SceneRegion => ({
    column,
    row,
    note: { label, analysis: `${label} here`, remarks: [] },
    objects: new Map(trees === 0 ? [] : [['tree', trees]]),
  });
  const text = sceneByRules({
    columns: 3,
    rows: 3,
    regions: [at(0, 0, 'Forest', 5), at(1, 1, 'meadow', 1), at(2, 2, 'meadow', 0)],
    objects: [{ name: 'tree', count: 6 }],
    failedTiles: 2,
    skippedTiles: 4,
  });
  expect(text).toBe(
    '3 regions of a grid of 3 x 3 were described (4 skipped, 2 failed). Found: 6 tree (mostly top left). Regions by label: meadow (2), forest (1). Column 1, row 1 (top left): Forest here. Column 2, row 2 (centre): meadow here.',
  );
});

it('a key that is missing or no key is told by its variable alone', async () => {
  const source = environmentSecrets({ GOOD: ' sk-1 ', BAD: 'sk with\nlines' });
  expect(await neededSecret(source, 'GOOD')).toBe('sk-1');
  await expect(neededSecret(source, 'NONE')).rejects.toThrow('NONE');
  await expect(neededSecret(source, 'BAD')).rejects.toThrow(/^What BAD holds is no key[^\n]*$/);
});
