/** The runs of a queue, the one that goes first on top. */
import { ArrowDown, ArrowUp, Ban, Download, Pause, Play, RotateCcw, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { FleetAct, FleetRun, FleetView } from '../../src-main/contract/fleet.ts';
import { useController } from '../app/controller-context.ts';
import { useCase } from '../state/case-store.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { moment } from '../ui/format.ts';
import { ProgressBar } from '../ui/progress-bar.tsx';
import { actOnFleet, followRunHere } from './fleet-actions.ts';
import { chunkLine, fleetActions, runStateLabels, runTone, tileLine } from './fleet-words.ts';
import { words } from '../words/words.ts';

export function FleetRuns({ view, canAct }: { view: FleetView; canAct: boolean }) {
  if (view.runs.length === 0) {
    return (
      <section aria-label={words.machines.runs}>
        <h3 className="section-title">{words.machines.runs}</h3>
        <p className="machines-note">{words.machines.noneARunComesHereWhere}</p>
      </section>
    );
  }
  const more = view.totals.runs - view.runs.length;
  return (
    <section aria-label={words.machines.runs}>
      <h3 className="section-title">{words.machines.runs}</h3>
      <ul className="machines-list">
        {view.runs.map((run) => (
          <Row key={run.id} run={run} canAct={canAct} />
        ))}
      </ul>
      {more > 0 && (
        <p className="machines-note">
          {words.machines.andGigatileQueuePrintsThemAll(words.counts.moreRuns(more))}
        </p>
      )}
    </section>
  );
}

function Row({ run, canAct }: { run: FleetRun; canAct: boolean }) {
  const { chunks } = run;
  const share = (part: number) => `${(part / Math.max(1, chunks.total)) * 100}%`;
  return (
    <li className="machines-row">
      <div className="machines-row-head">
        <span className="machines-name" title={run.id}>
          {run.image}
        </span>
        <span className={`chip chip-${runTone(run)}`}>{runStateLabels[run.state]}</span>
        <span className="machines-facts numeric">
          {words.machines.priority(run.model, run.priority, moment(run.createdAt))}
        </span>
        {canAct && <Actions run={run} />}
      </div>
      <ProgressBar
        label={words.machines.chunksOfThatAreDone(run.image)}
        value={chunks.done}
        max={chunks.total}
        text={chunkLine(run)}
      >
        <div className="progress-done" style={{ width: share(chunks.done) }} />
        <div className="progress-skipped" style={{ width: share(chunks.working) }} />
        <div className="progress-failed" style={{ width: share(chunks.dead) }} />
      </ProgressBar>
      <div className="machines-facts numeric">
        {chunkLine(run)} · {tileLine(run)}
      </div>
    </li>
  );
}

function Actions({ run }: { run: FleetRun }) {
  const controller = useController();
  const caseView = useCase((state) => state.caseView);
  const [busy, setBusy] = useState(false);
  const [removing, setRemoving] = useState(false);
  const can = fleetActions(run);
  const doing = (work: Promise<void>) => {
    setBusy(true);
    void work.finally(() => setBusy(false));
  };
  const act = (order: FleetAct) => doing(actOnFleet(controller, order, words.machines.theRunOn(run.image)));
  const mayFollow =
    caseView !== null && caseView.readOnly === undefined && caseView.image.fingerprint === run.fingerprint;
  if (removing) {
    return (
      <span className="machines-actions" role="group" aria-label={words.machines.removeTheRunOn(run.image)}>
        {words.machines.itsResultsLeaveTheQueue}
        <Button
          size="small"
          tone="danger"
          onClick={() => act({ act: 'remove', run: run.id })}
          disabled={busy}
        >
          {words.machines.remove}
        </Button>
        <Button size="small" tone="quiet" onClick={() => setRemoving(false)}>
          {words.machines.keep}
        </Button>
      </span>
    );
  }
  const named = (what: string) => `${what}: ${run.image}`;
  return (
    <span className="machines-actions">
      {mayFollow && (
        <Button
          size="small"
          disabled={busy}
          onClick={() => doing(followRunHere(controller, caseView.id, run))}
        >
          <Download aria-hidden />
          {words.machines.showInThisCase}
        </Button>
      )}
      {can.redrive && (
        <Button size="small" disabled={busy} onClick={() => act({ act: 'redrive', run: run.id })}>
          <RotateCcw aria-hidden />
          {words.machines.tryGivenUpChunksAgain}
        </Button>
      )}
      {can.pause && (
        <IconButton
          label={named(words.machines.pause)}
          size="small"
          disabled={busy}
          onClick={() => act({ act: 'pause', run: run.id })}
        >
          <Pause aria-hidden />
        </IconButton>
      )}
      {can.resume && (
        <IconButton
          label={named(words.machines.resume)}
          size="small"
          disabled={busy}
          onClick={() => act({ act: 'resume', run: run.id })}
        >
          <Play aria-hidden />
        </IconButton>
      )}
      {can.cancel && (
        <>
          <IconButton
            label={named(words.machines.raiseThePriority)}
            size="small"
            disabled={busy || !can.raise}
            onClick={() => act({ act: 'priority', run: run.id, priority: run.priority + 1 })}
          >
            <ArrowUp aria-hidden />
          </IconButton>
          <IconButton
            label={named(words.machines.lowerThePriority)}
            size="small"
            disabled={busy || !can.lower}
            onClick={() => act({ act: 'priority', run: run.id, priority: run.priority - 1 })}
          >
            <ArrowDown aria-hidden />
          </IconButton>
          <IconButton
            label={named(words.machines.cancel)}
            size="small"
            disabled={busy}
            onClick={() => act({ act: 'cancel', run: run.id })}
          >
            <Ban aria-hidden />
          </IconButton>
        </>
      )}
      {can.remove && (
        <IconButton
          label={named(words.machines.removeFromTheQueue)}
          size="small"
          disabled={busy}
          onClick={() => setRemoving(true)}
        >
          <Trash2 aria-hidden />
        </IconButton>
      )}
    </span>
  );
}
