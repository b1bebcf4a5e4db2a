/** The runs of the case: what each was made with, what differs from the one on the screen, comparing with it, and the same again. */
import { GitCompareArrows, RotateCcw } from 'lucide-react';
import type { CaseView } from '../../src-main/contract/api.ts';
import type { RunView } from '../../src-main/contract/run.ts';
import { useController } from '../app/controller-context.ts';
import { startComparison } from '../compare/compare-actions.ts';
import { modelOf, useCase } from '../state/case-store.ts';
import { Button } from '../ui/button.tsx';
import { Disclosure } from '../ui/disclosure.tsx';
import { moment } from '../ui/format.ts';
import { runAgain } from './run-draft.ts';
import { parameterDifferences, parameterRows } from './run-parameters.ts';
import { stateLabel, stateTone } from './run-words.ts';
import { words } from '../words/words.ts';

export function RunHistory({ caseView, current }: { caseView: CaseView; current: RunView }) {
  const runs = caseView.runs.toSorted((a, b) => b.createdAt.localeCompare(a.createdAt));
  return (
    <ul className="history">
      {runs.map((run) => (
        <Entry key={run.id} run={run} current={current} readOnly={caseView.readOnly !== undefined} />
      ))}
    </ul>
  );
}

function Entry({ run, current, readOnly }: { run: RunView; current: RunView; readOnly: boolean }) {
  const controller = useController();
  const isCurrent = run.id === current.id;
  return (
    <li className="history-entry" data-current={isCurrent}>
      <button
        type="button"
        className="history-run"
        aria-current={isCurrent}
        onClick={() => controller.selectRun(run.id)}
      >
        <span className="history-name">
          {run.id} · {run.modelName}
        </span>
        <span className={`chip chip-${stateTone(run.state)}`}>{stateLabel(run.state)}</span>
        <span className="history-meta numeric">
          {moment(run.createdAt)} · {words.counts.tiles(run.tiles.total)} ·{' '}
          {words.counts.findings(run.findings)}
        </span>
      </button>
      <Disclosure
        label={isCurrent ? words.runs.madeWith : words.runs.whatDiffers}
        className="history-more"
        bodyClassName="history-details"
      >
        <Details run={run} current={current} readOnly={readOnly} />
      </Disclosure>
    </li>
  );
}

function Details({ run, current, readOnly }: { run: RunView; current: RunView; readOnly: boolean }) {
  const isKnown = useCase((state) => modelOf(state, run) !== null);
  const isCurrent = run.id === current.id;
  const differences = isCurrent ? [] : parameterDifferences(run, current);
  return (
    <>
      {isCurrent ? (
        <dl className="facts numeric">
          {parameterRows(run).map(({ name, value }) => (
            <Fact key={name} name={name} value={value} />
          ))}
        </dl>
      ) : differences.length === 0 ? (
        <p className="field-hint">{words.runs.madeWithTheSameAsTheRun}</p>
      ) : (
        <table className="numbers-table history-table" aria-label={words.runs.and(run.id, current.id)}>
          <thead>
            <tr>
              <th scope="col">
                <span className="visually-hidden">{words.runs.what}</span>
              </th>
              <th scope="col">{run.id}</th>
              <th scope="col">{words.runs.onTheScreen(current.id)}</th>
            </tr>
          </thead>
          <tbody>
            {differences.map(({ name, value, other }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{value}</td>
                <td>{other}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <div className="history-buttons">
        {!isCurrent && (
          <Button size="small" onClick={() => startComparison(run.id)}>
            <GitCompareArrows aria-hidden />
            {words.runs.compare}
          </Button>
        )}
        <Button size="small" disabled={readOnly || !isKnown} onClick={() => runAgain(run)}>
          <RotateCcw aria-hidden />
          {words.runs.runAgain}
        </Button>
        {!isKnown && <span className="field-hint">{words.runs.itsModelIsNotInTheList}</span>}
      </div>
    </>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  );
}
