/** Pixels that the stains of a slide are estimated from: of a few tiles with much tissue, as the model sees them. */
import type { ModelManifest } from '../../contract/model.ts';
import type { GridPlan } from '../../contract/run.ts';
import type { ImageSource } from '../../images/image-source.ts';
import { isDamage } from './preprocess.ts';
import { tileReader } from './tile-reader.ts';

const mostTiles = 12;
const mostPixels = 200_000;
/** Tiles at least as full as this are taken before others. */
const full = 0.5;

/**
 * The same for the same image and grid.
 * @param content fraction of tissue of each tile; `skip`: 0 where it is looked at
 * @param rgb bands that are red, green and blue
 */
export async function stainPixels(
  source: ImageSource,
  plan: GridPlan,
  manifest: ModelManifest,
  { content, skip }: { content: Float32Array; skip: Uint8Array },
  rgb: readonly [number, number, number],
): Promise<Uint8Array> {
  const looked = [...content.keys()].filter((tile) => skip[tile] === 0);
  const fuller = looked.filter((tile) => (content[tile] ?? 0) >= full);
  const tiles = spread(fuller.length > 0 ? fuller : looked);
  const reader = tileReader(source, plan, manifest);
  const each = Math.ceil(mostPixels / Math.max(1, tiles.length));
  const pixels: number[] = [];
  for (const tile of tiles) {
    try {
      const { data, bands, width, height } = await reader.read(tile);
      const step = Math.max(1, Math.floor((width * height) / each));
      for (let i = 0; i < width * height; i += step) {
        for (const band of rgb) pixels.push(data[i * bands + band] ?? 0);
      }
    } catch (error) {
      // It fails as a tile of the run, with its reason.
      if (!isDamage(error)) throw error;
    }
  }
  return Uint8Array.from(pixels);
}

/** Some of them, evenly over all. */
function spread(tiles: readonly number[]): number[] {
  const count = Math.min(mostTiles, tiles.length);
  return Array.from({ length: count }, (_, i) => tiles[Math.floor(((i + 0.5) * tiles.length) / count)] ?? 0);
}
