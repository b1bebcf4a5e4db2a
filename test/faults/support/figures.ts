/**
 * How long the proofs go on, and what they counted: `npm run faults` runs them in long mode and writes the figures down
 * (test/faults/main.ts). GIGATILE_FAULTS=long; GIGATILE_FAULTS_SEED repeats what a failure printed.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const isLong = process.env['GIGATILE_FAULTS'] === 'long';

const chosen = process.env['GIGATILE_FAULTS_SEED'];
export const seed = chosen === undefined ? Date.now() % 1_000_000_007 : Number(chosen);
/** For messages of assertions. */
export const again = `seed ${seed}: GIGATILE_FAULTS_SEED=${seed} repeats it`;

export const figuresFolder = resolve(import.meta.dirname, '../../../test-results/faults');

/** What one proof counted, in words for the report: name and figure, in their order. */
export function putFigures(proof: string, figures: Readonly<Record<string, string | number>>): void {
  mkdirSync(figuresFolder, { recursive: true });
  writeFileSync(join(figuresFolder, `${proof}.json`), JSON.stringify(figures, null, 2));
}
