/** Three minutes of `npm run soak`. GIGATILE_SOAK_SECONDS sets another length. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { tissuePicture } from '../../support/tissue-png.ts';
import { again, putFigures, seed } from '../support/figures.ts';
import { mountSmallDisk } from '../support/small-disk.ts';
import { soak } from './soak.ts';

const seconds = Number(process.env['GIGATILE_SOAK_SECONDS'] ?? 180);

it('review after review, whatever happens: the same exports, bounded memory', { timeout: 0 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gigatile-soak-'));
  const disk = mountSmallDisk(join(folder, 'disk'), '24m');
  try {
    const image = join(folder, 'tissue.png');
    writeFileSync(image, tissuePicture(1400, 1100, 100).png);
    mkdirSync(join(folder, 'cases'));
    const found = await soak({
      seed,
      seconds,
      image,
      folder: join(folder, 'cases'),
      disk: disk.why === null ? disk.path : null,
      ...(process.env['GIGATILE_SOAK_TELL'] !== undefined && { tell: (line: string) => console.log(line) }),
    });
    expect(found.problems, again).toEqual([]);
    expect(found.reviews, again).toBeGreaterThan(1);
    putFigures('soak', {
      reviews: `${found.reviews} in ${seconds} s`,
      faults: Object.entries(found.faults)
        .map(([name, n]) => `${name} ${n}`)
        .join(', '),
      'most memory of the engine': `${Math.round(found.engineBytes / 1e6)} MB`,
      'most memory of a worker': `${Math.round(found.workerBytes / 1e6)} MB`,
      'exports that differ, results lost': 0,
      seed,
    });
  } finally {
    disk.unmount();
    rmSync(folder, { recursive: true, force: true });
  }
});

it('would notice an engine that keeps its memory', { timeout: 0 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gigatile-soak-'));
  try {
    const image = join(folder, 'tissue.png');
    writeFileSync(image, tissuePicture(700, 600, 100).png);
    const { problems } = await soak({ seed, seconds: 2, image, folder, disk: null, leaks: true });
    expect(problems.join()).toMatch(/the engine took/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
