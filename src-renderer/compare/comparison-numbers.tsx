/** How far two runs agree. */
import type { ComparisonSummary } from '../../src-main/contract/compare.ts';
import { count, fixed, score } from '../ui/format.ts';
import { words } from '../words/words.ts';

const decimals = (value: number | null): string => (value === null ? '–' : fixed(value, 3));

export function ComparisonNumbers({ summary }: { summary: ComparisonSummary }) {
  const { counts, byClass, options, reference, meanIou, classKappa, tiles } = summary;
  const rows = byClass.length > 1 ? byClass : [];
  return (
    <div className="compare-numbers">
      <table className="numbers-table numeric" aria-label={words.compare.objectsByClass}>
        <thead>
          <tr>
            <th scope="col">{words.compare.class}</th>
            <th scope="col">{words.compare.both}</th>
            <th scope="col">{words.compare.onlyA}</th>
            <th scope="col">{words.compare.onlyB}</th>
            {!options.classAware && <th scope="col">{words.compare.otherClass}</th>}
          </tr>
        </thead>
        <tbody>
          {[...rows, { name: words.compare.all, ...counts }].map((row) => (
            <tr key={row.name} className={row.name === 'All' ? 'compare-all' : undefined}>
              <th scope="row">{row.name}</th>
              <td>{count(row.both)}</td>
              <td>{count(row.onlyA)}</td>
              <td>{count(row.onlyB)}</td>
              {!options.classAware && <td>{count(row.otherClass)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
      <dl className="facts numeric">
        <dt>{words.compare.precisionRecallF1OfBByA}</dt>
        <dd>
          {decimals(reference.precision)} · {decimals(reference.recall)} · {decimals(reference.f1)}
        </dd>
        <dt>{words.compare.meanIouOfBoth}</dt>
        <dd>{meanIou === null ? '–' : score(meanIou)}</dd>
        {!options.classAware && (
          <>
            <dt>{words.compare.cohensOfTheClasses}</dt>
            <dd>{decimals(classKappa)}</dd>
          </>
        )}
        {tiles !== null && (
          <>
            <dt>{words.compare.tileScoresBLessA}</dt>
            <dd>
              {words.compare.onAverage(
                tiles.meanDifference >= 0 ? '+' : '−',
                fixed(Math.abs(tiles.meanDifference), 3),
                fixed(tiles.meanAbsoluteDifference, 3),
              )}
            </dd>
          </>
        )}
        {tiles?.agreed != null && (
          <>
            <dt>{words.compare.tilesThatAgree}</dt>
            <dd>{words.compare.of(count(tiles.agreed), count(tiles.compared), decimals(tiles.kappa))}</dd>
          </>
        )}
      </dl>
    </div>
  );
}
