/** Counts, densities and the positive index beside the decisions, and how far reviewers agree. */
import { Collapsible } from '@base-ui/react/collapsible';
import { Check, X } from 'lucide-react';
import { useMemo, type ReactNode } from 'react';
import type { ModelManifest } from '../../src-main/contract/model.ts';
import type { RunView } from '../../src-main/contract/run.ts';
import { useController } from '../app/controller-context.ts';
import { useAnswer } from '../client/use-answer.ts';
import { useCase } from '../state/case-store.ts';
import { useReader } from '../state/reading.ts';
import { runStep } from '../state/run-step.ts';
import { useView } from '../state/view-store.ts';
import { DisclosureTrigger } from '../ui/disclosure.tsx';
import { count, fixed, quantity } from '../ui/format.ts';
import { ProgressBar } from '../ui/progress-bar.tsx';
import { counted, findingNumbers, positiveIndex } from './finding-numbers.ts';
import { HotspotMark } from './hotspot-mark.tsx';
import { classColor } from './class-color.ts';
import { words } from '../words/words.ts';

interface NumbersProps {
  run: RunView;
  manifest: ModelManifest | null;
  /** What stands first in the line: how many findings the list has. */
  children: ReactNode;
}

const percent = (part: number) => `${fixed(part * 100, 1)} %`;

/** Agreement is asked for again when the decisions have rested this long. */
const settleMs = 400;

export function Numbers({ run, manifest, children }: NumbersProps) {
  const controller = useController();
  const threshold = useView((state) => state.threshold);
  const findings = useCase((state) => state.findings);
  const version = useCase((state) => state.findingsVersion);
  const numbers = useMemo(
    () => (findings === null ? null : findingNumbers(findings, threshold, manifest?.classes.length ?? 0)),
    // The set is one object whose decisions change inside: the version says so.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
    [findings, version, threshold, manifest],
  );
  // The analysed area only: it changes as tiles are done, not with the threshold.
  const summary = useAnswer(runStep(run), (signal) =>
    controller.connection.api.findings.summary(
      { caseId: run.caseId, runId: run.id, threshold: 1 },
      { signal },
    ),
  );
  if (numbers === null || manifest === null) return <div className="numbers-line">{children}</div>;
  const area = summary.value?.analysedArea ?? null;
  const total = counted(numbers);
  const decided = numbers.accepted + numbers.rejected;
  const all = decided + numbers.undecided;
  const index = positiveIndex(manifest.classes, numbers.byClass);
  const density = (value: number) => (area === null || area.value === 0 ? null : value / area.value);
  const overall = density(total);
  return (
    <Collapsible.Root render={<section className="numbers" aria-label={words.findings.numbers} />}>
      <div className="numbers-line numeric">
        {children}
        <span>{words.findings.reviewed(count(decided))}</span>
        <span className="good" title={words.findings.accepted}>
          <Check aria-hidden />
          {count(numbers.accepted)}
          <span className="visually-hidden">{words.findings.acceptedLower}</span>
        </span>
        <span className="bad" title={words.findings.rejected}>
          <X aria-hidden />
          {count(numbers.rejected)}
          <span className="visually-hidden">{words.findings.rejectedLower}</span>
        </span>
        <DisclosureTrigger aria-label={words.findings.allNumbers} />
      </div>
      <ProgressBar label={words.findings.reviewedFindings} value={decided} max={Math.max(1, all)}>
        <div className="numbers-done" style={{ width: `${(100 * decided) / Math.max(1, all)}%` }} />
      </ProgressBar>
      <Collapsible.Panel>
        <table className="numbers-table numeric">
          <thead>
            <tr>
              <th scope="col">{words.findings.class}</th>
              <th scope="col">{words.findings.counted}</th>
              <th scope="col">{words.findings.accepted}</th>
              <th scope="col">{words.findings.rejected}</th>
              {area !== null && <th scope="col">{words.findings.unitPer(area.unit)}</th>}
            </tr>
          </thead>
          <tbody>
            {manifest.classes.map(({ name }, i) => {
              const own = numbers.byClass[i];
              if (own === undefined) return null;
              const per = density(counted(own));
              return (
                <tr key={name}>
                  <th scope="row">
                    <span className="swatch" style={{ background: classColor(manifest, i) }} />
                    {name}
                  </th>
                  <td>{count(counted(own))}</td>
                  <td>{count(own.accepted)}</td>
                  <td>{count(own.rejected)}</td>
                  {area !== null && <td>{per === null ? '' : quantity(per)}</td>}
                </tr>
              );
            })}
          </tbody>
        </table>
        <dl className="numbers-facts numeric">
          {overall !== null && area !== null && (
            <div>
              <dt>{words.findings.density}</dt>
              <dd>{words.findings.overallUnitPer(quantity(overall), area.unit)}</dd>
            </div>
          )}
          {index !== null && (
            <div>
              <dt>{words.findings.positiveIndex}</dt>
              <dd>{percent(index)}</dd>
            </div>
          )}
        </dl>
        <HotspotMark />
        <p className="field-hint">{words.findings.rejectedFindingsDoNotCount}</p>
        <Agreement run={run} version={version} />
      </Collapsible.Panel>
    </Collapsible.Root>
  );
}

function Agreement({ run, version }: { run: RunView; version: number }) {
  const controller = useController();
  const reader = useReader();
  const { value } = useAnswer(
    reader === null ? `${run.id} ${version}` : null,
    (signal) =>
      controller.connection.api.decisions.agreement({ caseId: run.caseId, runId: run.id }, { signal }),
    settleMs,
  );
  const set = useView((state) => state.set);
  if (reader !== null || value === null || value.reviewers.length < 2) return null;
  return (
    <section className="agreement" aria-label={words.findings.agreementOfReviewers}>
      <h2 className="section-title">{words.findings.agreement}</h2>
      <table className="numbers-table numeric">
        <thead>
          <tr>
            <th scope="col">{words.findings.reviewers}</th>
            <th scope="col">{words.findings.both}</th>
            <th scope="col">{words.findings.agreed}</th>
            <th scope="col" title={words.findings.cohensKappa}>
              κ
            </th>
          </tr>
        </thead>
        <tbody>
          {value.pairs.map((pair) => (
            <tr key={`${pair.first} ${pair.second}`}>
              <th scope="row">{words.findings.and(pair.first, pair.second)}</th>
              <td>{count(pair.both)}</td>
              <td>{pair.both === 0 ? '' : percent(pair.agreed / pair.both)}</td>
              <td>{pair.kappa === null ? '–' : fixed(pair.kappa, 2)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {value.disagreed > 0 && (
        <button type="button" className="link" onClick={() => set({ verdictFilter: 'disagreed' })}>
          {words.findings.showTheTheyDifferOn(count(value.disagreed))}
        </button>
      )}
    </section>
  );
}
