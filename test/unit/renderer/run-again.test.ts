/** A run that is made again begins with what the first one was made with. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runParametersSchema, type RunParameters, type RunView } from '../../../src-main/contract/run.ts';
import { optionTexts, parametersOf } from '../../../src-renderer/runs/run-option-values.ts';
import { parameterDifferences, parameterRows } from '../../../src-renderer/runs/run-parameters.ts';

const whole = (most: number) => fc.integer({ min: 1, max: most });
const parameters: fc.Arbitrary<RunParameters> = fc
  .record(
    {
      threshold: fc.integer({ min: 0, max: 100 }).map((n) => n / 100),
      tileSize: fc.integer({ min: 16, max: 8192 }),
      overlap: fc.oneof(
        fc.record({ unit: fc.constant('px' as const), value: fc.nat(512) }),
        fc.record({ unit: fc.constant('percent' as const), value: fc.nat(90) }),
      ),
      mpp: whole(4000).map((n) => n / 1000),
      workers: whole(64),
      threads: whole(64),
      batch: whole(64),
      tolerate: fc.record({
        kind: fc.constantFrom('count' as const, 'percent' as const),
        value: fc.nat(100),
      }),
      minSuccessful: fc.record({
        kind: fc.constantFrom('count' as const, 'percent' as const),
        value: whole(100),
      }),
      budget: fc.oneof(fc.record({ usd: whole(50) }), fc.record({ tokens: whole(100_000) })),
      failFast: fc.constant(true),
      fullImage: fc.constant(true),
      stain: fc.constant('macenko' as const),
      order: fc.constant('native' as const),
      jpeg: fc.constant('exact' as const),
      provider: fc.constantFrom('auto' as const, 'cuda' as const),
      merge: fc.record({
        mode: fc.constant('sahi' as const),
        type: fc.constantFrom('NMS' as const, 'NMM' as const, 'GREEDYNMM' as const),
        metric: fc.constantFrom('IOS' as const, 'IOU' as const),
        threshold: fc.constantFrom(0.3, 0.5),
      }),
      gate: fc.record({
        model: fc.constant('tissue'),
        accept: fc.constant(['tumour', 'stroma']),
        scope: fc.constant('image' as const),
      }),
      roi: fc.constant([
        [
          [0, 0],
          [9, 0],
          [9, 9],
        ] as [number, number][],
      ]),
      grid: fc.record({ columns: whole(9), rows: whole(9) }),
      tileTimeout: whole(900),
    },
    { requiredKeys: [] },
  )
  .map((made) => runParametersSchema.parse(made));

describe('running again', () => {
  it('starts what was started, whatever of it the form has fields for', () => {
    fc.assert(
      fc.property(parameters, (made) => {
        const { texts, rest } = optionTexts(made);
        const parsed = parametersOf(texts);
        expect(parsed).toMatchObject({ ok: true });
        expect(parsed.ok && { ...rest, ...parsed.value }).toEqual(made);
      }),
    );
  });
});

describe('what runs were made with', () => {
  const run = (parameters: RunParameters, more: Partial<RunView> = {}) =>
    ({
      modelName: 'Nuclei',
      modelVersion: '1.0.0',
      modelSha256: 'ab'.repeat(32),
      provider: 'cpu',
      parameters,
      ...more,
    }) as RunView;

  it('is told as far as somebody chose it, and compared in full', () => {
    const a = run({ tileSize: 512, overlap: { unit: 'percent', value: 10 } });
    expect(parameterRows(a).map(({ name }) => name)).toEqual([
      'Model',
      'Model SHA-256',
      'Tile size',
      'Overlap',
      'Runs on',
    ]);
    const b = run({ tileSize: 256, stain: 'macenko' }, { provider: 'cuda' });
    expect(parameterDifferences(b, a)).toEqual([
      { name: 'Tile size', value: '256 px', other: '512 px' },
      { name: 'Overlap', value: 'automatic', other: '10 %' },
      { name: 'Stains', value: 'of this slide (Macenko)', other: 'automatic' },
      { name: 'Runs on', value: 'cuda', other: 'cpu' },
    ]);
    expect(parameterDifferences(a, a)).toEqual([]);
  });

  it('differs where the regions do, also where they are as many', () => {
    const region = (x: number): RunParameters['roi'] => [
      [
        [x, 0],
        [9, 0],
        [9, 9],
      ],
    ];
    const [a, b] = [run({ roi: region(0) }), run({ roi: region(1) })];
    expect(parameterDifferences(a, b)).toEqual([
      { name: 'Looks at', value: '1 region', other: '1 region, others' },
    ]);
  });
});
