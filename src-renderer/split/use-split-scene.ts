/** What lies on the second view: tiles and findings of its run, live like those of the first. */
import { useEffect, useMemo, useState } from 'react';
import type { CaseView } from '../../src-main/contract/api.ts';
import type { ModelManifest } from '../../src-main/contract/model.ts';
import type { Rect, RunView } from '../../src-main/contract/run.ts';
import { useController } from '../app/controller-context.ts';
import { gridAxes } from '../overlay/grid-axis.ts';
import { givesOutlines, useOutlines } from '../overlay/outlines.ts';
import type { OverlayScene } from '../overlay/overlay-painter.ts';
import { classColours, runTileColours, tileThreshold } from '../overlay/run-colours.ts';
import { notifyError } from '../state/app-store.ts';
import type { FindingSet } from '../state/finding-set.ts';
import { reading } from '../state/reading.ts';
import { RunFollower } from '../state/run-follower.ts';
import type { TileStateBuffer } from '../state/tile-state-buffer.ts';
import { useView } from '../state/view-store.ts';
import { words } from '../words/words.ts';

interface Followed {
  tiles: TileStateBuffer | null;
  findings: FindingSet | null;
  /** Counts up with each change inside of both. */
  version: number;
}

const nothing: Followed = { tiles: null, findings: null, version: 0 };

export function useSplitScene(
  caseView: CaseView,
  run: RunView | null,
  manifest: ModelManifest | null,
  rest: Rect | null,
): OverlayScene {
  const controller = useController();
  const [followed, setFollowed] = useState(nothing);
  const { id: caseId, image } = caseView;
  const runId = run?.id ?? null;
  useEffect(() => {
    setFollowed(nothing);
    if (runId === null) return undefined;
    const follower = new RunFollower(controller.connection, { caseId, runId }, image, {
      onEvent: () => undefined,
      onTiles: (tiles) => setFollowed((known) => ({ ...known, tiles, version: known.version + 1 })),
      onFindings: (findings) => setFollowed((known) => ({ ...known, findings, version: known.version + 1 })),
      onFindingsError: (error) => notifyError(words.split.theFindingsOfTheSecondView, error),
      onProblem: (error) => notifyError(words.split.theRunOfTheSecondView, error),
      reader: () => reading().by,
    });
    void follower.follow();
    return () => follower.stop();
    // The image's other fields do not change while its case stays.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [controller, caseId, runId]);

  const threshold = run?.threshold ?? 0;
  const outlines = useOutlines(run, manifest, rest, threshold);
  const grid = run?.grid ?? null;
  const axes = useMemo(() => (grid === null ? null : gridAxes(grid)), [grid]);
  const colours = useMemo(
    () => runTileColours(manifest, tileThreshold(manifest, threshold)),
    [manifest, threshold],
  );
  const classes = useMemo(() => classColours(manifest), [manifest]);
  const view = useView();
  return {
    tiles: followed.tiles,
    axes,
    colours,
    classColours: classes,
    findings: followed.findings,
    outlines,
    asPoints: manifest !== null && givesOutlines(manifest),
    tilesVersion: followed.version,
    findingsVersion: followed.version,
    showTiles: view.showTiles && !view.peeking,
    showFindings: view.showFindings && !view.peeking,
    tileOpacity: view.tileOpacity,
    tileInside: view.fadeTiles ? 0 : 1,
    threshold,
    selectedFinding: -1,
    selectedTile: -1,
  };
}
