/** What a run was made with, in words; and what of it differs between two runs. */
import type { RunView } from '../../src-main/contract/run.ts';
import { count, plural } from '../ui/format.ts';

export interface ParameterRow {
  name: string;
  value: string;
}

type Words = (run: RunView) => string | undefined;

const amountWords = (amount: { kind: 'count' | 'percent'; value: number }): string =>
  amount.kind === 'count' ? plural(amount.value, 'tile') : `${amount.value} %`;

/** In the order in which they are shown; undefined: the person left it to the program. */
const parameters: readonly (readonly [name: string, words: Words])[] = [
  ['Model', ({ modelName, modelVersion }) => `${modelName} ${modelVersion}`],
  ['Model SHA-256', ({ modelSha256 }) => `${modelSha256.slice(0, 12)}…`],
  ['Threshold', ({ parameters: { threshold } }) => threshold?.toString()],
  ['Tile size', ({ parameters: { tileSize } }) => (tileSize === undefined ? undefined : `${tileSize} px`)],
  [
    'Grid',
    ({ parameters: { grid } }) => (grid === undefined ? undefined : `${grid.columns} × ${grid.rows} tiles`),
  ],
  [
    'Slices',
    ({ parameters: { slices } }) =>
      slices?.by === 'size' ? `${slices.width} × ${slices.height} px, as SAHI` : slices && 'as SAHI chooses',
  ],
  [
    'Overlap',
    ({ parameters: { overlap } }) =>
      overlap && (overlap.unit === 'px' ? `${overlap.value} px` : `${overlap.value} %`),
  ],
  ['Image µm/px', ({ parameters: { mpp } }) => mpp?.toString()],
  ['Looks at', ({ parameters: { roi } }) => roi && plural(roi.length, 'region')],
  ['Leaves out', ({ parameters: { exclude } }) => exclude && plural(exclude.length, 'region')],
  ['Stains', ({ parameters: { stain } }) => (stain === 'macenko' ? 'of this slide (Macenko)' : undefined)],
  ['Whole image too', ({ parameters: { fullImage } }) => (fullImage === true ? 'yes' : undefined)],
  [
    'Merge across tiles',
    ({ parameters: { merge } }) =>
      merge?.mode === 'sahi' ? `SAHI ${merge.type}, ${merge.metric} ${merge.threshold}` : merge && 'exact',
  ],
  [
    'Content gate',
    ({ parameters: { gate } }) =>
      gate && `${gate.accept.join(', ')}${gate.scope === 'image' ? ', whole image' : ''}`,
  ],
  ['Failed tiles tolerated', ({ parameters: { tolerate } }) => tolerate && amountWords(tolerate)],
  [
    'Tiles that are enough',
    ({ parameters: { minSuccessful } }) => minSuccessful && amountWords(minSuccessful),
  ],
  [
    'Beyond the tolerance',
    ({ parameters: { failFast } }) => (failFast === true ? 'stop at once' : undefined),
  ],
  [
    'Longest for a tile',
    ({ parameters: { tileTimeout } }) => (tileTimeout === undefined ? undefined : `${count(tileTimeout)} s`),
  ],
  ['JPEG decoder', ({ parameters: { jpeg } }) => jpeg],
  ['Order', ({ parameters: { order } }) => (order === 'native' ? 'along the file' : undefined)],
  ['Runs on', ({ parameters: { provider }, provider: used }) => used ?? provider],
  ['Machines', ({ parameters: { queue } }) => queue && 'workers of the queue'],
  ['Workers', ({ parameters: { workers } }) => workers?.toString()],
  ['Threads a worker', ({ parameters: { threads } }) => threads?.toString()],
  ['Tiles at once', ({ parameters: { batch } }) => batch?.toString()],
  [
    'Budget',
    ({ parameters: { budget } }) =>
      budget && ('usd' in budget ? `$${budget.usd}` : `${budget.tokens} tokens`),
  ],
  ['Description by', ({ parameters: { describe } }) => describe],
];

/** What was chosen. */
export function parameterRows(run: RunView): ParameterRow[] {
  return parameters.flatMap(([name, words]) => {
    const value = words(run);
    return value === undefined ? [] : [{ name, value }];
  });
}

/** What differs from another run; `automatic` where a person left it to the program. */
export function parameterDifferences(run: RunView, from: RunView): (ParameterRow & { other: string })[] {
  return parameters.flatMap(([name, words]) => {
    const [value = 'automatic', other = 'automatic'] = [words(run), words(from)];
    const isSameRegion =
      name === 'Looks at'
        ? isSame(run.parameters.roi, from.parameters.roi)
        : name !== 'Leaves out' || isSame(run.parameters.exclude, from.parameters.exclude);
    if (value === other && isSameRegion) return [];
    return [{ name, value, other: value === other ? `${other}, others` : other }];
  });
}

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
