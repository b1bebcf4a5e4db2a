/** What the overlay shows while two runs are compared: their objects by group, and the differences of their tiles. */
import { useMemo } from 'react';
import { comparisonGroups } from '../../src-main/contract/compare.ts';
import { groupColours } from '../../src-main/core/compare/group-colours.ts';
import type { OverlayScene } from '../overlay/overlay-painter.ts';
import { useCompare } from './compare-store.ts';
import { differenceColours } from './tile-differences.ts';

export function useComparisonScene(scene: OverlayScene): OverlayScene {
  const { runB, objects, objectsVersion, tiles, showTiles, selected } = useCompare();
  const colours = useMemo(() => differenceColours(), []);
  const groups = useMemo(() => groupTexels(), []);
  if (runB === null || objects === null) return scene;
  return {
    ...scene,
    findings: objects,
    findingsVersion: objectsVersion,
    classColours: groups,
    // Boxes tell groups apart by their lines as well; outlines are those of one run.
    outlines: null,
    asPoints: false,
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
