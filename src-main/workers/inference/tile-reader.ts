/** Reads what a tile sees, from the level that fits, ready for the model's input. */
import type { GridPlan, Rect } from '../../contract/run.ts';
import { modelSize, tileModelRect } from '../../core/grid.ts';
import type { ImageSource, PixelArray, Raster } from '../../images/image-source.ts';

export interface TileReader {
  /**
   * The part of the image that the tile's pixels cover, in model pixels of the whole image. A tile that reaches beyond a
   * small image is cut to it, unless the model takes one size only; then it is filled up with the image's background.
   */
  rect(tile: number): Rect;
  /** Of an image on a server: has the bytes of these tiles fetched while others are computed. */
  ahead?: (tiles: Iterable<number>) => void;
  /** The pixels of `rect(tile)`, all bands: in `target` where given, else they are overwritten by the next reading. */
  read(tile: number, target?: PixelArray): Promise<Raster>;
}

export function tileReader(source: ImageSource, plan: GridPlan, fixedSize: boolean): TileReader {
  const size = modelSize(plan);
  const level = exactLevel(source, plan);
  const rect = (tile: number): Rect => {
    const whole = tileModelRect(plan, tile);
    if (fixedSize) return whole;
    return {
      ...whole,
      width: Math.min(whole.width, size.width - whole.x),
      height: Math.min(whole.height, size.height - whole.y),
    };
  };
  // The same memory for every tile of a size: fresh pages from the system cost as much as decoding into them.
  const patches = new Map<number, PixelArray>();
  const patchOf = (samples: number): PixelArray => {
    const known = patches.get(samples) ?? source.memory(source.info.dtype, samples);
    patches.set(samples, known);
    return known;
  };
  const { fetchAhead } = source;
  return {
    rect,
    ...(fetchAhead && {
      ahead(tiles) {
        for (const tile of tiles) {
          const { x, y, width, height } = rect(tile);
          // What cannot be fetched is told when the tile is read.
          fetchAhead(inImage(x, y, width, height), width, height)?.catch(() => undefined);
        }
      },
    }),
    async read(tile, target) {
      const { x, y, width, height } = rect(tile);
      const into = target ?? patchOf(width * height * source.info.bands);
      return level !== null
        ? source.readRegion({ level, x, y, width, height, into })
        : scaled(x, y, width, height, into);
    },
  };

  function scaled(x: number, y: number, width: number, height: number, into: PixelArray): Promise<Raster> {
    return source.readScaled(inImage(x, y, width, height), width, height, into);
  }

  /** Level-0 pixels of a rectangle in model pixels. */
  function inImage(x: number, y: number, width: number, height: number): Rect {
    const { scaleX, scaleY } = plan;
    return { x: x * scaleX, y: y * scaleY, width: width * scaleX, height: height * scaleY };
  }
}

/** The level whose pixels are the model's pixels, or null where none is. */
function exactLevel({ info }: ImageSource, plan: GridPlan): number | null {
  const size = modelSize(plan);
  const equal = (a: number, b: number): boolean => Math.abs(a / b - 1) < 1e-9;
  const index = info.levels.findIndex(
    (level) =>
      level.width === size.width &&
      level.height === size.height &&
      equal(info.width / level.width, plan.scaleX) &&
      equal(info.height / level.height, plan.scaleY),
  );
  return index < 0 ? null : index;
}
