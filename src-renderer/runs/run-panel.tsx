/** One run: its numbers, what it was made with, the other runs of the case. */
import { Plus, TriangleAlert } from 'lucide-react';
import type { CaseView } from '../../src-main/contract/api.ts';
import type { FindingSummary } from '../../src-main/contract/finding.ts';
import type { ModelManifest } from '../../src-main/contract/model.ts';
import type { RunView } from '../../src-main/contract/run.ts';
import { useController } from '../app/controller-context.ts';
import { useAnswer } from '../client/use-answer.ts';
import { useCase } from '../state/case-store.ts';
import { runStep } from '../state/run-step.ts';
import { useView } from '../state/view-store.ts';
import { Button } from '../ui/button.tsx';
import { Disclosure } from '../ui/disclosure.tsx';
import { count, duration, fixed, moment, quantity, score } from '../ui/format.ts';
import { ErrorNote } from '../ui/messages.tsx';
import { RunHistory } from './run-history.tsx';
import { endWords } from './run-words.ts';
import { WorkersControl } from './workers-control.tsx';
import { words } from '../words/words.ts';

interface RunPanelProps {
  caseView: CaseView;
  run: RunView;
  manifest: ModelManifest | null;
}

export function RunPanel({ caseView, run, manifest }: RunPanelProps) {
  const set = useView((state) => state.set);
  return (
    <div className="run-panel scroll">
      {run.state === 'failed' && run.reason !== null && (
        <ErrorNote title={words.runs.theRunFailed} error={{ code: 'internal', message: run.reason }} />
      )}
      <WorkersControl run={run} />
      <SummarySection run={run} manifest={manifest} />
      <section>
        <h2 className="section-title">{words.runs.madeWith}</h2>
        <dl className="facts">
          <dt>{words.runs.model}</dt>
          <dd>
            {run.modelName} {run.modelVersion}
          </dd>
          <dt>{words.runs.modelSha256}</dt>
          <dd className="mono">{run.modelSha256.slice(0, 16)}…</dd>
          <dt>{words.runs.imageFingerprint}</dt>
          <dd className="mono">{caseView.image.fingerprint}</dd>
          {run.grid !== null && (
            <>
              <dt>{words.runs.tiles}</dt>
              <dd className="numeric">
                {words.runs.ofPxOverlapPx(
                  count(run.grid.columns),
                  count(run.grid.rows),
                  run.grid.tileWidth,
                  run.grid.overlap,
                )}
              </dd>
            </>
          )}
          <dt>{words.runs.threshold}</dt>
          <dd className="numeric">{score(run.threshold)}</dd>
          <dt>{words.runs.ranOn}</dt>
          <dd>{run.provider ?? words.runs.notYetKnown}</dd>
          {run.usage !== undefined && (
            <>
              <dt>{words.runs.sentAway}</dt>
              <dd className="numeric">
                {words.runs.requestsInputTokensValueTokens(
                  words.counts.requests(run.usage.requests),
                  count(run.usage.inputTokens + run.usage.outputTokens),
                  run.usage.usd === null ? '' : `, $${fixed(run.usage.usd, 2)}`,
                )}
              </dd>
            </>
          )}
          {run.completion !== undefined && (
            <>
              <dt>{words.runs.endedBecause}</dt>
              <dd>{endWords(run.completion)}</dd>
            </>
          )}
          <dt>{words.runs.started}</dt>
          <dd className="numeric">{words.runs.ofWork(moment(run.createdAt), duration(run.seconds))}</dd>
        </dl>
        {run.scene !== undefined && (
          <div className="scene">
            <h3 className="label">
              {words.runs.whatItDescribes(
                run.scene.by === 'remote' ? words.runs.inTheWordsOf(run.scene.model) : '',
              )}
            </h3>
            <p>{run.scene.text}</p>
          </div>
        )}
        {manifest !== null && manifest.limits.length > 0 && (
          <Disclosure label={words.runs.knownLimitsOfThisModel}>
            <ul className="bullets">
              {manifest.limits.map((limit) => (
                <li key={limit}>{limit}</li>
              ))}
            </ul>
          </Disclosure>
        )}
      </section>
      <section>
        <div className="section-head">
          <h2 className="section-title">{words.runs.runsOfThisCase}</h2>
          <Button
            size="small"
            disabled={caseView.readOnly !== undefined}
            onClick={() => set({ choosingModel: true })}
          >
            <Plus aria-hidden />
            {words.runs.newRun}
          </Button>
        </div>
        <RunHistory caseView={caseView} current={run} />
      </section>
    </div>
  );
}

const settleMs = 250;

function SummarySection({ run, manifest }: { run: RunView; manifest: ModelManifest | null }) {
  const controller = useController();
  const threshold = useView((state) => state.threshold);
  // Decisions and new findings change the numbers.
  const version = useCase((state) => state.findingsVersion);
  const { caseId, id: runId } = run;
  const { value: summary, error } = useAnswer(
    `${runStep(run)} ${threshold} ${version}`,
    (signal) => controller.connection.api.findings.summary({ caseId, runId, threshold }, { signal }),
    settleMs,
  );

  if (error !== null) return <ErrorNote title={words.runs.theNumbersCouldNotBeRead} error={error} />;
  const area = summary?.analysedArea ?? null;
  const density = summary !== null && area !== null && area.value > 0 ? summary.total / area.value : null;
  return (
    <section aria-label={words.runs.numbers}>
      <div className="stats">
        <Stat
          label={words.runs.findingsAt(score(threshold))}
          value={summary === null ? '–' : count(summary.total)}
        />
        <Stat
          label={words.runs.perArea}
          value={density === null ? '–' : quantity(density)}
          unit={area === null ? '' : `/${area.unit}`}
        />
        <Stat
          label={words.runs.analysed}
          value={area === null ? '–' : quantity(area.value)}
          unit={area?.unit ?? ''}
        />
      </div>
      {summary !== null && <Quality quality={summary.quality} />}
      {summary !== null && <Decisions summary={summary} />}
      {summary !== null && summary.byClass.length > 1 && (
        <Bars
          title={words.runs.byClass}
          rows={summary.byClass.map((row) => ({ ...row, value: row.count, text: count(row.count) }))}
          manifest={manifest}
        />
      )}
      {summary !== null && summary.areaFractions.length > 0 && (
        <Bars
          title={words.runs.shareOfTheAnalysedArea}
          rows={summary.areaFractions.map((row) => ({
            name: row.name,
            value: row.fraction,
            text: `${fixed(row.fraction * 100, 1)} %`,
          }))}
          manifest={manifest}
        />
      )}
    </section>
  );
}

function Stat({ label, value, unit = '' }: { label: string; value: string; unit?: string }) {
  return (
    <div className="stat">
      <div className="stat-value numeric">
        {value}
        {unit !== '' && value !== '–' && <span className="stat-unit"> {unit}</span>}
      </div>
      <div className="stat-label">{label}</div>
    </div>
  );
}

/** Said only where something is wrong with the pixels: a result is no better than they are. */
function Quality({ quality: { judged, blurred, pen } }: { quality: FindingSummary['quality'] }) {
  if (blurred === 0 && pen === 0) return null;
  const parts = [
    ...(blurred > 0 ? [words.runs.ofOutOfFocus(words.counts.tiles(blurred), count(judged))] : []),
    ...(pen > 0 ? [words.runs.withPenOnThem(words.counts.tiles(pen))] : []),
  ];
  return (
    <p className="quality-note">
      <TriangleAlert aria-hidden />
      {parts.join(', ')}
    </p>
  );
}

function Decisions({ summary }: { summary: FindingSummary }) {
  const { accepted, rejected, undecided, total } = summary;
  if (total === 0) return null;
  return (
    <div className="decisions">
      <div className="decisions-bar" aria-hidden>
        <div className="decisions-accepted" style={{ flexGrow: accepted }} />
        <div className="decisions-rejected" style={{ flexGrow: rejected }} />
        <div style={{ flexGrow: undecided }} />
      </div>
      <div className="decisions-text numeric">
        <span className="good">{words.runs.accepted(count(accepted))}</span>
        <span className="bad">{words.runs.rejected(count(rejected))}</span>
        <span>{words.runs.open(count(undecided))}</span>
      </div>
    </div>
  );
}

interface BarsProps {
  title: string;
  rows: readonly { name: string; value: number; text: string }[];
  manifest: ModelManifest | null;
}

function Bars({ title, rows, manifest }: BarsProps) {
  const most = Math.max(1e-9, ...rows.map((row) => row.value));
  return (
    <div className="bars">
      <h3 className="label">{title}</h3>
      {rows.map((row) => {
        const color = manifest?.classes.find((item) => item.name === row.name)?.color;
        return (
          <div key={row.name} className="bars-row">
            <span className="bars-name">{row.name}</span>
            <span className="bars-track">
              <span
                className="bars-fill"
                style={{
                  width: `${(row.value / most) * 100}%`,
                  background: color === undefined ? 'var(--accent)' : `rgb(${color.join(' ')})`,
                }}
              />
            </span>
            <span className="bars-value numeric">{row.text}</span>
          </div>
        );
      })}
    </div>
  );
}
