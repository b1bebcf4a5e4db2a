/** The cases of a folder as one table: read from the files alone, also while somebody works on them, and without their images. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { formatError, GigatileError, toPlainError } from '../contract/errors.ts';
import { areaMeasure } from '../core/areas.ts';
import { areaFractions, areaOfTiles } from '../core/statistics.ts';
import type { CaseRow, UnreadCase } from '../reports/case-table.ts';
import { imageAlias } from '../reports/identity.ts';
import { CaseFile } from '../store/case-file.ts';
import type { StoredRun } from '../store/run-store.ts';
import { runIdOf } from './run-id.ts';

/** Paths of the case files in a folder, by name. @throws {GigatileError} file-not-found where there is none */
export function casesIn(folder: string): string[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.gigatile'));
  if (names.length === 0) {
    throw new GigatileError('file-not-found', 'There is no case in this folder', {
      where: folder,
      hint: 'Cases are files that end in .gigatile.',
    });
  }
  return names.toSorted((a, b) => (a < b ? -1 : 1)).map((name) => join(folder, name));
}

/** The newest run of a case. @param isNamed with the image's file name, which can name a person */
export function caseRow(path: string, isNamed: boolean): CaseRow | UnreadCase {
  let file: CaseFile | undefined;
  try {
    file = CaseFile.openReadOnly(path);
    return rowOf(file, isNamed);
  } catch (error) {
    if (!(error instanceof GigatileError)) throw error;
    const { where: _path, ...plain } = toPlainError(error);
    return { image: isNamed ? path : 'a case that cannot be read', error: formatError(plain) };
  } finally {
    file?.close();
  }
}

function rowOf(file: CaseFile, isNamed: boolean): CaseRow | UnreadCase {
  const image = file.image();
  if (image === null) return { image: 'no image', error: 'This case holds no image.' };
  const { info, fingerprint, name } = image;
  const row: CaseRow = {
    image: isNamed ? name : imageAlias(fingerprint),
    fingerprint,
    width: info.width,
    height: info.height,
    run: null,
    state: null,
    model: null,
    modelVersion: null,
    modelSha256: null,
    threshold: null,
    tiles: null,
    area: null,
    findings: null,
    counts: {},
    fractions: {},
    finishedAt: null,
  };
  const run = file.runs.list().at(-1);
  if (run === undefined) return row;
  const { manifest } = run;
  const tally = file.findings.tally(run.no, run.threshold);
  const count = (keep: (each: (typeof tally)[number]) => boolean): number =>
    tally.filter(keep).reduce((sum, { n }) => sum + n, 0);
  const states = Uint8Array.from(file.tiles.load(run.no), ({ state }) => state);
  const measure = areaMeasure(info, run.parameters.mpp);
  return {
    ...row,
    run: runIdOf(run.no),
    state: run.state,
    model: manifest.name,
    modelVersion: manifest.version,
    modelSha256: run.modelSha256,
    threshold: run.threshold,
    tiles: file.tiles.counts(run.no),
    area: states.length > 0 ? areaOfTiles(run.grid, states, measure) : null,
    findings: {
      total: count(() => true),
      accepted: count(({ verdict }) => verdict === 'accepted'),
      rejected: count(({ verdict }) => verdict === 'rejected'),
    },
    counts: Object.fromEntries(
      manifest.classes.flatMap(({ name: className }, c) =>
        c === manifest.backgroundClass
          ? []
          : [[className, count(({ classIndex, verdict }) => classIndex === c && verdict !== 'rejected')]],
      ),
    ),
    fractions: states.length > 0 ? fractionsOf(file, run, states) : {},
    finishedAt: run.finishedAt,
  };

  function fractionsOf(from: CaseFile, { no, grid }: StoredRun, of: Uint8Array): Record<string, number> {
    if (manifest.task !== 'segment') return {};
    const classes = manifest.classes.length;
    const values = new Float32Array(of.length * classes);
    for (const result of from.tiles.results(no)) {
      values.set(result.values.subarray(0, classes), result.tile * classes);
    }
    const fractions = areaFractions(grid, of, values, classes, measure);
    return Object.fromEntries(
      manifest.classes.map(({ name: className }, c) => [className, fractions?.[c] ?? 0]),
    );
  }
}
