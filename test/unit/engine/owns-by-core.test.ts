import { expect, test } from 'vitest';
import { planGrid } from '../../../src-main/core/grid.ts';
import { ownsByCore } from '../../../src-main/engine/merge-rule.ts';
import { detector } from '../models/decode/detector.ts';

const grid = planGrid({
  imageWidth: 500,
  imageHeight: 500,
  scaleX: 1,
  scaleY: 1,
  tileWidth: 64,
  tileHeight: 64,
  overlap: 12,
});
const boxes = detector({ form: 'yolov8' }, { manifest: { halo: 6 } });
const exact = { ...boxes, outputs: { detections: { name: 'detections' } } };

const fit = { fileIndex: 0, bandIndexes: [0, 1, 2], notes: [] };

test('a model with a halo that the overlap covers needs no merging; detectors with boxes always do', () => {
  expect(ownsByCore({ manifest: exact, grid, parameters: {}, fit })).toBe(true);
  expect(ownsByCore({ manifest: { ...exact, halo: 7 }, grid, parameters: {}, fit })).toBe(false);
  expect(ownsByCore({ manifest: { ...exact, halo: 0 }, grid, parameters: {}, fit })).toBe(false);
  expect(ownsByCore({ manifest: boxes, grid, parameters: {}, fit })).toBe(false);
  // What is found in the whole image at once has no core.
  const wholeImage = { ...grid, columns: 1, rows: 1 };
  expect(ownsByCore({ manifest: exact, grid, parameters: {}, fit: { ...fit, wholeImage } })).toBe(false);
});
