/** What the overlay shows while two runs are compared: their objects by group, and the differences of their tiles. */
import { useMemo } from 'react';
import { comparisonGroups } from '../../src-main/contract/compare.ts';
import { groupColours } from '../../src-main/core/compare/group-colours.ts';
import type { Rect } from '../../src-main/contract/run.ts';
import type { OverlayScene } from '../overlay/overlay-painter.ts';
import { useCompare } from './compare-store.ts';
import { useComparisonOutlines } from './use-comparison-outlines.ts';
import { differenceColours } from './tile-differences.ts';

/** @param rest what the view shows since it rests */
export function useComparisonScene(scene: OverlayScene, rest: Rect | null): OverlayScene {
  const { runB, objects, objectsVersion, tiles, showTiles, selected } = useCompare();
  const { outlines, wanted } = useComparisonOutlines(rest);
  const colours = useMemo(() => differenceColours(), []);
  const groups = useMemo(() => groupTexels(), []);
  if (runB === null || objects === null) return scene;
  return {
    ...scene,
    findings: objects,
    findingsVersion: objectsVersion,
    classColours: groups,
    outlines,
    asPoints: wanted,
    threshold: 0,
    selectedFinding: selected?.item.index ?? -1,
    tiles,
    colours,
    showTiles: scene.showTiles && showTiles && tiles !== null,
  };
}

function groupTexels(): Uint8Array {
  const texels = new Uint8Array(1024);
  comparisonGroups.forEach((group, code) => texels.set([...groupColours[group], 255], code * 4));
  return texels;
}
