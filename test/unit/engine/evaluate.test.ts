import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { synthesize } from '../../../src-main/engine/synthesize.ts';
import { CaseFile } from '../../../src-main/store/case-file.ts';
import { gigatileHere } from '../../support/cli-here.ts';
import { storedRun, tileResult } from '../store/stored-run.ts';

let folder: string;
const at = (name: string): string => join(folder, name);

/** Four boxes of 10 px: one weak, and one that a reviewer rejects. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gigatile-evaluate-'));
  const file = CaseFile.open(at('a.gigatile'), 'create');
  const run = storedRun(file, 1, 1);
  const box = (x: number, score: number): number[] => [x, 20, 10, 10, 0, score];
  const detections = Float32Array.from([box(0, 0.9), box(12, 0.8), box(24, 0.7), box(36, 0.3)].flat());
  file.transaction(() => {
    const result = { ...tileResult(0), detections };
    file.tiles.apply(run, [
      { kind: 'grant', tile: 0, epoch: 1 },
      { kind: 'done', epoch: 1, result },
    ]);
    file.findings.replace(run, synthesize(file, file.runs.get(run), 'f').findings);
    const { id } = [...file.findings.all(run)][2] ?? { id: '' };
    const at = 'now';
    file.decisions.add(run, { finding: id, verdict: 'rejected', reviewer: 'r', modelSha256: 's', at });
  });
  file.close();
  const point = (x: number, y: number) => ({
    type: 'Feature',
    geometry: { type: 'Point', coordinates: [x, y] },
    properties: {},
  });
  // Met, 4 px off, missed for its weak box, and far from everything.
  writeFileSync(
    at('truth.geojson'),
    JSON.stringify([point(5, 25), point(21, 25), point(41, 25), point(5, 45)]),
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('matches what counts within half the side of the usual finding', async () => {
  const truth = ['--truth', at('truth.geojson')];
  const answer = await gigatileHere(folder, ['evaluate', at('a.gigatile'), ...truth, '--json']);
  expect(answer.code, answer.stderr).toBe(0);
  expect(answer.json()[0]).toMatchObject({
    findings: 2,
    truth: 4,
    radius: 5,
    precision: 1,
    recall: 0.5,
    falseNegatives: 2,
  });
  const near = await gigatileHere(folder, ['evaluate', at('a.gigatile'), ...truth, '--radius', '3']);
  expect(near.stdout).toContain('precision 0.500, recall 0.250, F1 0.333');
});

it('says what is no annotation', async () => {
  writeFileSync(at('no.geojson'), '{"type":"Topology"}');
  const answer = await gigatileHere(folder, ['evaluate', at('a.gigatile'), '--truth', at('no.geojson')]);
  expect(answer.code).toBe(2);
  expect(answer.stderr).toMatch(/no annotations: This is no GeoJSON.*\n?/);
});
