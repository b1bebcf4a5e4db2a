/** How far two runs agree tile by tile, where both cut the image into the same tiles. */
import type { TileAgreement } from '../../contract/compare.ts';
import type { GridPlan } from '../../contract/run.ts';
import { cohensKappa } from '../kappa.ts';

/** What a run says of each tile; null: nothing, it is not done. */
export type TileWords = readonly ({ score: number; classIndex: number | null } | null)[];

const fields = [
  'imageWidth',
  'imageHeight',
  'scaleX',
  'scaleY',
  'tileWidth',
  'tileHeight',
  'overlap',
  'columns',
  'rows',
] as const;

export function isSameGrid(a: GridPlan, b: GridPlan): boolean {
  return (
    fields.every((field) => a[field] === b[field]) && (a.overlapY ?? a.overlap) === (b.overlapY ?? b.overlap)
  );
}

/** @param by `threshold`: whether a score reaches its run's threshold; `class`: the strongest class, by the same numbers in both */
export function tileAgreement(
  a: TileWords,
  b: TileWords,
  by: { kind: 'none' | 'class' } | { kind: 'threshold'; a: number; b: number },
): TileAgreement {
  let [compared, sum, absolute] = [0, 0, 0];
  const words: (readonly [number | boolean | null, number | boolean | null])[] = [];
  for (let tile = 0; tile < Math.min(a.length, b.length); tile++) {
    const [one, other] = [a[tile], b[tile]];
    if (one == null || other == null) continue;
    compared++;
    sum += other.score - one.score;
    absolute += Math.abs(other.score - one.score);
    if (by.kind === 'class') words.push([one.classIndex, other.classIndex]);
    if (by.kind === 'threshold') words.push([one.score >= by.a, other.score >= by.b]);
  }
  const { agreed, kappa } = cohensKappa(words);
  return {
    compared,
    meanDifference: compared === 0 ? 0 : sum / compared,
    meanAbsoluteDifference: compared === 0 ? 0 : absolute / compared,
    by: by.kind,
    agreed: by.kind === 'none' ? null : agreed,
    kappa: by.kind === 'none' ? null : kappa,
  };
}
