/** The colours of one run's overlay as tables for the graphics card; the rule itself is core/colour.ts. */
import type { ModelManifest } from '../../src-main/contract/model.ts';
import { classColour, cividis, paletteOf, tileColour, type Palette } from '../../src-main/core/colour.ts';
import { tileColours, type TileColours } from './tile-pixel.ts';

/**
 * The threshold that tile colours obey. It is one of confidence: a tile whose colour shows a density has none, so that moving
 * the slider must not fade it.
 */
export function tileThreshold(manifest: Pick<ModelManifest, 'tileColor'> | null, threshold: number): number {
  return manifest === null || manifest.tileColor.by === 'density' ? 0 : threshold;
}

export function runTileColours(manifest: ModelManifest | null, threshold: number): TileColours {
  const palette: Palette = manifest === null ? { by: 'score', stops: cividis } : paletteOf(manifest);
  const classes = palette.by === 'class' ? palette.colours.length : 0;
  return tileColours(classes, (record) => tileColour(record, palette, threshold));
}

/** 256 RGBA texels: the colours of findings by class. */
export function classColours(manifest: Pick<ModelManifest, 'classes'> | null): Uint8Array {
  const texels = new Uint8Array(1024);
  for (let index = 0; index < 256; index++) {
    texels.set([...classColour(manifest ?? { classes: [] }, index), 255], index * 4);
  }
  return texels;
}
