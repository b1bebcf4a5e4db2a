/** Tiles one by one: the inspected one, and those that failed, by reason. */
import { CircleCheckBig, MousePointerClick, RotateCcw } from 'lucide-react';
import type { RunView } from '../../src-main/contract/run.ts';
import { tileRect } from '../../src-main/core/grid.ts';
import { leastPen, leastSharpness } from '../../src-main/core/quality/focus.ts';
import { CommandAction } from '../app/command-action.tsx';
import { useController } from '../app/controller-context.ts';
import { useAnswer } from '../client/use-answer.ts';
import { isReadOnly, useCase } from '../state/case-store.ts';
import { useView } from '../state/view-store.ts';
import { Button } from '../ui/button.tsx';
import { count, fixed, moment, locale } from '../ui/format.ts';
import { Empty, ErrorNote, Skeleton } from '../ui/messages.tsx';
import { runActions } from './run-words.ts';
import { words } from '../words/words.ts';

export function TilesPanel({ run }: { run: RunView }) {
  return (
    <div className="run-panel scroll">
      <TileInspector run={run} />
      <Failures run={run} />
    </div>
  );
}

const stateWords = {
  pending: words.runs.waitsForItsTurn,
  running: words.runs.isBeingAnalysed,
  done: words.runs.tileDone,
  waiting: words.runs.failedWillBeTriedAgain,
  failed: words.runs.failedRun,
  skipped: words.runs.tileSkipped,
} as const;

const stateTones = {
  pending: '',
  running: 'chip-accent',
  done: 'chip-good',
  waiting: 'chip-warn',
  failed: 'chip-bad',
  skipped: '',
} as const;

function TileInspector({ run }: { run: RunView }) {
  const controller = useController();
  const index = useView((state) => state.selectedTile);
  const tool = useView((state) => state.tool);
  const set = useView((state) => state.set);
  const tilesVersion = useCase((state) => state.tilesVersion);
  const tiles = useCase((state) => state.tiles);
  // Only what changed for this tile is worth asking again for; the version has this looked at.
  const record = tiles === null || index === null || tilesVersion < 0 ? null : tiles.at(index);
  const { caseId, id: runId } = run;
  const answer = useAnswer(
    index === null
      ? null
      : `${runId} ${index} ${record?.state} ${record?.score} ${record?.classIndex} ${run.state}`,
    (signal) => controller.connection.api.tiles.inspect({ caseId, runId, index: index ?? 0 }, { signal }),
  );
  const tile = answer.value;
  const error = answer.stale ? null : answer.error;

  if (index === null) {
    return (
      <section aria-label={words.runs.tile}>
        <Empty icon={MousePointerClick} title={words.runs.noTileChosen}>
          <p>{words.runs.clickATileWithAltHeld}</p>
          {tool !== 'inspect' && (
            <Button size="small" onClick={() => set({ tool: 'inspect' })}>
              {words.runs.inspectTiles}
            </Button>
          )}
        </Empty>
      </section>
    );
  }
  if (error !== null) return <ErrorNote title={words.runs.tileCouldNotBeRead(count(index))} error={error} />;
  if (tile === null || tile.index !== index) {
    return (
      <section aria-label={words.runs.tile}>
        <Skeleton rows={5} height={28} />
      </section>
    );
  }
  return (
    <section aria-label={words.runs.tile}>
      <div className="section-head">
        <h2 className="section-title numeric">
          {words.runs.tileColumnRow(count(tile.index), tile.column + 1, tile.row + 1)}
        </h2>
        <span className={`chip ${stateTones[tile.state]}`}>{stateWords[tile.state]}</span>
      </div>
      {tile.error !== null && <ErrorNote error={tile.error} />}
      <dl className="facts numeric">
        <dt>{words.runs.score}</dt>
        <dd>{tile.score === null ? words.runs.noneYet : fixed(tile.score, 3)}</dd>
        <dt>{words.runs.detectionsBeforeMerging}</dt>
        <dd>{count(tile.detections)}</dd>
        <dt>{words.runs.attemptsThatFailed}</dt>
        <dd>{tile.attempts}</dd>
        {tile.skipReason !== null && (
          <>
            <dt>{words.runs.skippedBecauseOf}</dt>
            <dd>{tile.skipReason}</dd>
          </>
        )}
        {tile.wakesAt !== null && (
          <>
            <dt>{words.runs.triedAgain}</dt>
            <dd>{moment(tile.wakesAt)}</dd>
          </>
        )}
        {tile.sharpness !== null && (
          <>
            <dt>{words.runs.focus}</dt>
            <dd>{tile.sharpness < leastSharpness ? words.runs.outOfFocus : words.runs.inFocus}</dd>
          </>
        )}
        {tile.pen >= leastPen && (
          <>
            <dt>{words.runs.coveredByPen}</dt>
            <dd>{Math.round(tile.pen * 100)} %</dd>
          </>
        )}
        {tile.values.map((value) => (
          <FactRow key={value.name} name={value.name} value={value.value} />
        ))}
        <dt>{words.runs.place}</dt>
        <dd>
          {words.runs.px(
            Math.round(tile.rect.x),
            Math.round(tile.rect.y),
            Math.round(tile.rect.width),
            Math.round(tile.rect.height),
          )}
        </dd>
      </dl>
    </section>
  );
}

function FactRow({ name, value }: { name: string; value: number }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{Number(value.toPrecision(4)).toLocaleString(locale, { maximumSignificantDigits: 4 })}</dd>
    </>
  );
}

function Failures({ run }: { run: RunView }) {
  const controller = useController();
  const set = useView((state) => state.set);
  const fly = useView((state) => state.fly);
  const { caseId, id: runId } = run;
  const onlyLook = useCase(isReadOnly);
  const canRetry = runActions(run).retryFailed && !onlyLook;
  const { value: groups, error } = useAnswer(`${runId} ${run.state} ${run.tiles.failed}`, (signal) =>
    controller.connection.api.runs.failures({ caseId, runId }, { signal }),
  );

  return (
    <section aria-label={words.runs.failedTiles}>
      <div className="section-head">
        <h2 className="section-title">{words.runs.failedTiles}</h2>
        {canRetry && (
          <CommandAction id="retry-failed">
            <RotateCcw aria-hidden />
            {words.runs.retryFailed}
          </CommandAction>
        )}
      </div>
      {error !== null ? (
        <ErrorNote title={words.runs.theFailuresCouldNotBeRead} error={error} />
      ) : groups === null ? (
        <Skeleton rows={2} height={64} />
      ) : groups.length === 0 ? (
        <Empty icon={CircleCheckBig} title={words.runs.noTileFailed}>
          {run.tiles.skipped > 0 && (
            <p>{words.runs.skippedBeforeTheModelRan(words.counts.tiles(run.tiles.skipped))}</p>
          )}
        </Empty>
      ) : (
        <ul className="failures">
          {groups.map((group) => (
            <li key={`${group.code} ${group.message}`}>
              <div className="failures-head">
                <span>{group.message}</span>
                <span className="chip chip-bad numeric">{words.counts.tiles(group.count)}</span>
                {canRetry && groups.length > 1 && (
                  <Button
                    size="small"
                    aria-label={words.runs.retryTheThatFailedLikeThis(
                      words.counts.tiles(group.count),
                      group.message,
                    )}
                    onClick={() => {
                      const { code, message } = group;
                      void controller.resume({ retryFailed: true, reason: { code, message } });
                    }}
                  >
                    <RotateCcw aria-hidden />
                    {words.runs.retry}
                  </Button>
                )}
              </div>
              {group.hint !== undefined && <p className="field-hint">{group.hint}</p>}
              <div className="failures-tiles">
                {group.tiles.map((tile) => (
                  <button
                    key={tile}
                    type="button"
                    className="chip chip-button numeric"
                    onClick={() => {
                      set({ selectedTile: tile });
                      if (run.grid !== null) fly(tileRect(run.grid, tile));
                    }}
                  >
                    {count(tile)}
                  </button>
                ))}
                {group.count > group.tiles.length && (
                  <span className="field-hint">
                    {words.runs.andMore(count(group.count - group.tiles.length))}
                  </span>
                )}
              </div>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
