/** The overlay's scene out of the stores. */
import { useMemo } from 'react';
import type { ModelManifest } from '../../src-main/contract/model.ts';
import type { Rect, RunView } from '../../src-main/contract/run.ts';
import { gridAxes } from '../overlay/grid-axis.ts';
import { givesOutlines, useOutlines } from '../overlay/outlines.ts';
import type { OverlayScene } from '../overlay/overlay-painter.ts';
import { classColours, runTileColours, tileThreshold } from '../overlay/run-colours.ts';
import { useCase } from '../state/case-store.ts';
import { useView } from '../state/view-store.ts';

/** @param rest what the view shows since it rests */
export function useScene(
  run: RunView | null,
  manifest: ModelManifest | null,
  rest: Rect | null,
): OverlayScene {
  const outlines = useOutlines(run, manifest, rest);
  const tiles = useCase((state) => state.tiles);
  const tilesVersion = useCase((state) => state.tilesVersion);
  const findings = useCase((state) => state.findings);
  const findingsVersion = useCase((state) => state.findingsVersion);
  const view = useView();
  const grid = run?.grid ?? null;
  // The grid arrives as a new object with each event; only its values matter.
  const gridKey = JSON.stringify(grid);
  // oxlint-disable-next-line react-hooks/exhaustive-deps
  const axes = useMemo(() => (grid === null ? null : gridAxes(grid)), [gridKey]);
  const onTiles = tileThreshold(manifest, view.threshold);
  const colours = useMemo(() => runTileColours(manifest, onTiles), [manifest, onTiles]);
  const classes = useMemo(() => classColours(manifest), [manifest]);
  return {
    tiles,
    axes,
    colours,
    classColours: classes,
    findings,
    outlines,
    asPoints: manifest !== null && givesOutlines(manifest),
    tilesVersion,
    findingsVersion,
    showTiles: view.showTiles && !view.peeking,
    showFindings: view.showFindings && !view.peeking,
    tileOpacity: view.tileOpacity,
    tileInside: view.fadeTiles ? 0 : 1,
    threshold: view.threshold,
    selectedFinding: view.selectedFinding?.finding.ordinal ?? -1,
    selectedTile: view.selectedTile ?? -1,
  };
}
