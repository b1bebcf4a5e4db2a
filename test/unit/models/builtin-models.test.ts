/** What is committed under models/ is what the builder writes today, and it is valid. */
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { modelFiles } from '../../../models/build.ts';
import { catalog } from '../../../models/builder/catalog.ts';
import { gaussian, negatedSecondDerivative } from '../../../models/builder/kernels.ts';
import { stains, unmixing } from '../../../src-main/core/stains.ts';
import { findModel, listModels } from '../../../src-main/models/find-models.ts';

const modelsDir = resolve(import.meta.dirname, '../../../models');

describe.each(catalog.map((entry) => [entry.manifest.id, entry] as const))('%s', (id, entry) => {
  test('the committed files equal a fresh build, byte for byte', async () => {
    const built = await modelFiles(entry);
    expect((await readdir(join(modelsDir, id))).sort()).toEqual([...built.keys()].sort());
    for (const [name, bytes] of built) {
      expect(Buffer.compare(await readFile(join(modelsDir, id, name)), bytes), name).toBe(0);
    }
  });

  test('it is read as a built-in model, and its card names its limits', async () => {
    const { card, files } = await findModel(id, modelsDir);
    expect(card).toMatchObject({ builtIn: true, manifest: { id }, readFrom: { task: 'gigatile.json' } });
    expect(card.sha256).toHaveLength(files.length);
    const text = await readFile(join(modelsDir, id, 'MODEL-CARD.md'), 'utf8');
    for (const limit of card.manifest.limits) expect(text).toContain(limit);
    expect(card.manifest.limits.length).toBeGreaterThan(2);
  });

  test('classes have colours of their own', () => {
    const colors = entry.manifest.classes.map((c) => c.color.join());
    expect(new Set(colors).size).toBe(colors.length);
  });
});

test('all five are listed', async () => {
  expect((await listModels(modelsDir)).map((m) => m.card.manifest.id)).toEqual([
    'hdab-nuclei',
    'he-nuclei',
    'he-nuclei-adaptive',
    'landcover-rgb',
    'landcover-rgbn',
  ]);
});

describe('constants', () => {
  test.each([
    ['haematoxylin and eosin', stains.hematoxylin, stains.eosin],
    ['haematoxylin and DAB', stains.hematoxylin, stains.dab],
  ])('a mixture of %s comes apart into its amounts', (_, first, second) => {
    const unit = (v: readonly number[]): number[] => v.map((x) => x / Math.hypot(...v));
    const [a, b] = [unit(first), unit(second)];
    const mixture = a.map((x, i) => 0.7 * x + 0.2 * (b[i] ?? 0));
    const amounts = unmixing(first, second).map((row) =>
      row.reduce((sum, w, i) => sum + w * (mixture[i] ?? 0), 0),
    );
    expect(amounts[0]).toBeCloseTo(0.7, 10);
    expect(amounts[1]).toBeCloseTo(0.2, 10);
  });

  test('the blob kernel answers 0 to a flat image and sigma² to -x²/2', () => {
    const kernel = negatedSecondDerivative(4.25, 13);
    expect(kernel.reduce((sum, w) => sum + w, 0)).toBeCloseTo(0, 12);
    expect(kernel.reduce((sum, w, i) => sum - (w * (i - 13) ** 2) / 2, 0)).toBeCloseTo(4.25 ** 2, 9);
    expect(gaussian(4.25, 13).reduce((sum, w) => sum + w, 0)).toBeCloseTo(1, 12);
  });
});
