/** How far two runs agree. */
import type { ComparisonSummary } from '../../src-main/contract/compare.ts';
import { count, score } from '../ui/format.ts';

const decimals = (value: number | null): string => (value === null ? '–' : value.toFixed(3));

export function ComparisonNumbers({ summary }: { summary: ComparisonSummary }) {
  const { counts, byClass, options, reference, meanIou, classKappa, tiles } = summary;
  const rows = byClass.length > 1 ? byClass : [];
  return (
    <div className="compare-numbers">
      <table className="numbers-table numeric" aria-label="Objects by class">
        <thead>
          <tr>
            <th scope="col">Class</th>
            <th scope="col">Both</th>
            <th scope="col">Only A</th>
            <th scope="col">Only B</th>
            {!options.classAware && <th scope="col">Other class</th>}
          </tr>
        </thead>
        <tbody>
          {[...rows, { name: 'All', ...counts }].map((row) => (
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
        <dt>Precision · recall · F1 of B, by A</dt>
        <dd>
          {decimals(reference.precision)} · {decimals(reference.recall)} · {decimals(reference.f1)}
        </dd>
        <dt>Mean IoU of both</dt>
        <dd>{meanIou === null ? '–' : score(meanIou)}</dd>
        {!options.classAware && (
          <>
            <dt>Cohen’s κ of the classes</dt>
            <dd>{decimals(classKappa)}</dd>
          </>
        )}
        {tiles !== null && (
          <>
            <dt>Tile scores, B less A</dt>
            <dd>
              {tiles.meanDifference >= 0 ? '+' : '−'}
              {Math.abs(tiles.meanDifference).toFixed(3)} on average, ±
              {tiles.meanAbsoluteDifference.toFixed(3)}
            </dd>
          </>
        )}
        {tiles?.agreed != null && (
          <>
            <dt>Tiles that agree</dt>
            <dd>
              {count(tiles.agreed)} of {count(tiles.compared)} · κ {decimals(tiles.kappa)}
            </dd>
          </>
        )}
      </dl>
    </div>
  );
}
