/** Reads what a tile sees, from the level that fits, in the size of the model's input. */
import type { ModelManifest } from '../../contract/model.ts';
import type { GridPlan, Rect } from '../../contract/run.ts';
import { modelSize, rowOverlap, tileModelRect } from '../../core/grid.ts';
import { bandRows } from '../../core/tile-order.ts';
import type { ImageSource, PixelArray, Raster } from '../../images/image-source.ts';
import { copyRect, filledRaster } from '../../images/raster.ts';
import { validity } from '../../models/input/input-array.ts';
import { inputSize, placeTile, type Placement, type Size } from '../../models/input/letterbox.ts';
import { tellsNoData } from '../../models/input/pixel-meaning.ts';
import { bilinearReader } from './bilinear-reader.ts';
import { clipToSize, fillBeyond } from './beyond-edge.ts';

export type TileRaster = Raster & { valid?: Uint8Array };

export interface TileReader {
  /**
   * The part of the image that the tile's pixels cover, in model pixels of the whole image. A tile that reaches beyond a small
   * image is cut to it where the model takes any size, or is given tiles that are resized whatever their scale; else it is filled up.
   */
  rect(tile: number): Rect;
  /** Size of what `read` gives, and so of the model's input: the same for all tiles of a run. */
  readonly size: Size;
  /** Of an image on a server: has the bytes of these tiles fetched while others are computed. */
  ahead?: (tiles: Iterable<number>) => void;
  /**
   * The pixels of `rect(tile)`, all bands, resized and padded to `size`: in `target` where given, else they are overwritten by the
   * next reading. With `valid` (see TilePixels) where the model's input depends on it and not all pixels are data.
   */
  read(tile: number, target?: PixelArray): Promise<TileRaster>;
}

export function tileReader(
  source: ImageSource,
  plan: GridPlan,
  manifest: Pick<ModelManifest, 'input' | 'mpp' | 'metresPerPixel'>,
): TileReader {
  const { input } = manifest;
  const { info } = source;
  const image = modelSize(plan);
  const rect = tileRects(plan, image, manifest);
  const first = rect(0);
  const size = inputSize(input, first);
  const place = placeTile(first, size, input.resize);
  const isWhole = place.width === size.width && place.height === size.height;
  const memory = patches(source);
  const picture = pictureReader(source, plan, input, place, memory);
  const needsValid = tellsNoData(input, info);
  let background: number | null = null;

  return {
    rect,
    size,
    ...(source.fetchAhead && {
      ahead(tiles) {
        // What cannot be fetched is told when the tile is read.
        for (const tile of tiles) picture.ahead(rect(tile))?.catch(() => undefined);
      },
    }),
    read(tile, target) {
      const at = rect(tile);
      const into = target ?? memory('input', size.width * size.height * info.bands);
      return isWhole && !needsValid ? picture.read(at, into) : composed(at, into);
    },
  };

  async function composed(at: Rect, into: PixelArray): Promise<TileRaster> {
    const inner = isWhole ? into : memory('picture', place.width * place.height * info.bands);
    const read = await picture.read(at, inner);
    const raster = isWhole ? read : letterboxed(read, into, await padding());
    if (!needsValid) return raster;
    const valid = await validOf(at);
    return valid === null ? raster : { ...raster, valid };
  }

  function letterboxed(inner: Raster, into: PixelArray, value: number): Raster {
    const outer: Raster = { ...inner, ...size, data: into };
    into.fill(value);
    copyRect(inner, { x: 0, y: 0 }, outer, { x: place.left, y: place.top }, place.width, place.height);
    return outer;
  }

  async function padding(): Promise<number> {
    if (input.padValue !== undefined) return input.padValue;
    background ??= await backgroundOf(source);
    return background;
  }

  /** What of the input is no pixel of the image, or is masked by it; null: all of it is data. */
  async function validOf(at: Rect): Promise<Uint8Array | null> {
    const inside = clipToSize(at, place, image);
    const mask = await source.validity(inImage(plan, at), place.width, place.height);
    if (mask === null && isWhole && inside.width === size.width && inside.height === size.height) return null;
    const valid = new Uint8Array(size.width * size.height).fill(validity.padding);
    for (let y = 0; y < inside.height; y++) {
      for (let x = 0; x < inside.width; x++) {
        const isMasked = mask !== null && mask[y * place.width + x] === 0;
        valid[(place.top + y) * size.width + place.left + x] = isMasked ? validity.none : validity.data;
      }
    }
    return valid;
  }
}

function tileRects(
  plan: GridPlan,
  image: Size,
  { input, mpp, metresPerPixel }: Pick<ModelManifest, 'input' | 'mpp' | 'metresPerPixel'>,
): (tile: number) => Rect {
  // Where objects have one size only, a small image must not be blown up.
  const anyScale = mpp === null && (metresPerPixel ?? null) === null;
  const isCut = !input.fixedSize || (input.resize !== undefined && anyScale);
  return (tile) => {
    const whole = tileModelRect(plan, tile);
    if (!isCut) return whole;
    const cut = {
      width: Math.min(whole.width, image.width - whole.x),
      height: Math.min(whole.height, image.height - whole.y),
    };
    // Of a free size: up to the next multiple of the network's stride.
    return { ...whole, ...(input.fixedSize ? cut : inputSize(input, cut)) };
  };
}

interface PictureReader {
  ahead(rect: Rect): Promise<void> | null;
  /** The tile in the size in which it is placed in the input. */
  read(rect: Rect, into: PixelArray): Promise<Raster>;
}

function pictureReader(
  source: ImageSource,
  plan: GridPlan,
  input: ModelManifest['input'],
  place: Placement,
  memory: (use: string, samples: number) => PixelArray,
): PictureReader {
  const image = modelSize(plan);
  const { width, height, scaleX, scaleY } = place;
  const level = scaleX === 1 && scaleY === 1 ? exactLevel(source, plan) : null;
  const isSame = level !== null && (input.resample !== 'bilinear' || level === 0);
  // A tile that is blown up is so by itself, as elsewhere: not with what lies beyond the image mixed into its rim.
  const isBlownUp = scaleX > Math.max(1, plan.scaleX) && scaleY > Math.max(1, plan.scaleY);
  const modelColumn = columnRect(plan);
  const column = inImage(plan, modelColumn);
  if ((input.resample === 'bilinear' && !isSame) || isBlownUp) {
    source.expectBlocks?.(column, column.width, column.height);
    return bilinearReader(source, plan, input.padValue, place, memory);
  }
  source.expectBlocks?.(column, modelColumn.width * scaleX, modelColumn.height * scaleY);
  return {
    ahead: (rect) => source.fetchAhead?.(inImage(plan, rect), width, height) ?? null,
    read(rect, into) {
      const reading = isSame
        ? source.readRegion({ level, x: rect.x, y: rect.y, width, height, into })
        : source.readScaled(inImage(plan, rect), width, height, into);
      const { padValue } = input;
      if (padValue === undefined) return reading;
      return reading.then((raster) => {
        fillBeyond(raster, clipToSize(rect, place, image), padValue);
        return raster;
      });
    },
  };
}

/** The column of a band, which a worker reads before it goes on to the one beside it, in model pixels: see core/tile-order.ts. */
function columnRect(plan: GridPlan): Rect {
  const rows = Math.min(plan.rows, bandRows(plan));
  return {
    x: 0,
    y: 0,
    width: plan.tileWidth,
    height: rows * plan.tileHeight - (rows - 1) * rowOverlap(plan),
  };
}

/** Level-0 pixels of a rectangle in model pixels. */
function inImage({ scaleX, scaleY }: GridPlan, { x, y, width, height }: Rect): Rect {
  return { x: x * scaleX, y: y * scaleY, width: width * scaleX, height: height * scaleY };
}

/** The same memory for every tile of a size: fresh pages from the system cost as much as decoding into them. */
function patches(source: ImageSource): (use: string, samples: number) => PixelArray {
  const known = new Map<string, PixelArray>();
  return (use, samples) => {
    const key = `${use} ${samples}`;
    const patch = known.get(key) ?? source.memory(source.info.dtype, samples);
    known.set(key, patch);
    return patch;
  };
}

/** What the image is filled up with beyond its edge. */
async function backgroundOf(source: ImageSource): Promise<number> {
  const { width, height, bands, dtype } = source.info;
  const beyond = await source.readRegion({
    level: 0,
    x: width,
    y: height,
    width: 1,
    height: 1,
    into: filledRaster(1, 1, bands, dtype, 0).data,
  });
  return beyond.data[0]!;
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
