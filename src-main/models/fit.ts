/** Does a model fit an image, and with which file, bands, scale and tiles? */
import { GigatileError } from '../contract/errors.ts';
import type { ImageInfo } from '../contract/image.ts';
import type { ModelManifest } from '../contract/model.ts';
import type { GridPlan, RunParameters } from '../contract/run.ts';
import { planGrid, tileCount } from '../core/grid.ts';
import { chooseBands } from './bands.ts';
import { checkPixels, pixelNotes } from './input/check-pixels.ts';
import { chooseTiles } from './tiling.ts';
import { wholeImagePlan } from './whole-image.ts';

export interface Fit {
  /** Index into manifest.files. */
  fileIndex: number;
  /** Bands of the image, 0-based, in the order of the model's input. */
  bandIndexes: number[];
  grid: GridPlan;
  /** The whole image in one, where the person wants that beside the tiles. */
  wholeImage?: GridPlan;
  /** µm per level-0 pixel that was used: the person's or the file's; null where the model takes pixels of any size. */
  mpp: { x: number; y: number } | null;
  /** What was assumed or deviates, a sentence each, for the person and the report. */
  notes: string[];
}

/** Resolutions that differ by less count as equal: nothing is resampled, and each stored pixel is used as it is. */
const sameScale = 0.05;

/** An image that is no larger at the model's resolution shows nothing: one of the two sizes is of something else, or in another unit. */
const smallestImage = 8;

/** An image that is coarser than the model wants by more than this lacks the detail that the model looks for. */
const coarsest = 2;

/**
 * @throws {GigatileError} model-mismatch (pixel type, bands, resolution), usage (tile size, grid, overlap)
 */
export function fitModel(manifest: ModelManifest, info: ImageInfo, parameters: RunParameters): Fit {
  const fileIndex = chooseFile(manifest, info);
  const bands = chooseBands(manifest, info);
  const scale = coarseGrid(manifest, info, parameters) ?? chooseScale(manifest, info, parameters.mpp);
  const size = { imageWidth: info.width, imageHeight: info.height, scaleX: scale.x, scaleY: scale.y };
  if (parameters.stain === 'macenko' && manifest.stains === undefined) {
    throw new GigatileError('model-mismatch', `${manifest.name} does not take stains apart`, {
      hint: 'Leave --stain out.',
    });
  }
  const tiles = chooseTiles(manifest, size, parameters);
  checkPixels(manifest, info, { ...tiles.request, ...size });
  const notes = [...bands.notes, ...scale.notes, ...tiles.notes, ...pixelNotes(manifest.input, info)];
  if (manifest.tileColor.by === 'density' && manifest.mpp === null && info.geo?.metersPerPixel == null) {
    notes.push('The image has no physical pixel size: densities are per million pixels.');
  }
  const grid = planGrid({ ...size, ...tiles.request });
  const wholeImage = parameters.fullImage === true ? fullImagePass(manifest, grid, notes) : null;
  return {
    fileIndex,
    bandIndexes: bands.indexes,
    grid,
    ...(wholeImage && { wholeImage }),
    mpp: scale.mpp,
    notes,
  };
}

/**
 * SAHI's pass over the whole image, for objects larger than a tile; null, as in SAHI, where a tile holds all of the image.
 * @throws {GigatileError} model-mismatch where the model cannot make anything of it
 */
function fullImagePass(manifest: ModelManifest, grid: GridPlan, notes: string[]): GridPlan | null {
  const cannot = (why: string): GigatileError =>
    new GigatileError('model-mismatch', `${manifest.name} cannot look at the whole image at once: ${why}`, {
      hint: 'Leave --full-image out, or choose a detector of objects of any size.',
    });
  if (manifest.remote !== undefined) throw cannot('it is asked about tiles, and sums them up itself');
  if (manifest.task !== 'detect') throw cannot('it detects no objects');
  if (manifest.mpp !== null || (manifest.metresPerPixel ?? null) !== null) {
    throw cannot('it was made for pixels of one size');
  }
  if (tileCount(grid) === 1) {
    notes.push('One tile holds the whole image: the pass over all of it was left out.');
    return null;
  }
  const plan = wholeImagePlan(manifest.input, grid);
  notes.push(
    `The whole image was also looked at once, ${round(Math.max(plan.scaleX, plan.scaleY))} times smaller.`,
  );
  return plan;
}

/**
 * A remote model that takes pixels of any size and is shown a coarse grid sees its tiles as small as they are sent: reading them
 * larger would only cost memory.
 */
function coarseGrid({ remote, mpp }: ModelManifest, info: ImageInfo, { grid }: RunParameters): Scale | null {
  if (remote === undefined || mpp !== null || grid === undefined) return null;
  const edge = Math.max(info.width / grid.columns, info.height / grid.rows);
  const shrink = edge / remote.imageEdge;
  if (shrink <= 1) return null;
  const notes = [
    `Tiles of up to ${Math.ceil(edge)} px are shown to the model ${round(shrink)} times smaller.`,
  ];
  // Whole model pixels a tile, so that every grid comes out as it was asked for; x and y differ by less than one of them.
  const along = (length: number, n: number): number =>
    length / (n * Math.max(1, Math.round(length / n / shrink)));
  return { x: along(info.width, grid.columns), y: along(info.height, grid.rows), mpp: null, notes };
}

function chooseFile(manifest: ModelManifest, info: ImageInfo): number {
  const index = manifest.files.findIndex((f) => f.imageTypes.some((type) => type === info.dtype));
  if (index >= 0) return index;
  const types = [...new Set(manifest.files.flatMap((f) => f.imageTypes))];
  throw new GigatileError(
    'model-mismatch',
    `${manifest.name} takes pixels of ${types.join(' or ')}; this image has ${info.dtype}`,
    { where: info.name, hint: `Convert the image to ${types[0] ?? 'uint8'}, or choose another model.` },
  );
}

interface Scale {
  /** Level-0 pixels per model pixel. */
  x: number;
  y: number;
  mpp: Fit['mpp'];
  notes: string[];
}

/** How large a pixel is, and how large the model wants it, in the model's unit. */
interface Resolution {
  unit: 'µm' | 'm';
  wanted: number;
  image: { x: number; y: number };
}

function chooseScale(manifest: ModelManifest, info: ImageInfo, given: number | undefined): Scale {
  const mpp = given === undefined ? info.mpp : { x: given, y: given };
  if (manifest.mpp !== null) {
    if (mpp === null) throw unknownSize(manifest, info, manifest.mpp);
    const scale = matchScale(manifest, info, { unit: 'µm', wanted: manifest.mpp, image: mpp });
    return { ...scale, mpp };
  }
  const metres = manifest.metresPerPixel ?? null;
  const asIs = (note?: string): Scale => ({ x: 1, y: 1, mpp: null, notes: note === undefined ? [] : [note] });
  if (metres === null) {
    return asIs(
      given === undefined
        ? undefined
        : `${manifest.name} takes pixels of any size: the given mpp has no effect.`,
    );
  }
  const image = given === undefined ? (info.geo?.metersPerPixel ?? null) : { x: given / 1e6, y: given / 1e6 };
  if (image === null) {
    return asIs(
      `${manifest.name} was made for ${metres} m per pixel, and this image does not say how large its pixels are: they are taken as they are.`,
    );
  }
  return { ...matchScale(manifest, info, { unit: 'm', wanted: metres, image }), mpp: null };
}

function unknownSize(manifest: ModelManifest, info: ImageInfo, wanted: number): GigatileError {
  return new GigatileError(
    'model-mismatch',
    `${manifest.name} needs the size of a pixel (it was made for ${wanted} µm), and this ${
      info.geo === null ? 'image does not say it' : 'image is a map, not a slide'
    }`,
    {
      where: info.name,
      hint:
        info.geo === null
          ? 'State the µm per pixel of the image (on the command line: --mpp).'
          : 'Choose a model for aerial or satellite scenes.',
    },
  );
}

function matchScale(
  manifest: ModelManifest,
  info: ImageInfo,
  { unit, wanted: target, image }: Resolution,
): Omit<Scale, 'mpp'> {
  const wanted = { x: target / image.x, y: target / image.y };
  if (Math.min(wanted.x, wanted.y) < 1 / coarsest) {
    throw new GigatileError(
      'model-mismatch',
      `${manifest.name} was made for ${target} ${unit} per pixel; this image has ${round(image.x)} and lacks the detail`,
      {
        where: info.name,
        hint: `Use ${unit === 'm' ? 'an image' : 'a scan'} of higher resolution, or pass --mpp if the file says it wrong.`,
      },
    );
  }
  const shrunk = Math.max(info.width / wanted.x, info.height / wanted.y);
  if (shrunk < smallestImage) {
    throw new GigatileError(
      'model-mismatch',
      `${manifest.name} was made for ${target} ${unit} per pixel; at that the whole image, of ${round(image.x)} ${unit} per pixel, is ${
        shrunk < 1 ? 'less than one pixel' : `${Math.floor(shrunk)} px`
      } wide`,
      {
        where: info.name,
        hint: 'Choose a model for such images, or pass --mpp (µm per pixel) if the file says it wrong.',
      },
    );
  }
  const best = sameScaleAs(wanted, manifest, info);
  const deviation = best === undefined ? 0 : Math.abs(wanted.x / best.x - 1);
  const notes: string[] = [];
  if (deviation > 0.01) {
    notes.push(
      `The model was made for ${target} ${unit} per pixel; it is given ${round(image.x * (best?.x ?? 1))}, ${Math.round(
        deviation * 100,
      )} % off, without resampling.`,
    );
  }
  if (best === undefined && Math.min(wanted.x, wanted.y) < 1) {
    notes.push(
      `The image has ${round(image.x)} ${unit} per pixel and is enlarged to the model's ${target}: fine detail is missing.`,
    );
  }
  return { ...(best ?? wanted), notes };
}

/** A level whose pixels are near enough in size; none for a model that wants level 0 resized just as it was trained. */
function sameScaleAs(
  wanted: { x: number; y: number },
  { input }: ModelManifest,
  info: ImageInfo,
): { x: number; y: number } | undefined {
  if (input.resample === 'bilinear') return undefined;
  const near = (a: number, b: number): boolean => Math.abs(a / b - 1) <= sameScale;
  return [
    { x: 1, y: 1 },
    ...info.levels.slice(1).map((level) => ({ x: info.width / level.width, y: info.height / level.height })),
  ]
    .filter((c) => near(wanted.x, c.x) && near(wanted.y, c.y))
    .toSorted((a, b) => Math.abs(a.x / wanted.x - 1) - Math.abs(b.x / wanted.x - 1))[0];
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}
