/** What a run was made with, in words; and what of it differs between two runs. */
import type { RunView } from '../../src-main/contract/run.ts';
import { count } from '../ui/format.ts';
import { words } from '../words/words.ts';

export interface ParameterRow {
  name: string;
  value: string;
}

type Words = (run: RunView) => string | undefined;

const amountWords = (amount: { kind: 'count' | 'percent'; value: number }): string =>
  amount.kind === 'count' ? words.counts.tiles(amount.value) : `${amount.value} %`;

/** In the order in which they are shown; undefined: the person left it to the program. */
const parameters: readonly (readonly [name: string, say: Words])[] = [
  [words.runs.model, ({ modelName, modelVersion }) => `${modelName} ${modelVersion}`],
  [words.runs.modelSha256, ({ modelSha256 }) => `${modelSha256.slice(0, 12)}…`],
  [words.runs.threshold, ({ parameters: { threshold } }) => threshold?.toString()],
  [
    words.runs.tileSize,
    ({ parameters: { tileSize } }) => (tileSize === undefined ? undefined : `${tileSize} px`),
  ],
  [
    words.runs.grid,
    ({ parameters: { grid } }) =>
      grid === undefined ? undefined : words.runs.columnsRowsTiles(grid.columns, grid.rows),
  ],
  [
    words.runs.slices,
    ({ parameters: { slices } }) =>
      slices?.by === 'size'
        ? words.runs.pxAsSahi(slices.width, slices.height)
        : slices && words.runs.asSahiChooses,
  ],
  [
    words.runs.overlap,
    ({ parameters: { overlap } }) =>
      overlap && (overlap.unit === 'px' ? `${overlap.value} px` : `${overlap.value} %`),
  ],
  [words.runs.imageMPx, ({ parameters: { mpp } }) => mpp?.toString()],
  [words.runs.looksAt, ({ parameters: { roi } }) => roi && words.counts.regions(roi.length)],
  [words.runs.leavesOut, ({ parameters: { exclude } }) => exclude && words.counts.regions(exclude.length)],
  [
    words.runs.stains,
    ({ parameters: { stain } }) => (stain === 'macenko' ? words.runs.ofThisSlideMacenko : undefined),
  ],
  [
    words.runs.wholeImageToo,
    ({ parameters: { fullImage } }) => (fullImage === true ? words.runs.yes : undefined),
  ],
  [
    words.runs.mergeAcrossTiles,
    ({ parameters: { merge } }) =>
      merge?.mode === 'sahi'
        ? words.runs.sahi(merge.type, merge.metric, merge.threshold)
        : merge && words.runs.exactLower,
  ],
  [
    words.runs.contentGate,
    ({ parameters: { gate } }) =>
      gate && `${gate.accept.join(', ')}${gate.scope === 'image' ? words.runs.wholeImage : ''}`,
  ],
  [words.runs.failedTilesTolerated, ({ parameters: { tolerate } }) => tolerate && amountWords(tolerate)],
  [
    words.runs.tilesThatAreEnough,
    ({ parameters: { minSuccessful } }) => minSuccessful && amountWords(minSuccessful),
  ],
  [
    words.runs.beyondTheTolerance,
    ({ parameters: { failFast } }) => (failFast === true ? words.runs.stopAtOnceLower : undefined),
  ],
  [
    words.runs.longestForATile,
    ({ parameters: { tileTimeout } }) => (tileTimeout === undefined ? undefined : `${count(tileTimeout)} s`),
  ],
  [words.runs.jpegDecoder, ({ parameters: { jpeg } }) => jpeg],
  [
    words.runs.order,
    ({ parameters: { order } }) => (order === 'native' ? words.runs.alongTheFileLower : undefined),
  ],
  [words.runs.runsOn, ({ parameters: { provider }, provider: used }) => used ?? provider],
  [words.runs.machines, ({ parameters: { queue } }) => queue && words.runs.workersOfTheQueueLower],
  [words.runs.workers, ({ parameters: { workers } }) => workers?.toString()],
  [words.runs.threadsAWorker, ({ parameters: { threads } }) => threads?.toString()],
  [words.runs.tilesAtOnce, ({ parameters: { batch } }) => batch?.toString()],
  [
    words.runs.budget,
    ({ parameters: { budget } }) =>
      budget && ('usd' in budget ? `$${budget.usd}` : words.runs.tokens(budget.tokens)),
  ],
  [words.runs.descriptionBy, ({ parameters: { describe } }) => describe],
];

/** What was chosen. */
export function parameterRows(run: RunView): ParameterRow[] {
  return parameters.flatMap(([name, say]) => {
    const value = say(run);
    return value === undefined ? [] : [{ name, value }];
  });
}

/** What differs from another run; `automatic` where a person left it to the program. */
export function parameterDifferences(run: RunView, from: RunView): (ParameterRow & { other: string })[] {
  return parameters.flatMap(([name, say]) => {
    const [value = words.runs.automatic, other = words.runs.automatic] = [say(run), say(from)];
    const isSameRegion =
      name === 'Looks at'
        ? isSame(run.parameters.roi, from.parameters.roi)
        : name !== 'Leaves out' || isSame(run.parameters.exclude, from.parameters.exclude);
    if (value === other && isSameRegion) return [];
    return [{ name, value, other: value === other ? words.runs.others(other) : other }];
  });
}

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
