/** The state of the run in one line under the image: what, how far, how fast, what is missing, and what can be done. */
import { Ban, Pause, Play, RotateCcw, ScanLine, Server, Sparkles } from 'lucide-react';
import type { RunView } from '../../src-main/contract/run.ts';
import { CommandAction } from '../app/command-action.tsx';
import { CommandButton } from '../app/command-button.tsx';
import { isReadOnly, selectedRun, useCase, type LiveRun } from '../state/case-store.ts';
import { useView } from '../state/view-store.ts';
import { Button } from '../ui/button.tsx';
import { count, duration, rate } from '../ui/format.ts';
import { ProgressBar } from '../ui/progress-bar.tsx';
import { runActions, runFraction, runHeadline, stateTone } from './run-words.ts';
import { words } from '../words/words.ts';

export function RunBar() {
  const run = useCase(selectedRun);
  const live = useCase((state) => state.live);
  const choosing = useView((state) => state.choosingModel);
  const onlyLook = useCase(isReadOnly);
  const set = useView((state) => state.set);
  if (run === null) {
    return (
      <section className="run-bar" aria-label={words.runs.run}>
        <div className="run-bar-text">
          <div className="run-bar-title">{words.runs.notAnalysedYet}</div>
          <div className="run-bar-meta">
            {onlyLook ? words.runs.andItCannotBeHere : words.runs.chooseAModelInThePanel}
          </div>
        </div>
        {!choosing && !onlyLook && (
          <Button tone="primary" onClick={() => set({ choosingModel: true, tab: 'run' })}>
            <Sparkles aria-hidden />
            {words.runs.analyse}
          </Button>
        )}
      </section>
    );
  }
  return (
    <section className="run-bar" aria-label={words.runs.run}>
      <div className="run-bar-text">
        <div className="run-bar-title">
          <span className={`dot dot-${stateTone(run.state)}`} aria-hidden />
          <span role="status">{runHeadline(run, live ?? {})}</span>
        </div>
        <div className="run-bar-meta numeric">{metaLine(run, live)}</div>
      </div>
      <Progress run={run} />
      <Actions run={run} />
    </section>
  );
}

function metaLine(run: RunView, live: LiveRun | null): string {
  const { tiles } = run;
  const parts: string[] = [];
  if (tiles.total > 0) {
    parts.push(
      words.runs.doneTilesOf(
        count(tiles.done + tiles.skipped + tiles.failed),
        words.counts.tiles(tiles.total),
      ),
    );
  }
  if (run.state === 'running') {
    if (live?.tilesPerSecond !== null && live?.tilesPerSecond !== undefined) {
      parts.push(words.runs.tilesS(rate(live.tilesPerSecond)));
    }
    if (live?.etaSeconds !== null && live?.etaSeconds !== undefined) {
      parts.push(words.runs.left(duration(live.etaSeconds)));
    }
  } else {
    if (run.findings > 0) parts.push(words.counts.findings(run.findings));
    parts.push(duration(run.seconds));
  }
  if (tiles.skipped > 0) parts.push(words.runs.skipped(count(tiles.skipped)));
  if (tiles.waiting > 0) parts.push(words.runs.waitingToBeTriedAgain(count(tiles.waiting)));
  if (run.reason !== null && run.state !== 'running') parts.push(run.reason);
  return parts.join(' · ');
}

function Progress({ run }: { run: RunView }) {
  const set = useView((state) => state.set);
  const { total, done, skipped, failed } = run.tiles;
  const share = (part: number) => (total === 0 ? 0 : (part / total) * 100);
  const percent = Math.floor(runFraction(run) * 100);
  const busy = run.state === 'running' && (run.step !== 'analyze' || total === 0);
  return (
    <div className="run-bar-progress">
      <ProgressBar
        label={words.runs.tilesThatHaveEnded}
        value={percent}
        className={busy ? 'progress-busy' : ''}
      >
        <div className="progress-done" style={{ width: `${share(done)}%` }} />
        <div className="progress-skipped" style={{ width: `${share(skipped)}%` }} />
        <div
          className="progress-failed"
          style={{ width: `${share(failed)}%`, minWidth: failed > 0 ? 3 : 0 }}
        />
      </ProgressBar>
      <span className="run-bar-percent numeric">{percent} %</span>
      <button
        type="button"
        className={`run-bar-failed numeric ${failed > 0 ? '' : 'run-bar-none'}`}
        disabled={failed === 0}
        onClick={() => set({ tab: 'tiles' })}
      >
        {failed > 0 ? words.runs.failed(count(failed)) : words.runs.noneFailed}
      </button>
    </div>
  );
}

function Actions({ run }: { run: RunView }) {
  const readOnly = useCase(isReadOnly);
  const allowed = runActions(run);
  if (readOnly) return null;
  return (
    <div className="run-bar-actions">
      {allowed.pause && (
        <CommandAction id="pause">
          <Pause aria-hidden />
          {words.runs.pause}
        </CommandAction>
      )}
      {allowed.resume && (
        <CommandAction id="pause" tone="primary">
          <Play aria-hidden />
          {words.runs.resume}
        </CommandAction>
      )}
      {allowed.analyseRest && (
        <CommandAction id="analyse-rest">
          <Play aria-hidden />
          {words.runs.analyseTheRest}
        </CommandAction>
      )}
      {allowed.retryFailed && (
        <CommandAction id="retry-failed">
          <RotateCcw aria-hidden />
          {words.runs.retryFailed}
        </CommandAction>
      )}
      {run.parameters.queue !== undefined && (
        <CommandButton id="machines" side="top">
          <Server aria-hidden />
        </CommandButton>
      )}
      {allowed.rerun && (
        <CommandButton id="rerun-view" side="top">
          <ScanLine aria-hidden />
        </CommandButton>
      )}
      {allowed.cancel && (
        <CommandButton id="cancel-run" side="top">
          <Ban aria-hidden />
        </CommandButton>
      )}
    </div>
  );
}
